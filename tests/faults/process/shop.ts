import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { freePort, startStack } from "@stoa/devstack";
import { startPostgres } from "@stoa/devstack/postgres";
import { startStripe } from "@stoa/devstack/stripe";
import { startTcpProxy } from "@stoa/devstack/tcp-proxy";
import postgres from "postgres";
import type { Orders } from "./hook.ts";

const root = resolve(import.meta.dir, "../../..");
const STRIPE_KEY = "sk_test_faults";
const STRIPE_WEBHOOK_SECRET = "whsec_faults_0123456789";
const UNITS = 1_000_000;

/** The whole shop in processes of its own, with a bad network before Postgres and Stripe, and a core that can be told where to die. */
export async function openProcessShop() {
  const folder = await mkdtemp(join(tmpdir(), "stoa-faults-"));
  const database = await startPostgres({ port: 0, dataDir: join(folder, "postgres"), password: "faults" });
  const corePort = await freePort();
  const stripe = await startStripe({
    port: 0,
    dataDir: null,
    secretKey: STRIPE_KEY,
    webhookSecret: STRIPE_WEBHOOK_SECRET,
    webhookUrl: `http://127.0.0.1:${corePort}/webhooks/stripe`,
    faults: { seed: 1 },
  });
  const toDatabase = await startTcpProxy({ target: { port: Number(new URL(database.url).port) } });
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
      DATABASE_URL: toDatabase.through(database.url),
      STRIPE_API_URL: toStripe.through(stripe.url),
      STRIPE_SECRET_KEY: STRIPE_KEY,
      STRIPE_WEBHOOK_SECRET,
      FAULT_FILE: file,
      BUN_OPTIONS: `--preload ${resolve(import.meta.dir, "hook.ts")}`,
      ...Object.fromEntries(unlimited),
    },
  });
  await importProduct(folder, stack.env);
  const sql = postgres(database.url, { max: 2, onnotice: () => undefined });
  return {
    stack,
    sql,
    databaseUrl: database.url,
    stripe,
    toDatabase,
    toStripe,
    edgeUrl: stack.urls.edge,
    obey,
    async [Symbol.asyncDispose]() {
      await sql.end({ timeout: 1 });
      await stack.stop();
      await Promise.all([toDatabase.stop(), toStripe.stop(), stripe.stop()]);
      await database.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type ProcessShop = Awaited<ReturnType<typeof openProcessShop>>;

export const SKU = "FAULT-1";

async function importProduct(folder: string, env: Readonly<Record<string, string>>): Promise<void> {
  const product = {
    id: "fault-1",
    title: "Thing",
    description: "Is bought while everything fails.",
    brand: "Almby",
    category_path: ["Faults"],
    currency: "USD",
    price_cents: 2_500,
    attributes: {},
    variants: [{ sku: SKU, options: {}, stock: UNITS }],
  };
  const file = join(folder, "products.jsonl");
  await Bun.write(file, JSON.stringify(product));
  // Beside us, not instead of us: the proxies that it goes through live in this process.
  const command = ["bun", "apps/core/src/cli/run.ts", "import", file];
  const importing = Bun.spawn(command, { cwd: root, env, stdout: "pipe", stderr: "pipe" });
  const said = new Response(importing.stderr).text();
  if ((await importing.exited) !== 0) throw new Error(await said);
}
