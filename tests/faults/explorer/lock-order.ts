import { currentActivity } from "./activity.ts";
import type { Scheduler } from "./scheduler.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a statement changes or holds rows of a table that are there already, and so may wait for whoever has them. */
function locking(table: string): RegExp {
  const name = `${table.replace(".", "\\.")}\\b(?!_)`;
  return new RegExp(`\\bupdate ${name}|\\bfrom ${name}.* for (no key )?update`);
}

/** What many orders share, in the order in which it is locked: see "Who waits for whom" in ARCHITECTURE.md. A level is behind its item. */
const shared = ["inventory.stock_item", "carts.promotion", "payments.gift_card"].map((table) => {
  return { table, pattern: locking(table) };
});
const newOrder = /\binsert into orders\.order\b(?!_)/;
const newPayment = /\binsert into payments\.payment\b(?!_)/;
const [lockedOrder, lockedPayment] = [locking("orders.order"), locking("payments.payment")];

/** What a statement locks, by its text. An order that it writes anew nobody can wait for before the commit. */
function locked(words: string): "new order" | "order" | "payment" | null {
  if (newOrder.test(words)) return "new order";
  if (lockedOrder.test(words)) return "order";
  return lockedPayment.test(words) || newPayment.test(words) ? "payment" : null;
}

/** Watches that one transaction locks an order before any payment, and what many orders share in one order. */
export class LockOrder {
  /** Every id that has stood in a statement which locked an order. */
  readonly #orders = new Set<string>();
  readonly #shared = new Set<string>();
  #hasPayment = false;

  constructor(readonly scheduler: Scheduler) {}

  tell(text: string, parameters: readonly unknown[]): void {
    const words = text.replaceAll('"', "").replace(/\s+/g, " ");
    this.#tellShared(words);
    const table = locked(words);
    if (table === "payment") this.#hasPayment = true;
    if (table !== "order" && table !== "new order") return;
    const ids = parameters.flatMap((value) => (typeof value === "string" && UUID.test(value) ? [value] : []));
    if (table === "order" && this.#hasPayment && !ids.some((id) => this.#orders.has(id))) {
      this.scheduler.wrongs.push(`${currentActivity()?.name} locks an order after a payment: ${text.slice(0, 160)}`);
    }
    for (const id of ids) this.#orders.add(id);
  }

  #tellShared(words: string): void {
    for (const [at, { table, pattern }] of shared.entries()) {
      if (this.#shared.has(table) || !pattern.test(words)) continue;
      const later = shared.slice(at + 1).find((other) => this.#shared.has(other.table))?.table;
      if (later) {
        this.scheduler.wrongs.push(`${currentActivity()?.name} locks ${table} after ${later}: ${words.slice(0, 160)}`);
      }
      this.#shared.add(table);
    }
  }
}
