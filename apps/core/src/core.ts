import { createHealth, Departure, type Health } from "@stoa/runtime";
import { sql } from "drizzle-orm";
import { choresOf } from "./chores.ts";
import { type ComposeOptions, type Composition, compose } from "./compose.ts";
import { createFindTargets } from "./find-targets.ts";
import { createHttp, INTERNAL_TOKEN_HEADER } from "./http.ts";
import { mailsOfOrder, readMailStanding } from "./notifications/index.ts";
import { migrateDatabase, transact } from "./platform/db/index.ts";
import { runSaga, sagaRun } from "./platform/saga/index.ts";
import { deadLetter } from "./platform/tables.ts";
import { readSearchMisses } from "./projections/index.ts";
import { verifyInternalToken } from "./rpc/context.ts";
import { createRouter } from "./rpc/router.ts";
import { ensureCartDefaults } from "./services/carts/index.ts";
import { ensureCatalogIndexes, kitsAmong } from "./services/catalog/index.ts";
import { ensureDefaultLocation } from "./services/inventory/index.ts";
import { createInvoicingConsumer } from "./services/orders/index.ts";
import { createStripeClient, readProviderHealth } from "./services/payments/index.ts";
import { erasedLately, findMachine, findStaff, withCode } from "./services/users/index.ts";
import { setImportedStock } from "./set-stock.ts";
import { consumedBy } from "./webhooks/consumers.ts";
import { createPaypalWebhook } from "./webhooks/paypal.ts";
import { createQstashWebhook, type QstashDoorDeps } from "./webhooks/qstash.ts";
import { createQstashFailures } from "./webhooks/qstash-failures.ts";
import { createStripeWebhook } from "./webhooks/stripe.ts";
import { startChores } from "./workers.ts";

export interface Core {
  /** Where it listens. */
  readonly url: string;
  /** Answers until nobody asks any more, then takes no more work, finishes what is under way, closes every client. */
  stop(): Promise<void>;
}

const HEALTH_TIMEOUT_MS = 2_000;
const PREPARE_TRIES = 30;
/** A server that nobody has asked for so long may close its door. */
const QUIET_MS = 300;

/** Starts core: schema, clients, services, doors and sweeps, as its roles say. */
export async function startCore(options: ComposeOptions): Promise<Core> {
  const { config, clock, logger } = options;
  const composition = await compose(options);
  await prepare(options, composition);
  const health = createCoreHealth(options, composition);
  const departure = new Departure();
  const http = createHttp({
    departure,
    isWeb: config.CORE_ROLES.includes("web"),
    router: routerOf(options, composition, health),
    clock,
    logger,
    metrics: options.metrics,
    health,
    internalTokenSecret: config.INTERNAL_TOKEN_SECRET,
    adminOrigin: new URL(config.ADMIN_URL).origin,
    isErased: (customerId) => erasedLately.has(composition.redis, customerId),
    findStaff: (headers) => findStaff({ ...composition, clock }, headers),
    findMachine: (key) => findMachine({ db: composition.db, clock }, key),
    isInternal: async (headers) =>
      (await verifyInternalToken(config.INTERNAL_TOKEN_SECRET, headers.get(INTERNAL_TOKEN_HEADER) ?? "")) !== null,
    shopAuth: async (request) => withCode(await composition.shopAuth.handler(request)),
    staffAuth: async (request) => withCode(await composition.staffAuth.handler(request)),
    webhooks: webhooksOf(options, composition),
  }).listen({ port: config.CORE_PORT, hostname: config.HOST });
  const isWorker = config.CORE_ROLES.includes("worker");
  const chores = startChores(isWorker ? choresOf({ composition, clock, logger }) : [], composition.observers.chores);
  return {
    url: `http://${config.HOST}:${http.server?.port}`,
    async stop() {
      const drained = departure.begin({ quietMs: QUIET_MS, longestMs: config.SHUTDOWN_DRAIN_MS });
      await Promise.all([drained.then(() => closeDoors(http)), chores[Symbol.asyncDispose]()]);
      await composition[Symbol.asyncDispose]();
    },
  };
}

/** Schemas, indexes and what a shop cannot be without. Waits a while for databases that are still starting. */
async function prepare({ config, clock, logger }: ComposeOptions, { db, catalog }: Composition): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (config.MIGRATE_ON_START) await migrateDatabase(config.DATABASE_URL);
      await ensureCatalogIndexes(catalog);
      const now = clock.now();
      await transact(db, async (tx) => {
        await ensureDefaultLocation({ tx, now });
        await ensureCartDefaults({ tx, now });
      });
      return;
    } catch (error) {
      if (attempt >= PREPARE_TRIES) throw error;
      logger.warn("the databases are not ready yet", { attempt, error });
      await Bun.sleep(1_000);
    }
  }
}

function createCoreHealth({ config, logger }: ComposeOptions, composition: Composition): Health {
  const { db, redis, mongo } = composition;
  const reach = (url: string) => async () => {
    const response = await fetch(url, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) });
    await response.body?.cancel();
    if (response.status >= 500) throw new Error(`answered ${response.status}`);
  };
  return createHealth({
    timeoutMs: HEALTH_TIMEOUT_MS,
    onFailure: (name, error) => logger.warn("a dependency is not well", { dependency: name, error }),
    checks: {
      postgres: async () => void (await db.execute(sql`select 1`)),
      redis: async () => void (await redis.ping()),
      mongodb: () => mongo.ping(),
      typesense: reach(new URL("/health", config.TYPESENSE_URL).href),
      qstash: reach(new URL("/v2/keys", config.QSTASH_URL).href),
    },
  });
}

function routerOf({ config, clock }: ComposeOptions, composition: Composition, health: Health) {
  const { db, redis, catalog, files, carts, payments, projections, shopAuth, staffAuth, standings } = composition;
  const findTargets = createFindTargets(catalog);
  return createRouter({
    carts,
    catalog: {
      db,
      catalog,
      files,
      changed: projections.catalogChanged,
      locale: "en-US",
      setStock: (lines) => setImportedStock(composition, lines),
      searchMisses: readSearchMisses(redis),
      findTargets,
    },
    inventory: { db, clock, kitsAmong: (skus) => kitsAmong(catalog, skus), findTargets },
    notifications: composition.notifications.router,
    orders: {
      ...composition.orders,
      feed: composition.orderFeed,
      settled: composition.settledOrders,
      mailsOfOrder: (id) => mailsOfOrder(db, id),
      findTargets,
    },
    payments,
    users: { db, clock, redis, shopAuth, staffAuth, findTargets },
    system: {
      db,
      clock,
      health,
      providers: () => readProviderHealth({ ...payments, standings }),
      mail: () => readMailStanding({ db, hasServer: config.SMTP_URL !== undefined }, clock.now()),
    },
    customFields: { db, catalog },
    settings: { db },
  });
}

/** A saga's turn takes a fraction of it; the sweep of events, which takes over from a process that ends meanwhile, waits longer. */
const ANSWER_WAIT_MS = 1_000;

function webhooksOf(options: ComposeOptions, composition: Composition) {
  const { config, logger } = options;
  const { payments, paypal } = composition;
  const door = { payments, logger, answerWaitMs: ANSWER_WAIT_MS };
  const nothing = async () => new Response(null, { status: 404 });
  const { STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, STRIPE_API_URL: apiUrl, PAYPAL_WEBHOOK_ID: webhookId } = config;
  return {
    ...qstashDoors(options, composition),
    stripe:
      STRIPE_SECRET_KEY && STRIPE_WEBHOOK_SECRET
        ? createStripeWebhook({
            ...door,
            secret: STRIPE_WEBHOOK_SECRET,
            webhooks: createStripeClient({ apiUrl, secretKey: STRIPE_SECRET_KEY }).webhooks,
          })
        : nothing,
    paypal: paypal && webhookId ? createPaypalWebhook({ ...door, provider: paypal, webhookId }) : nothing,
  };
}

function qstashDoors({ config, clock, logger }: ComposeOptions, composition: Composition) {
  const { db, engine, projections, qstash, observers, notifications } = composition;
  const door: QstashDoorDeps = {
    receiver: qstash.receiver,
    webhookBaseUrl: config.WEBHOOK_BASE_URL,
    logger,
    deadLetter: async ({ id, type, key, payload }, { error, attempts }) => {
      const row = { id, source: "queue" as const, type, key, payload, error, attempts, createdAt: clock.now() };
      await db.insert(deadLetter).values(row).onConflictDoNothing();
    },
  };
  const handlers = consumedBy([
    {
      "saga.run": async (delivery) => {
        await runSaga(engine, sagaRun.schema.parse(delivery.payload).sagaId);
      },
    },
    {
      "order.confirmed": async ({ payload }) => {
        await projections.handlers["order.confirmed"]?.([{ payload, availableAt: clock.now() }]);
      },
    },
    notifications.consumers,
    createInvoicingConsumer({ db, clock }),
  ]);
  return {
    qstash: createQstashWebhook({ ...door, handlers, observe: observers.queue }),
    qstashFailures: createQstashFailures(door),
  };
}

const DRAIN_MS = 10_000;

/** Answers what has been asked; a dashboard's open subscription is not waited for. */
async function closeDoors(http: ReturnType<typeof createHttp>): Promise<void> {
  const { server } = http;
  const drained = server?.stop().then(() => true);
  const isDrained = await Promise.race([drained, Bun.sleep(DRAIN_MS).then(() => false)]);
  if (!isDrained) await server?.stop(true);
}
