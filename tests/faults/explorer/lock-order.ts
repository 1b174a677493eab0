import { currentActivity } from "./activity.ts";
import type { Scheduler } from "./scheduler.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What a statement locks, by its text. An order that it writes anew nobody can wait for before the commit. */
function locked(text: string): "new order" | "order" | "payment" | null {
  const words = text.replaceAll('"', "").replace(/\s+/g, " ");
  if (/\binsert into orders\.order\b(?!_)/.test(words)) return "new order";
  for (const table of ["order", "payment"] as const) {
    const name = table === "order" ? "orders\\.order" : "payments\\.payment";
    const isWritten = new RegExp(`\\b(update|insert into) ${name}\\b(?!_)`).test(words);
    const isHeld = new RegExp(`\\bfrom ${name}\\b(?!_).* for (no key )?update`).test(words);
    if (isWritten || isHeld) return table;
  }
  return null;
}

/** Watches that one transaction locks an order before any payment: see `lockOrder` in core's payments. */
export class LockOrder {
  /** Every id that has stood in a statement which locked an order. */
  readonly #orders = new Set<string>();
  #hasPayment = false;

  constructor(readonly scheduler: Scheduler) {}

  tell(text: string, parameters: readonly unknown[]): void {
    const table = locked(text);
    if (table === "payment") this.#hasPayment = true;
    if (table !== "order" && table !== "new order") return;
    const ids = parameters.flatMap((value) => (typeof value === "string" && UUID.test(value) ? [value] : []));
    if (table === "order" && this.#hasPayment && !ids.some((id) => this.#orders.has(id))) {
      this.scheduler.wrongs.push(`${currentActivity()?.name} locks an order after a payment: ${text.slice(0, 160)}`);
    }
    for (const id of ids) this.#orders.add(id);
  }
}
