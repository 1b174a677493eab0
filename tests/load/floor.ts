import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Stack, startStack } from "@stoa/devstack";
import { MongoClient } from "mongodb";
import postgres from "postgres";
import { bareOrders } from "./bare-orders.ts";
import { cpuByName, cpuOfProcess } from "./cpu.ts";
import { type LeastProduct, PRODUCTS, tables } from "./floor/shapes.ts";
import { buy } from "./shopper.ts";
import { between, line, measure } from "./side-by-side.ts";

// `bun tests/load/floor.ts`: what the least checkout costs that these packages and services allow (`floor/core.ts`). No shop can do
// with less, so `run.ts checkout` is to be read beside it: what lies between the two is the shop's own.

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "8" }, "in-flight": { type: "string", default: "16" } },
});
const limits = { seconds: Number(values.seconds), inFlight: Number(values["in-flight"]) };
const WARM_UP = { calls: 600, seconds: 40 };
/** Of one order; those of `floor/core.ts`, counted by hand. */
const STATEMENTS = 8;
const ROWS = 17;
const skus = Array.from({ length: 200 }, (_, n) => `LOAD-${n}`);

await using stack = await startStack({ dataDir: null, apps: [] });
const databaseUrl = stack.env.DATABASE_URL ?? "";
const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
await fill(stack);
await using core = await start("core.ts", stack.env);
await using edge = await start("edge.ts", { ...stack.env, CORE_URL: core.url });

const shopper = async (n: number) => {
  const pick = [2 * n, 2 * n + 1].map((at) => skus[at % skus.length] ?? "");
  await buy(edge.url, pick, "standard");
};
await measure(shopper, { inFlight: limits.inFlight, ...WARM_UP });
await quiet();
const bareBefore = await bareOrders({ databaseUrl, ...limits });
const before = readCpu();
const measured = await measure(shopper, limits);
await quiet();
const after = readCpu();
const bare = between(bareBefore, await bareOrders({ databaseUrl, ...limits }));
console.log(line("bare order transaction", bare));
console.log(line("the least checkout", measured, bare));
const cost = (name: string) => ((after[name] ?? 0) - (before[name] ?? 0)) / measured.calls;
console.log(`  an order costs ${STATEMENTS} SQL statements, which write ${ROWS} rows, 1 queue message,`);
console.log(`  and ${(cost("core") + cost("edge")).toFixed(2)} ms of CPU in core and edge`);
const names = Object.keys(after).filter((name) => !name.startsWith("bun"));
console.log(`  CPU milliseconds by process: ${names.map((name) => `${name} ${cost(name).toFixed(2)}`).join(", ")}`);
await sql.end();

async function fill({ env }: Stack): Promise<void> {
  await sql.unsafe(tables);
  await sql`insert into least.stock select sku, 1000000 from unnest(${skus}::text[]) sku`;
  await using mongo = await new MongoClient(env.MONGODB_URL ?? "").connect();
  const attributes = { colour: "red", size: "M" };
  await mongo
    .db()
    .collection<LeastProduct>(PRODUCTS)
    .insertMany(skus.map((sku, n) => ({ _id: sku, price: 1_000 + n, title: `Product ${n}`, attributes })));
}

/** Starts a program that tells its port in its first line. */
async function start(file: string, env: Readonly<Record<string, string>>) {
  const child = Bun.spawn([process.execPath, "--no-orphans", resolve(import.meta.dir, "floor", file)], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { value } = await child.stdout.getReader().read();
  const port = Number(new TextDecoder().decode(value));
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid,
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await child.exited;
    },
  };
}

function readCpu(): Record<string, number> {
  return { ...cpuByName(), core: cpuOfProcess(core.pid), edge: cpuOfProcess(edge.pid) };
}

/** Resolves once every order has its two webhooks and its message. */
async function quiet(): Promise<void> {
  for (let waiting = 1; waiting > 0; ) {
    await Bun.sleep(200);
    const [row] = await sql<{ waiting: number }[]>`
      select (select 3 * count(*) from least.shop_order) - (select count(*) from least.inbox) -
        (select count(*) from least.provider_event) as waiting`;
    waiting = Number(row?.waiting);
  }
}
