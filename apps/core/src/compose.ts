import type { Clock } from "@stoa/kernel";
import type { Logger, Metrics } from "@stoa/runtime";
import { serverNameOf } from "./clients.ts";
import { composeAuth } from "./compose-auth.ts";
import { composeNotifications } from "./compose-notifications.ts";
import type { CoreConfig } from "./config.ts";
import { type Connections, connect } from "./connect.ts";
import { createObservers, type Observers } from "./observe.ts";
import { failureLog } from "./observe-failures.ts";
import { createOutsideQuotes } from "./outside-quotes.ts";
import { readFieldsFresh } from "./platform/custom-fields/index.ts";
import { onOutboxCommit, Relay, retellProjections } from "./platform/outbox/index.ts";
import { defaultRetryPolicy, SagaCarrier, type SagaEngineOptions } from "./platform/saga/index.ts";
import { createProjections, type Projections, readShop, SearchIndex } from "./projections/index.ts";
import { createOrderProjection } from "./projections/order-view.ts";
import { createProviders } from "./providers.ts";
import type { CartsDeps } from "./services/carts/index.ts";
import { catalogSource, findOffers } from "./services/catalog/index.ts";
import { readAvailability } from "./services/inventory/index.ts";
import {
  createOrderFeed,
  createSettledOrders,
  hasOrdered,
  paymentEvents,
  readOrders,
  type SettledOrders,
  sagaPlans,
} from "./services/orders/index.ts";
import {
  createPaymentVerbs,
  creditSource,
  type PaymentEventDeps,
  type PaymentVerbs,
} from "./services/payments/index.ts";
import { groupsOf, readKeyRing } from "./services/users/index.ts";
import { createPublisher } from "./webhooks/qstash.ts";

export interface ComposeOptions {
  readonly config: CoreConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Everything that core is made of, but for its doors and its sweeps. The command line composes the same. */
export type Composition = Awaited<ReturnType<typeof compose>>;

/** Longer than the calls outside of any step take together. */
const LEASE_MS = 45_000;
/** Orders that wait for a payment provider at once; more wait in the queue, and every core takes its share. */
const SAGAS_CARRIED_MAX = 64;
const RELAY_ATTEMPTS_MAX = 20;
const RELAY_CLAIM_MS = 15_000;
/** A mark only spares the sweep a look; no other core touches the row before its claim is over. */
const RELAY_MARK_AFTER_MS = 100;

/** Opens every client and wires the services to each other. Nothing is listened to and nothing is swept yet. */
export async function compose(options: ComposeOptions) {
  const { config, clock, logger } = options;
  const observers = createObservers(logger, options.metrics);
  const connections = await connect(config, logger, observers.database);
  const { db } = connections;
  const { providers, standings, paypal, callLog } = createProviders({ ...options, db });
  const payments: PaymentEventDeps = {
    db,
    clock,
    providers,
    returnOrigins: [config.PUBLIC_URL, ...config.STOREFRONT_ORIGINS].map((url) => new URL(url).origin),
    ...paymentEvents,
  };
  const verbs = createPaymentVerbs(payments);
  const engine = composeEngine(options, { connections, verbs, observers });
  const carrier = new SagaCarrier({
    engine,
    atOnceMax: SAGAS_CARRIED_MAX,
    failed: (sagaId, error) => logger.error("a saga could not be carried on", { sagaId, error }),
  });
  const settledOrders = createSettledOrders();
  const projections = composeProjections(options, connections);
  const relay = composeRelay(options, { connections, projections, observers, settledOrders });
  const notifications = composeNotifications(options, connections, observers.mail);
  const { catalog } = connections;
  const carts: CartsDeps = {
    db,
    clock,
    findOffers: (question) => findOffers({ catalog }, question),
    shoppers: { groupsOf, hasOrdered },
    credits: creditSource,
    ...createOutsideQuotes(options),
  };
  return {
    ...connections,
    observers,
    paypal,
    payments,
    standings,
    projections,
    relay,
    carts,
    orders: { db, clock, carts, payments, orderTokenSecret: config.ORDER_TOKEN_SECRET, carrier },
    settledOrders,
    orderFeed: createOrderFeed(connections.subscriber),
    engine,
    notifications,
    ...composeAuth(options, connections, notifications),
    async [Symbol.asyncDispose]() {
      await carrier.idle();
      await projections.idle();
      await relay.idle();
      await notifications[Symbol.asyncDispose]();
      await callLog.drain();
      onOutboxCommit(() => undefined);
      await connections[Symbol.asyncDispose]();
    },
  };
}

function composeProjections({ config, clock, logger }: ComposeOptions, { db, redis, catalog }: Connections) {
  return createProjections({
    redis,
    clock,
    index: new SearchIndex({ url: config.TYPESENSE_URL, apiKey: config.TYPESENSE_API_KEY }),
    source: catalogSource(catalog),
    stock: async (skus) => [...(await readAvailability({ db }, skus))].map(([sku, stock]) => ({ sku, ...stock })),
    shop: () => readShop(db),
    fields: () => readFieldsFresh(db),
    keyRing: () => readKeyRing(db),
    server: serverNameOf(redis),
    retell: (since) => retellProjections(db, since),
    ...failureLog(logger, {
      level: "warn",
      failed: "a projection failed and will be tried again",
      over: "a projection succeeds again",
      named: "work",
    }),
  });
}

interface RelayParts {
  readonly connections: Connections;
  readonly projections: Projections;
  readonly observers: Observers;
  readonly settledOrders: SettledOrders;
}

/** The relay takes what this process commits from here on. */
function composeRelay({ config, clock }: ComposeOptions, parts: RelayParts): Relay {
  const { connections, projections, observers, settledOrders } = parts;
  const { db, redis } = connections;
  const orderView = createOrderProjection({
    redis,
    readOrders: (ids) => readOrders(db, ids),
    now: () => clock.now(),
    written: settledOrders.tell,
  });
  const handlers = { ...projections.handlers, "order.changed": orderView };
  const client = connections.qstash.client;
  const relay = new Relay({
    db,
    clock,
    claimMs: RELAY_CLAIM_MS,
    attemptsMax: RELAY_ATTEMPTS_MAX,
    markAfterMs: RELAY_MARK_AFTER_MS,
    observe: observers.relay,
    forward: {
      queue: createPublisher({ client, webhookBaseUrl: config.WEBHOOK_BASE_URL, clock }),
      projection(rows) {
        // A lane's rows are of one type.
        const type = rows[0]?.type ?? "";
        const handle = Object.hasOwn(handlers, type) ? handlers[type as keyof typeof handlers] : undefined;
        if (!handle) throw new Error(`no projection takes ${type}`);
        return handle(rows);
      },
    },
  });
  onOutboxCommit((rows) => relay.take(rows));
  return relay;
}

interface EngineParts {
  readonly connections: Connections;
  readonly verbs: PaymentVerbs;
  readonly observers: Observers;
}

function composeEngine({ clock }: ComposeOptions, { connections, verbs, observers }: EngineParts): SagaEngineOptions {
  return {
    db: connections.db,
    clock,
    plans: sagaPlans(verbs),
    random: Math.random,
    leaseMs: LEASE_MS,
    retry: defaultRetryPolicy,
    observe: observers.saga,
  };
}
