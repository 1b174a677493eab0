import type { CartId, Clock, OrderId, SagaId } from "@stoa/kernel";
import { type Database, transact } from "../platform/db/index.ts";
import { consumeOnce, type Forward, type OutboxRow, Relay } from "../platform/outbox/index.ts";
import {
  type BegunSaga,
  defaultRetryPolicy,
  runSaga,
  SagaCarrier,
  type SagaEngineOptions,
  sagaRun,
  sweepSagas,
} from "../platform/saga/index.ts";
import { setQuantity } from "../services/carts/index.ts";
import { expireReservations } from "../services/inventory/index.ts";
import { expireChanges, fatesOfOrders, type OrdersDeps, paymentEvents, sagaPlans } from "../services/orders/index.ts";
import { deskContext, openDesk } from "../services/orders/testing/desk.ts";
import { cancelOrder, orderAccessToken, placeOrder, readOrder } from "../services/orders/testing/verbs.ts";
import {
  applyProviderEvent,
  applyProviderEvents,
  createManualProvider,
  createPaymentsRouter,
  createPaymentVerbs,
  createPaypalProvider,
  createStripeProvider,
  expirePayments,
  type PaymentEventDeps,
  type PaymentMethodChoice,
  type PaymentProvider,
  type ProviderName,
  settleKnownEvent,
  sweepCaptures,
  sweepRefunds,
  sweepStranded,
  type TakenEvent,
  takeProviderEvent,
} from "../services/payments/index.ts";
import { cartsOf, guest } from "./explorable-shop.ts";

// What core is made of, for a harness that stands outside and decides when each piece of it goes on.

export { migrateDatabase } from "../platform/db/index.ts";
export { type OutboxRow, onOutboxCommit } from "../platform/outbox/index.ts";
export { settingsClock } from "../platform/settings/index.ts";
export { type ExplorableShop, fillExplorableCart, openExplorableShop } from "./explorable-shop.ts";

export interface ExplorableOptions {
  /** Every wait for Postgres goes through this handle. */
  readonly db: Database;
  readonly clock: Clock;
  readonly random: () => number;
  readonly stripe: { readonly url: string; readonly secretKey: string; readonly requestsPerSecond?: number };
  /** Left out, the shop takes no PayPal. */
  readonly paypal?: { readonly url: string; readonly clientId: string; readonly clientSecret: string } | undefined;
  /** Prices in cents by SKU. */
  readonly prices: ReadonlyMap<string, number>;
  readonly publish: (row: OutboxRow) => Promise<void>;
  /** Whether a placed order's saga is carried on at once, and what lets it go on beside whoever placed it. */
  readonly hasRoom: () => boolean;
  readonly carry: (work: () => Promise<void>) => void;
  readonly failed: (what: string, error: unknown) => void;
}

export interface ExplorableDelivery {
  readonly id: string;
  readonly type: string;
  readonly key: string;
  readonly payload: unknown;
}

/** Carries sagas as core does, at the harness's word. */
class ExploredCarrier extends SagaCarrier {
  readonly #options: Pick<ExplorableOptions, "hasRoom" | "carry">;

  constructor(engine: SagaEngineOptions, options: Pick<ExplorableOptions, "hasRoom" | "carry">) {
    super({ engine, atOnceMax: 1, failed: () => undefined });
    this.#options = options;
  }

  override get hasRoom(): boolean {
    return this.#options.hasRoom();
  }

  override carry(begun: BegunSaga): void {
    this.#options.carry(async () => void (await begun.goOn()));
  }

  override run(id: SagaId): void {
    this.#options.carry(async () => void (await runSaga(this.engine, id)));
  }
}

/** The same numbers as core's own composition. */
const LEASE_MS = 45_000;
/**
 * A sweep is one activity of the explorer, whose steps a seed can only order while it does one thing at a time. Sagas side by side it has
 * all the same: each delivery, each carried saga and the sweep of the other core are activities of their own.
 */
const ONE_BY_ONE = { atOnceMax: 1 };
const RELAY = { claimMs: 15_000, attemptsMax: 20 };

export type ExplorableCore = ReturnType<typeof composeExplorable>;

/** One life of core without doors, Redis or MongoDB: its memory is what this returns, and goes with it. */
export function composeExplorable(options: ExplorableOptions) {
  const { db, clock } = options;
  const payments = paymentsOf(options);
  const carts = cartsOf(db, clock, options.prices);
  const engine = engineOf(options, payments);
  const carrier = new ExploredCarrier(engine, options);
  const orders: OrdersDeps = { db, clock, carts, payments, carrier, orderTokenSecret: "t".repeat(32) };
  return {
    placeOrder: (request: { cartId: CartId; payment: PaymentMethodChoice; idempotencyKey: string }) =>
      placeOrder(orders, guest, { ...request, patch: {} }),
    cancelOrder: (orderId: OrderId) =>
      cancelOrder(orders, guest, { orderId, accessToken: orderAccessToken(orders.orderTokenSecret, orderId) }),
    /** The staff's desk, for one idempotency key. */
    desk: (idempotencyKey: string) => ({
      ...openDesk(orders)(idempotencyKey),
      money: createPaymentsRouter(payments).createCaller(deskContext(orders, idempotencyKey)),
    }),
    setQuantity: (cartId: CartId, sku: string, quantity: number) =>
      transact(db, (tx) => setQuantity(carts, { tx, now: clock.now(), actor: guest }, { cartId, sku, quantity })),
    deliver: (delivery: ExplorableDelivery) => deliver(options, engine, delivery),
    /** Carries fresh rows as the process that committed them does. */
    async relay(rows: readonly OutboxRow[]): Promise<void> {
      const relay = relayOf(options);
      relay.take(rows);
      await relay.idle();
    },
    storeEvent: (rawBody: string, provider: ProviderName = "stripe") =>
      takeProviderEvent(payments, { provider, rawBody, verdict: "signature_valid" }),
    async applyEvent(taken: TakenEvent): Promise<void> {
      if (taken.isAnswerDue && (await settleKnownEvent(payments, taken))) return;
      await applyProviderEvent(payments, taken.id);
    },
    /** Every sweep with its beat in milliseconds. */
    sweeps: {
      outbox: { everyMs: 1_000, run: () => sweepOutbox(options) },
      sagas: { everyMs: 1_000, run: () => sweepSagas(engine, ONE_BY_ONE) },
      "provider events": { everyMs: 2_000, run: () => applyProviderEvents(payments) },
      payments: { everyMs: 15_000, run: () => expirePayments(payments) },
      captures: { everyMs: 60_000, run: () => sweepCaptures(payments) },
      refunds: { everyMs: 60_000, run: () => sweepRefunds(payments) },
      "stranded money": { everyMs: 30_000, run: () => sweepStranded(payments, (ids) => fatesOfOrders(db, ids)) },
      "order edits": { everyMs: 30_000, run: () => expireChanges({ db, now: clock.now() }) },
      reservations: { everyMs: 5_000, run: () => expireReservations({ db, now: clock.now() }) },
    },
  };
}

async function sweepOutbox(options: ExplorableOptions): Promise<void> {
  const relay = relayOf(options);
  await relay.sweep();
  await relay.idle();
}

function relayOf({ db, clock, publish, failed }: ExplorableOptions): Relay {
  const projection: Forward = async () => undefined;
  const queue: Forward = async (rows) => {
    for (const row of rows) await publish(row);
  };
  return new Relay({
    db,
    clock,
    ...RELAY,
    forward: { queue, projection },
    observe: {
      sent: () => undefined,
      failed: (channel, _rows, error) => failed(`outbox ${channel}`, error),
      deadLettered: (row, error) => failed(`dead letter ${row.type}`, error),
    },
  });
}

function paymentsOf({ db, clock, stripe, paypal }: ExplorableOptions): PaymentEventDeps {
  const { url: apiUrl, secretKey, requestsPerSecond } = stripe;
  const watched = { clock, record: () => undefined, nowMs: () => clock.now() };
  const options = { apiUrl, secretKey, requestsPerSecond, ...watched };
  const wallet = paypal && createPaypalProvider({ apiUrl: paypal.url, ...paypal, ...watched });
  return {
    db,
    clock,
    returnOrigins: ["https://shop.example"],
    providers: new Map<ProviderName, PaymentProvider>([
      ["manual", createManualProvider()],
      ["stripe", createStripeProvider(options)],
      ...(wallet ? [[wallet.name, wallet] as const] : []),
    ]),
    ...paymentEvents,
  };
}

function engineOf({ db, clock, random, failed }: ExplorableOptions, payments: PaymentEventDeps): SagaEngineOptions {
  const verbs = createPaymentVerbs(payments);
  return {
    db,
    clock,
    plans: sagaPlans(verbs),
    random,
    leaseMs: LEASE_MS,
    retry: defaultRetryPolicy,
    observe: {
      turned: () => undefined,
      stepFailed: ({ step, error }) => failed(`step ${step}`, error),
      rested: () => undefined,
    },
  };
}

/** As core's webhook: a saga is run; what must count once goes through the inbox. */
async function deliver({ db, clock }: ExplorableOptions, engine: SagaEngineOptions, delivery: ExplorableDelivery) {
  if (delivery.type === "saga.run") {
    await runSaga(engine, sagaRun.schema.parse(delivery.payload).sagaId);
    return;
  }
  const { id: messageId, type } = delivery;
  await consumeOnce(db, { consumer: `explorer:${type}`, messageId, now: clock.now() }, async () => undefined);
}

/** How an order stands, as its shopper sees it. */
export async function viewOfOrder(db: Database, orderId: OrderId) {
  return (await readOrder(db, orderId)).view;
}

// The engine's own decisions, for a run of them without any database.
export { done, type ErasedStep, type Outcome, refused, type SagaPlan, saga } from "../platform/saga/index.ts";
export { applyOutcome, applyUndone, begin, nextUnit, type Progress } from "../platform/saga/progress.ts";
export type { SagaState } from "../platform/tables.ts";
