import { type ExplorableCore, fillExplorableCart, viewOfOrder } from "@stoa/core/testing";
import type { CartId, Instant, OrderId } from "@stoa/kernel";
import { drizzle } from "drizzle-orm/postgres-js";
import type { DeskOrder } from "./desk.ts";
import type { Outcome } from "./outcome.ts";
import type { Scenario, Shopper } from "./scenario.ts";
import type { World } from "./world.ts";

const ASKS_AGAIN_MS = 400;
const ASKS_MAX = 40;
const LOOKS_MS = 1_500;
const LOOKS_MAX = 60;

/** The shoppers of a seed: what they do, and whether what they were told was true. */
export class Shoppers {
  /** What a shopper was told and should not have been. */
  readonly complaints: string[] = [];
  readonly #orders = new Map<string, OrderId>();
  readonly #carts = new Map<Shopper, CartId>();
  readonly #db;

  constructor(readonly world: World) {
    this.#db = drizzle(world.options.own);
  }

  /** Fills every cart; nothing of this is explored. */
  async prepare({ shoppers, prices }: Scenario): Promise<void> {
    const now = this.world.scheduler.now as Instant;
    for (const shopper of shoppers) {
      this.#carts.set(shopper, await fillExplorableCart(this.#db, now, shopper, prices));
    }
  }

  /** Sets off everybody. */
  enter(): void {
    const { scheduler } = this.world;
    for (const [shopper, cartId] of this.#carts) {
      for (const { atMs, key } of shopper.clicks) {
        scheduler.at(atMs, `${shopper.name} clicks`, () => this.#checkout(shopper, { cartId, key, asked: 0 }));
      }
      const { cancelsAtMs, editsAtMs, lines } = shopper;
      if (cancelsAtMs !== null) scheduler.at(cancelsAtMs, `${shopper.name} cancels`, () => this.#cancel(shopper, 0));
      const [line] = lines;
      if (editsAtMs !== null && line) {
        scheduler.at(editsAtMs, `${shopper.name} edits`, () => {
          this.#ask(
            shopper,
            "edit",
            (core) => core.setQuantity(cartId, line.sku, 3),
            () => undefined,
          );
        });
      }
    }
  }

  /** The order that a shopper was told of, with a SKU that stands in it. */
  orderOf(name: string): DeskOrder | null {
    const orderId = this.#orders.get(`${name} key`);
    const sku = [...this.#carts.keys()].find((shopper) => shopper.name === name)?.lines[0]?.sku;
    return orderId && sku ? { orderId, sku } : null;
  }

  /** Whether somebody has yet to decide at the provider's page. */
  async undecided(): Promise<OrderId[]> {
    const views = await Promise.all([...new Set(this.#orders.values())].map((id) => viewOfOrder(this.#db, id)));
    return views
      .filter((view) => view.state === "pending" && view.payment.nextAction)
      .map((view) => view.id as OrderId);
  }

  #ask<Result>(
    shopper: Shopper,
    what: string,
    call: (core: ExplorableCore) => Promise<Result>,
    then: (outcome: Outcome<Result>) => void,
  ): void {
    this.world.request(`${shopper.name} ${what}`, call, then);
  }

  #checkout(shopper: Shopper, ask: { readonly cartId: CartId; readonly key: string; readonly asked: number }): void {
    const { cartId, key, asked } = ask;
    const { payment } = shopper;
    const again = () => {
      const next = { cartId, key, asked: asked + 1 };
      if (asked >= ASKS_MAX) this.complaints.push(`${shopper.name} never got an answer`);
      else this.world.scheduler.at(ASKS_AGAIN_MS, `${shopper.name} asks again`, () => this.#checkout(shopper, next));
    };
    this.#ask(
      shopper,
      "checkout",
      (core) => core.placeOrder({ cartId, payment, idempotencyKey: key }),
      (outcome) => {
        if (outcome.kind === "silence") {
          again();
          return;
        }
        this.world.scheduler.note(`${shopper.name} hears ${outcome.kind === "refusal" ? outcome.code : "an order"}`);
        if (outcome.kind === "answer") this.#placed(shopper, key, outcome.value.orderId);
      },
    );
  }

  #placed(shopper: Shopper, key: string, orderId: OrderId): void {
    const before = this.#orders.get(key);
    if (before !== undefined && before !== orderId) this.complaints.push(`${key} was answered with two orders`);
    this.#orders.set(key, orderId);
    const isSentAway =
      shopper.payment.provider === "paypal" || shopper.payment.paymentMethod === "pm_card_authenticationRequired";
    if (isSentAway) this.#look(shopper, orderId, 0);
  }

  #cancel(shopper: Shopper, asked: number): void {
    const orderId = this.#orders.get(`${shopper.name} key`);
    const again = () => {
      if (asked < ASKS_MAX) {
        this.world.scheduler.at(ASKS_AGAIN_MS, `${shopper.name} cancels again`, () => this.#cancel(shopper, asked + 1));
      }
    };
    if (!orderId) {
      again();
      return;
    }
    this.#ask(
      shopper,
      "cancel",
      async (core) => void (await core.cancelOrder(orderId)),
      (outcome) => {
        if (outcome.kind === "silence") again();
        else this.world.scheduler.note(`${shopper.name} cancelled: ${outcome.kind}`);
      },
    );
  }

  /** A shopper who has to pass 3-D Secure, or to approve at PayPal, looks at the order until the page is there, and decides, or leaves. */
  #look(shopper: Shopper, orderId: OrderId, looked: number): void {
    const { scheduler, news } = this.world;
    if (shopper.decision === "leave") return;
    scheduler.at(LOOKS_MS, `${shopper.name} looks`, () => {
      scheduler.spawn(
        `${shopper.name} looks`,
        null,
        async () => {
          const view = await scheduler.inFlight(() => viewOfOrder(this.#db, orderId));
          await scheduler.gate("decides");
          const action = view.payment.nextAction;
          if (view.state !== "pending") return;
          if (action?.type !== "redirect") {
            if (looked < LOOKS_MAX) this.#look(shopper, orderId, looked + 1);
            return;
          }
          const body = new URLSearchParams({ decision: shopper.decision });
          await scheduler.inFlight(async () => {
            await this.world.realFetch(action.url, { method: "POST", body, redirect: "manual" });
            await news.collect();
          });
          await scheduler.gate("decided");
        },
        (error) => this.complaints.push(`${shopper.name} could not look: ${String(error)}`),
      );
    });
  }
}
