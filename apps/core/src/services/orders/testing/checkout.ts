import { startStripe } from "@stoa/devstack/stripe";
import { type CartId, type Clock, newId, type OrderId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { type Database, transact } from "../../../platform/db/index.ts";
import type { CustomerActor, ShopActor } from "../../../platform/rpc/index.ts";
import {
  defaultRetryPolicy,
  runSaga,
  type SagaEngineOptions,
  sagasOf,
  sweepSagas,
} from "../../../platform/saga/index.ts";
import { movableClock, testDatabase } from "../../../testing/index.ts";
import { plainOffers } from "../../../testing/plain-offers.ts";
import {
  type CartsDeps,
  createCart,
  ensureCartDefaults,
  getCart,
  listShippingMethods,
  updateCart,
} from "../../carts/index.ts";
import { ensureDefaultLocation, readAvailability, setStockLevels } from "../../inventory/index.ts";
import {
  createManualProvider,
  createPaymentVerbs,
  createStripeProvider,
  creditSource,
  type PaymentEventDeps,
  type PaymentsDeps,
} from "../../payments/index.ts";
import type { OrdersDeps } from "../deps.ts";
import { paymentEvents } from "../payment-events.ts";
import { type PlaceOrderRequest, placeOrder } from "../place-order.ts";
import { hasOrdered, readOrder } from "../queries.ts";
import { sagaPlans } from "../saga-plans.ts";
import type { OrderedPart } from "../stock-units.ts";

/** For tests that stand outside of this service. */
export { placeOrder } from "../place-order.ts";

export const guest: ShopActor = { kind: "guest" };
const SECRET = "sk_test_stoa";
export const PRICE = 2_500;

const address = { name: "Ada", line1: "Main St 1", city: "Berlin", postalCode: "10115", country: "DE" };

/** A shop with stock, prices and Stripe's stand-in, and the saga engine over it. Its queue is the test itself. */
export async function aShop() {
  const database = await testDatabase();
  const { db } = database;
  const clock = movableClock();
  const stripe = await startStripe({
    port: 0,
    dataDir: null,
    secretKey: SECRET,
    webhookSecret: "whsec_test",
    webhookUrl: null,
    faults: { seed: 1 },
  });
  const prices = new Map<string, number>();
  const kits = new Map<string, readonly OrderedPart[]>();
  const taxShares = new Map<string, TaxShares>();
  const carts: CartsDeps = {
    db,
    clock,
    shoppers: { groupsOf: async () => [], hasOrdered },
    credits: creditSource,
    findOffers: async ({ skus, currency }) => offers({ prices, kits, taxShares }, skus, currency),
  };
  const payments: PaymentEventDeps = {
    db,
    clock,
    returnOrigins: ["https://shop.example"],
    providers: new Map([
      ["manual", createManualProvider()],
      ["stripe", createStripeProvider({ apiUrl: stripe.url, secretKey: SECRET, clock, record: () => undefined })],
    ]),
    ...paymentEvents,
  };
  const orders: OrdersDeps = { db, clock, carts, payments, orderTokenSecret: "t".repeat(32) };
  await transact(db, async (tx) => {
    await ensureDefaultLocation({ tx, now: clock.now() });
    await ensureCartDefaults({ tx, now: clock.now() });
  });
  return {
    ...{ db, database, clock, stripe, prices, kits, taxShares, carts, payments, orders },
    engine: engineOf(db, clock, payments),
    async [Symbol.asyncDispose]() {
      await stripe.stop();
      await database[Symbol.asyncDispose]();
    },
  };
}

export type Shop = Awaited<ReturnType<typeof aShop>>;

interface Range {
  readonly prices: ReadonlyMap<string, number>;
  readonly kits: ReadonlyMap<string, readonly OrderedPart[]>;
  readonly taxShares: ReadonlyMap<string, TaxShares>;
}

type TaxShares = readonly { readonly taxClass: string; readonly worth: number }[];

function offers({ prices, kits, taxShares }: Range, skus: readonly string[], currency: string) {
  return new Map(
    [...plainOffers(prices, skus)].map(([sku, offer]) => {
      const unitPrice = currency === "USD" ? offer.unitPrice : null;
      const parts = kits.get(sku);
      const shares = taxShares.get(sku);
      return [sku, { ...offer, unitPrice, ...(parts && { parts }), ...(shares && { taxShares: shares }) }] as const;
    }),
  );
}

function engineOf(db: Database, clock: Clock, payments: PaymentsDeps): SagaEngineOptions {
  const verbs = createPaymentVerbs(payments);
  return {
    db,
    clock,
    plans: sagaPlans(verbs),
    random: () => 0.5,
    leaseMs: 30_000,
    retry: { ...defaultRetryPolicy, attemptsBeforePivot: 3 },
    observe: { turned: () => undefined, stepFailed: () => undefined, rested: () => undefined },
  };
}

/** A customer with an account, for orders and store credit. */
export function aCustomer(): CustomerActor {
  const customerId = newId("cus");
  return { kind: "customer", customerId, userId: customerId, email: "ada@example.com", emailVerified: true };
}

/** A SKU of its own with units on hand. */
export async function aSku(shop: Shop, onHand: number): Promise<string> {
  const sku = `SKU-${crypto.randomUUID().slice(0, 8).toUpperCase()}`;
  shop.prices.set(sku, PRICE);
  const now = shop.clock.now();
  await transact(shop.db, (tx) => setStockLevels({ tx, now }, { lines: [{ sku, onHand }] }));
  return sku;
}

/** A SKU of its own that is made of others. */
export function aKit(shop: Shop, parts: Readonly<Record<string, number>>): string {
  const sku = `KIT-${crypto.randomUUID().slice(0, 8).toUpperCase()}`;
  shop.prices.set(sku, PRICE);
  const made = Object.entries(parts).map(([part, quantity]) => {
    return { sku: part, title: `Thing ${part}`, quantity, trackInventory: true, allowBackorder: false };
  });
  shop.kits.set(sku, made);
  return sku;
}

/** A cart that lacks nothing for a checkout; a guest's unless somebody is named. */
export function aCart(shop: Shop, sku: string, quantity = 1, actor: ShopActor = guest): Promise<CartId> {
  return aCartOf(shop, [{ sku, quantity }], actor);
}

export async function aCartOf(
  shop: Shop,
  items: readonly { readonly sku: string; readonly quantity: number }[],
  actor: ShopActor = guest,
): Promise<CartId> {
  const now = shop.clock.now();
  return transact(shop.db, async (tx) => {
    const context = { tx, now, actor };
    const { id: cartId } = await createCart(shop.carts, { ...context, db: tx }, { currency: "USD", items: [...items] });
    const patch = { email: "ada@example.com", shippingAddress: address };
    await updateCart(shop.carts, context, { cartId, patch });
    const methods = await listShippingMethods(shop.carts, { db: tx, now, actor }, cartId);
    const shippingMethod = methods.items[0]?.id;
    if (!shippingMethod) throw new Error("no way to ship");
    await updateCart(shop.carts, context, { cartId, patch: { shippingMethod } });
    return cartId;
  });
}

export const card = (paymentMethod: string) => ({ provider: "stripe", paymentMethod }) as const;

/** Places an order without running its saga. */
export async function place(
  shop: Shop,
  cartId: CartId,
  more: Partial<PlaceOrderRequest> = {},
  actor: ShopActor = guest,
): Promise<OrderId> {
  const request = { cartId, patch: {}, payment: card("pm_card_visa"), idempotencyKey: crypto.randomUUID(), ...more };
  return (await placeOrder(shop.orders, actor, request)).orderId;
}

/** Runs the sagas of an order once, as a delivery would. */
export async function deliver(shop: Shop, orderId: OrderId): Promise<void> {
  for (const { id } of await sagasOf(shop.db, orderId)) await runSaga(shop.engine, id);
}

/** Lets time pass and the sweeper work until nothing is left to wake. */
export async function sweepUntilQuiet(shop: Shop): Promise<void> {
  for (let round = 0; round < 60; round += 1) {
    // Longer than the longest pause between two looks at a provider.
    shop.clock.advance(130_000);
    if ((await sweepSagas(shop.engine)).size === 0) return;
  }
  throw new Error("the sagas never came to rest");
}

const booksSchema = z.object({
  charges: z.array(
    z.object({
      status: z.string(),
      amount: z.int(),
      captured: z.int(),
      refunded: z.int(),
      held: z.int(),
      metadata: z.record(z.string(), z.string()),
    }),
  ),
});

/** Everything that a checkout can leave behind, in one look: order, units, and what the provider's own books say. */
export async function leftBehind(shop: Shop, orderId: OrderId, sku: string) {
  const { view } = await readOrder(shop.db, orderId);
  const books = booksSchema.parse(await (await fetch(`${shop.stripe.url}/_stoa/books`)).json());
  const charges = books.charges
    .filter((charge) => charge.metadata.orderId === orderId && charge.status === "succeeded")
    .map(({ amount, held, captured, refunded }) => ({
      state: held > 0 ? "held" : captured === 0 ? "released" : refunded > 0 ? "refunded" : "captured",
      amount,
    }));
  const [stock] = await shop.db.execute(sql`select coalesce(sum(reserved), 0)::int as reserved,
    coalesce(sum(allocated), 0)::int as allocated from inventory.stock_level where sku = ${sku}`);
  return { view, charges, reserved: Number(stock?.reserved), allocated: Number(stock?.allocated) };
}

export async function available(shop: Shop, sku: string): Promise<number> {
  return (await readAvailability({ db: shop.db }, [sku])).get(sku)?.available ?? 0;
}

export async function cartState(shop: Shop, cartId: CartId): Promise<string> {
  return (await getCart(shop.carts, { db: shop.db, now: shop.clock.now(), actor: guest }, cartId)).state;
}
