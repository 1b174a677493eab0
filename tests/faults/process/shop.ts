import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { freePort, startStack } from "@stoa/devstack";
import { startMongodb } from "@stoa/devstack/mongodb";
import { startPostgres } from "@stoa/devstack/postgres";
import { startRedis } from "@stoa/devstack/redis";
import { startStripe } from "@stoa/devstack/stripe";
import { startTcpProxy } from "@stoa/devstack/tcp-proxy";
import { Redis } from "ioredis";
import postgres from "postgres";
import type { Orders } from "./hook.ts";

const root = resolve(import.meta.dir, "../../..");
const STRIPE_KEY = "sk_test_faults";
const STRIPE_WEBHOOK_SECRET = "whsec_faults_0123456789";
const UNITS = 1_000_000;
/** The key that stands in Redis once all read models do. */
const READ_MODELS_READY = "v1:ready";

export interface ProcessShopOptions {
  /** Postgres keeps its data here instead of in a temporary folder. */
  readonly disk?: { readonly folder: string } | undefined;
}

/** The whole shop in processes of its own, with a bad network before its stores and Stripe, and a core that can be told where to die. */
export async function openProcessShop({ disk }: ProcessShopOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), "stoa-faults-"));
  const cluster = { dataDir: join(disk?.folder ?? folder, "postgres"), password: "faults" };
  let database = await startPostgres({ port: 0, ...cluster });
  const { url: databaseUrl } = database;
  const databasePort = Number(new URL(databaseUrl).port);
  const redis = await startRedis({ port: 0, dataDir: null });
  const mongodb = await startMongodb({ port: 0, dataDir: null });
  const corePort = await freePort();
  const stripe = await startStripe({
    port: 0,
    dataDir: null,
    secretKey: STRIPE_KEY,
    webhookSecret: STRIPE_WEBHOOK_SECRET,
    webhookUrl: `http://127.0.0.1:${corePort}/webhooks/stripe`,
    faults: { seed: 1 },
  });
  const toDatabase = await startTcpProxy({ target: { port: databasePort } });
  const toRedis = await startTcpProxy({ target: { port: redis.port } });
  const toMongodb = await startTcpProxy({ target: { port: mongodb.port } });
  const toStripe = await startTcpProxy({ target: { port: stripe.port } });
  const file = join(folder, "orders.json");
  const obey = (orders: Orders) => Bun.write(file, JSON.stringify(orders));
  await obey({ gate: null, pass: 1, aheadMs: 0 });
  const unlimited = ["READS", "WRITES", "CHECKOUTS", "AUTH"].map((name) => [`RATE_LIMIT_${name}_PER_MINUTE`, "0"]);
  const stack = await startStack({
    dataDir: null,
    apps: ["core", "edge"],
    env: {
      LOG_LEVEL: "warn",
      CORE_PORT: String(corePort),
      EDGE_PORT: "0",
      ADMIN_PORT: "0",
      DATABASE_URL: toDatabase.through(databaseUrl),
      REDIS_URL: toRedis.through(redis.url),
      MONGODB_URL: toMongodb.through(mongodb.url),
      STRIPE_API_URL: toStripe.through(stripe.url),
      STRIPE_SECRET_KEY: STRIPE_KEY,
      STRIPE_WEBHOOK_SECRET,
      FAULT_FILE: file,
      BUN_OPTIONS: `--preload ${resolve(import.meta.dir, "hook.ts")}`,
      ...Object.fromEntries(unlimited),
    },
  });
  const products = join(folder, "products.jsonl");
  await Bun.write(products, productLines());
  await runStoa(["import", products], stack.env);
  const sql = postgres(databaseUrl, { max: 2, onnotice: () => undefined });
  const atRedis = new Redis(redis.url);
  return {
    stack,
    sql,
    /** For the verifier: past the bad network. */
    storeUrls: { databaseUrl, redisUrl: redis.url, mongodbUrl: mongodb.url, stripeUrl: stripe.url },
    ...{ toDatabase, toRedis, toMongodb, toStripe },
    /** Postgres ends at once, as by a crash, and comes back with what was committed. */
    async restartDatabase() {
      process.kill(database.pid, "SIGQUIT");
      await database.exited;
      database = await startPostgres({ port: databasePort, ...cluster });
    },
    /** Settles when Postgres has ended by itself. */
    databaseExited: () => database.exited,
    /** As whoever keeps a server running does, when it has ended by itself. */
    async startDatabase() {
      database = await startPostgres({ port: databasePort, ...cluster });
    },
    /** Writes all read models anew. */
    rebuild: () => runStoa(["rebuild"], stack.env),
    async emptyRedis() {
      await atRedis.flushall();
    },
    /** Whether all read models stand: after Redis was emptied, core writes them anew as soon as it notices. */
    async hasReadModels() {
      return (await atRedis.exists(READ_MODELS_READY)) === 1;
    },
    edgeUrl: stack.urls.edge,
    obey,
    async [Symbol.asyncDispose]() {
      await sql.end({ timeout: 1 });
      atRedis.disconnect();
      await stack.stop();
      await Promise.all([toDatabase, toRedis, toMongodb, toStripe].map((proxy) => proxy.stop()));
      await Promise.all([stripe, redis, mongodb, database].map((service) => service.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type ProcessShop = Awaited<ReturnType<typeof openProcessShop>>;

export const SKU = "FAULT-1";
/** Of which there are few. */
export const RARE = { sku: "RARE-1", units: 100 };

function product(id: string, sku: string, stock: number) {
  return {
    id,
    title: `Thing ${id}`,
    description: "Is bought while everything fails.",
    brand: "Almby",
    category_path: ["Faults"],
    currency: "USD",
    price_cents: 2_500,
    attributes: {},
    variants: [{ sku, options: {}, stock }],
  };
}

function productLines(): string {
  return [product("fault", SKU, UNITS), product("rare", RARE.sku, RARE.units)]
    .map((one) => JSON.stringify(one))
    .join("\n");
}

/** The operator's command line. Beside us, not instead of us: the proxies that it goes through live in this process. */
async function runStoa(words: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const running = Bun.spawn(["bun", "apps/core/src/cli/run.ts", ...words], {
    cwd: root,
    env,
    stdout: "ignore",
    stderr: "pipe",
  });
  const said = new Response(running.stderr).text();
  if ((await running.exited) !== 0) throw new Error(await said);
}
