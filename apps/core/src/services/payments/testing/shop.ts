import { type PaypalStandIn, startPaypal } from "@stoa/devstack/paypal";
import { type StripeStandIn, startStripe } from "@stoa/devstack/stripe";
import {
  type Clock,
  type CustomerId,
  type Instant,
  type Money,
  money,
  newId,
  type OrderId,
  type PaymentRequestId,
  systemClock,
} from "@stoa/kernel";
import { eq, sql } from "drizzle-orm";
import { type Database, transact } from "../../../platform/db/index.ts";
import { testDatabase } from "../../../testing/index.ts";
import type { PaymentEventDeps, RemoteVerb, VerbContext } from "../attempt.ts";
import type { Authorization } from "../authorize-payment.ts";
import { createCallLog } from "../call-log.ts";
import type { CaptureOfOrder } from "../capture-order.ts";
import type { ProviderName } from "../payment.ts";
import { perform } from "../perform.ts";
import { createManualProvider } from "../providers/manual.ts";
import { createPaypalProvider, type PaypalProvider } from "../providers/paypal.ts";
import type { PaymentMethodChoice, PaymentProvider } from "../providers/provider.ts";
import { createStripeProvider } from "../providers/stripe.ts";
import { createStripeClient } from "../providers/stripe-client.ts";
import { ledgerEntry, payment } from "../tables.ts";
import { createPaymentVerbs, type PaymentVerbs } from "../verbs.ts";

export const STRIPE_SECRET = "sk_test_stoa";
export const STRIPE_WEBHOOK_SECRET = "whsec_test_stoa";
export const PAYPAL_WEBHOOK_ID = "WH-STOA";
export const SHOP_ORIGIN = "https://shop.example";

/** The inbox, for tests that stand outside of this service. */
export { providerEvent } from "../tables.ts";

export interface TestShop extends AsyncDisposable {
  readonly db: Database;
  readonly deps: PaymentEventDeps;
  /** Orders about whose payments others were told, in order. */
  readonly told: OrderId[];
  /** Requests that were paid, in order. */
  readonly paid: PaymentRequestId[];
  readonly verbs: PaymentVerbs;
  readonly stripe: StripeStandIn;
  readonly paypal: PaypalStandIn;
  readonly paypalProvider: PaypalProvider;
  /** Stripe's own books, asked over the wire. */
  readonly stripeClient: ReturnType<typeof createStripeClient>;
  readonly drainCalls: () => Promise<void>;
}

export interface TestShopOptions {
  readonly clock?: Clock;
  /** Where the stand-ins deliver their events: below it, `/stripe` and `/paypal`. */
  readonly webhookBase?: string;
}

/** A shop of its own: a fresh database, stand-ins for both providers with fault knobs, and the verbs over all three. */
export async function testShop({ clock = systemClock, webhookBase }: TestShopOptions = {}): Promise<TestShop> {
  const database = await testDatabase();
  const standIn = { port: 0, dataDir: null, faults: { seed: 1 } };
  const webhookUrl = (name: string) => (webhookBase === undefined ? null : `${webhookBase}/${name}`);
  const [stripe, paypal] = await Promise.all([
    startStripe({
      ...standIn,
      secretKey: STRIPE_SECRET,
      webhookSecret: STRIPE_WEBHOOK_SECRET,
      webhookUrl: webhookUrl("stripe"),
    }),
    startPaypal({
      ...standIn,
      clientId: "stoa",
      clientSecret: "stoa-secret",
      webhookId: PAYPAL_WEBHOOK_ID,
      webhookUrl: webhookUrl("paypal"),
    }),
  ]);
  const { db } = database;
  const log = createCallLog({
    db,
    clock,
    gatherMs: 0,
    onLost: (_, error) => {
      throw error;
    },
  });
  const credentials = { apiUrl: stripe.url, secretKey: STRIPE_SECRET };
  const paypalProvider = createPaypalProvider({
    apiUrl: paypal.url,
    clientId: "stoa",
    clientSecret: "stoa-secret",
    clock,
    record: log.record,
  });
  const all = [
    createManualProvider(),
    createStripeProvider({ ...credentials, clock, record: log.record }),
    paypalProvider,
  ];
  const told: OrderId[] = [];
  const paid: PaymentRequestId[] = [];
  const deps: PaymentEventDeps = {
    db,
    clock,
    providers: new Map<ProviderName, PaymentProvider>(all.map((provider) => [provider.name, provider])),
    returnOrigins: [SHOP_ORIGIN],
    onPaymentEvent: async ({ orderId }) => {
      told.push(orderId);
    },
    lockOrder: async () => undefined,
    dueOfOrder: async () => null,
    onRequestPaid: async (_context, { requestId }) => {
      paid.push(requestId);
    },
  };
  return {
    db,
    deps,
    told,
    paid,
    verbs: createPaymentVerbs(deps),
    stripe,
    paypal,
    paypalProvider,
    stripeClient: createStripeClient(credentials),
    drainCalls: log.drain,
    async [Symbol.asyncDispose]() {
      await log.drain();
      await Promise.all([stripe.stop(), paypal.stop()]);
      await database[Symbol.asyncDispose]();
    },
  };
}

/** The first transaction of an authorization, and no more: the provider has not been called. */
export function prepareAuthorization(
  { deps: { db, clock }, verbs }: Pick<TestShop, "deps" | "verbs">,
  { key, ...input }: TestOrder,
) {
  return transact(db, (tx) => verbs.authorizePayment.prepare({ tx, now: clock.now(), key, deadlineAt: null }, input));
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
export const timed = (key: string, deadlineAt: Instant | null) => (base: VerbContext) => ({ ...base, key, deadlineAt });

export interface TestOrder {
  readonly orderId: OrderId;
  readonly key: string;
  readonly amount: Money;
  readonly method: PaymentMethodChoice;
  /** Nobody is signed in when left out. */
  readonly customer?: { readonly customerId: CustomerId };
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

export function refund({ deps, verbs }: TestShop, { orderId }: TestOrder, cause: string, amount: Money) {
  const input = { orderId, amount, reason: null, cause };
  return perform(deps, { verb: verbs.refundOrder, context: plain, input });
}

export function captureOf(
  { deps, verbs }: TestShop,
  { orderId }: TestOrder,
  input: Pick<CaptureOfOrder, "amount" | "cause" | "byStaff">,
) {
  return perform(deps, { verb: verbs.captureOrder, context: plain, input: { orderId, ...input } });
}

export async function paymentRow(shop: TestShop, order: TestOrder) {
  const [row] = await shop.db.select().from(payment).where(eq(payment.orderId, order.orderId));
  if (!row) throw new Error("no payment");
  return row;
}

/** Every intent that Stripe knows for an order, with what it holds and has taken. */
export async function intentsOf({ stripeClient }: TestShop, { orderId }: TestOrder) {
  const { data } = await stripeClient.paymentIntents.search({ query: `metadata["orderId"]:"${orderId}"` });
  return data.map(({ status, amount_capturable, amount_received }) => ({ status, amount_capturable, amount_received }));
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

/** What a shopper's browser does on a stand-in's page. */
export async function decide(url: string, decision: "pay" | "decline" | "cancel"): Promise<void> {
  const answer = await fetch(url, { method: "POST", body: new URLSearchParams({ decision }), redirect: "manual" });
  if (answer.status >= 400) throw new Error(`the page answered ${answer.status}`);
}

const EVENTUALLY_MS = 30_000;

/** Waits until `check` no longer throws, and gives what it returns. */
export async function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  const deadline = Date.now() + EVENTUALLY_MS;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await Bun.sleep(10);
    }
  }
}
