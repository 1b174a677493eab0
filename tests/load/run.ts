import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { startStack } from "@stoa/devstack";
import { startPostgres } from "@stoa/devstack/postgres";
import { browse } from "./browse.ts";
import { checkout } from "./checkout.ts";
import { growth } from "./growth.ts";
import { loadProducts } from "./products.ts";
import { reindex } from "./reindex.ts";

// `bun tests/load/run.ts [browse|checkout|overload|growth|reindex …]`: starts a shop of its own with the rate limits off, fills it, measures, and stops it.

const { values, positionals } = parseArgs({
  options: {
    seconds: { type: "string", default: "5" },
    "in-flight": { type: "string", default: "16" },
    products: { type: "string", default: "2000" },
    statements: { type: "boolean", default: false },
    /** Folder for CPU profiles of core and edge, written when they stop. */
    profile: { type: "string" },
  },
  allowPositionals: true,
});
const parts = new Set(positionals.length > 0 ? positionals : ["browse", "checkout"]);
const seconds = Number(values.seconds);
const inFlight = Number(values["in-flight"]);

const folder = await mkdtemp(join(tmpdir(), "stoa-load-"));
// Counts statements and remembers when each transaction was committed; else it is the Postgres of any stack.
await using postgres = await startPostgres({
  port: 0,
  dataDir: join(folder, "postgres"),
  password: "load",
  settings: {
    shared_preload_libraries: "pg_stat_statements",
    track_commit_timestamp: "on",
    ...(values.statements && { "pg_stat_statements.track": "all", "pg_stat_statements.track_planning": "on" }),
  },
});
const unlimited = ["READS", "WRITES", "CHECKOUTS", "AUTH"].map((name) => [`RATE_LIMIT_${name}_PER_MINUTE`, "0"]);
await using stack = await startStack({
  dataDir: null,
  apps: ["core", "edge"],
  env: {
    LOG_LEVEL: "warn",
    EDGE_PORT: "0",
    CORE_PORT: "0",
    ADMIN_PORT: "0",
    DATABASE_URL: postgres.url,
    STRIPE_REQUESTS_PER_SECOND: "10000",
    ...(values.profile && { BUN_OPTIONS: `--cpu-prof --cpu-prof-dir=${resolve(values.profile)}` }),
    ...Object.fromEntries(unlimited),
  },
  onProgress: (text) => console.log(`${text} …`),
});
try {
  const fill = async (products: number) => {
    const file = join(folder, "products.jsonl");
    await Bun.write(file, loadProducts(products));
    const command = [process.execPath, "apps/core/src/cli/run.ts", "import", file];
    const importing = Bun.spawn(command, { cwd: resolve(import.meta.dir, "../.."), env: stack.env, stdout: "pipe" });
    const said = new Response(importing.stdout).text();
    if ((await importing.exited) !== 0) throw new Error(await said);
  };
  const products = Number(values.products);
  if (parts.has("growth")) await growth({ stack, fill, products, seconds });
  else await fill(products);
  if (parts.has("reindex")) await reindex({ stack, products });
  if (parts.has("browse")) await browse({ edgeUrl: stack.urls.edge, seconds, inFlight });
  if (parts.has("overload")) {
    const command = [process.execPath, join(import.meta.dir, "overload.ts"), stack.urls.edge, String(seconds)];
    await Bun.spawn(command, { stdio: ["ignore", "inherit", "inherit"] }).exited;
  }
  if (parts.has("checkout")) {
    const skus = Array.from({ length: 200 }, (_, n) => `LOAD-${n}`);
    await checkout({
      stack,
      databaseUrl: postgres.url,
      skus,
      seconds,
      inFlight,
      showStatements: values.statements,
    });
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
