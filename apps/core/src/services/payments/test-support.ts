import { type StripeStandIn, startStripe } from "@stoa/devstack/stripe";
import { type Clock, type Instant, type Money, money, newId, type OrderId, systemClock } from "@stoa/kernel";
import { eq, sql } from "drizzle-orm";
import { type Database, transact } from "../../platform/db/index.ts";
import { testDatabase } from "../../testing/index.ts";
import type { PaymentEventDeps, RemoteVerb, VerbContext } from "./attempt.ts";
import type { Authorization } from "./authorize-payment.ts";
import { createCallLog } from "./call-log.ts";
import type { ProviderName } from "./payment.ts";
import { perform } from "./perform.ts";
import { createManualProvider } from "./providers/manual.ts";
import type { PaymentMethodChoice, PaymentProvider } from "./providers/provider.ts";
import { createStripeProvider } from "./providers/stripe.ts";
import { createStripeClient } from "./providers/stripe-client.ts";
import { ledgerEntry, payment } from "./tables.ts";
import { createPaymentVerbs, type PaymentVerbs } from "./verbs.ts";

export const STRIPE_SECRET = "sk_test_stoa";
export const STRIPE_WEBHOOK_SECRET = "whsec_test_stoa";
export const SHOP_ORIGIN = "https://shop.example";

export interface TestShop extends AsyncDisposable {
  readonly db: Database;
  readonly deps: PaymentEventDeps;
  /** Orders about whose payments others were told, in order. */
  readonly told: OrderId[];
  readonly verbs: PaymentVerbs;
  readonly stripe: StripeStandIn;
  /** Stripe's own books, asked over the wire. */
  readonly stripeClient: ReturnType<typeof createStripeClient>;
  readonly drainCalls: () => Promise<void>;
}

export interface TestShopOptions {
  readonly clock?: Clock;
  /** Further providers, by name. */
  readonly providers?: readonly PaymentProvider[];
}

/** A shop of its own: a fresh database, a Stripe stand-in with fault knobs, and the verbs over both. */
export async function testShop({ clock = systemClock, providers = [] }: TestShopOptions = {}): Promise<TestShop> {
  const database = await testDatabase();
  const stripe = await startStripe({
    port: 0,
    dataDir: null,
    faults: { seed: 1 },
    secretKey: STRIPE_SECRET,
    webhookSecret: STRIPE_WEBHOOK_SECRET,
    webhookUrl: null,
  });
  const { db } = database;
  const log = createCallLog({
    db,
    clock,
    onLost: (_, error) => {
      throw error;
    },
  });
  const credentials = { apiUrl: stripe.url, secretKey: STRIPE_SECRET };
  const all = [
    createManualProvider(),
    createStripeProvider({ ...credentials, clock, record: log.record }),
    ...providers,
  ];
  const told: OrderId[] = [];
  const deps: PaymentEventDeps = {
    db,
    clock,
    providers: new Map<ProviderName, PaymentProvider>(all.map((provider) => [provider.name, provider])),
    returnOrigins: [SHOP_ORIGIN],
    onPaymentEvent: async ({ orderId }) => {
      told.push(orderId);
    },
  };
  return {
    db,
    deps,
    told,
    verbs: createPaymentVerbs(deps),
    stripe,
    stripeClient: createStripeClient(credentials),
    drainCalls: log.drain,
    async [Symbol.asyncDispose]() {
      await log.drain();
      await stripe.stop();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Does a verb up to its call, as a process does that is killed before its second transaction. */
export async function crashAfterCall<C extends VerbContext, I, P, R, O>(
  { deps: { db, clock } }: Pick<TestShop, "deps">,
  verb: RemoteVerb<C, I, P, R, O>,
  context: (base: VerbContext) => C,
  input: I,
): Promise<void> {
  const prepared = await transact(db, (tx) => verb.prepare(context({ tx, now: clock.now() }), input));
  await verb.call(prepared);
}

export const plain = (base: VerbContext): VerbContext => base;
export const keyed = (key: string) => (base: VerbContext) => ({ ...base, key });
export const timed = (key: string, deadlineAt: Instant | null) => (base: VerbContext) => ({ ...base, key, deadlineAt });

export interface TestOrder {
  readonly orderId: OrderId;
  readonly key: string;
  readonly amount: Money;
  readonly method: PaymentMethodChoice;
}

export function testOrder(
  method: PaymentMethodChoice = { provider: "stripe", paymentMethod: "pm_card_visa" },
): TestOrder {
  const orderId = newId("ord");
  return { orderId, key: `${newId("saga")}/payment`, amount: money(5_200, "USD"), method };
}

export function authorize(
  { deps, verbs }: TestShop,
  { key, ...input }: TestOrder,
  deadlineAt: Instant | null = null,
): Promise<Authorization> {
  return perform(deps, { verb: verbs.authorizePayment, context: timed(key, deadlineAt), input });
}

export function release({ deps, verbs }: TestShop, { orderId }: TestOrder) {
  return perform(deps, { verb: verbs.voidAuthorization, context: plain, input: { orderId } });
}

export function capture({ deps, verbs }: TestShop, { orderId }: TestOrder, byStaff = false) {
  return perform(deps, { verb: verbs.capturePayment, context: plain, input: { orderId, byStaff } });
}

export function refund({ deps, verbs }: TestShop, { orderId }: TestOrder, key: string, amount: Money) {
  const input = { orderId, amount, reason: null };
  return perform(deps, { verb: verbs.refundPayment, context: keyed(key), input });
}

export async function paymentRow(shop: TestShop, order: TestOrder) {
  const [row] = await shop.db.select().from(payment).where(eq(payment.orderId, order.orderId));
  if (!row) throw new Error("no payment");
  return row;
}

/** Balances of the ledger by account, zero ones left out. */
export async function balances(shop: TestShop): Promise<Record<string, number>> {
  const rows = await shop.db
    .select({ account: ledgerEntry.account, balance: sql<string>`sum(${ledgerEntry.amount})` })
    .from(ledgerEntry)
    .groupBy(ledgerEntry.account);
  return Object.fromEntries(
    rows.flatMap(({ account, balance }) => (balance === "0" ? [] : [[account, Number(balance)]])),
  );
}
