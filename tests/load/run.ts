import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { startStack } from "@stoa/devstack";
import { browse } from "./browse.ts";
import { checkout } from "./checkout.ts";
import { loadProducts } from "./products.ts";

// `bun tests/load/run.ts [browse|checkout …]`: starts a shop of its own with the rate limits off, fills it, measures, and stops it.

const { values, positionals } = parseArgs({
  options: {
    seconds: { type: "string", default: "5" },
    "in-flight": { type: "string", default: "32" },
    products: { type: "string", default: "2000" },
  },
  allowPositionals: true,
});
const parts = new Set(positionals.length > 0 ? positionals : ["browse", "checkout"]);
const seconds = Number(values.seconds);
const inFlight = Number(values["in-flight"]);

const unlimited = ["READS", "WRITES", "CHECKOUTS", "AUTH"].map((name) => [`RATE_LIMIT_${name}_PER_MINUTE`, "0"]);
await using stack = await startStack({
  dataDir: null,
  apps: ["core", "edge"],
  env: { LOG_LEVEL: "warn", EDGE_PORT: "0", CORE_PORT: "0", ADMIN_PORT: "0", ...Object.fromEntries(unlimited) },
  onProgress: (text) => console.log(`${text} …`),
});
const folder = await mkdtemp(join(tmpdir(), "stoa-load-"));
try {
  const file = join(folder, "products.jsonl");
  await Bun.write(file, loadProducts(Number(values.products)));
  const root = resolve(import.meta.dir, "../..");
  const imported = Bun.spawnSync(["bun", "apps/core/src/cli/run.ts", "import", file], { cwd: root, env: stack.env });
  if (imported.exitCode !== 0) throw new Error(imported.stdout.toString());
  const edgeUrl = stack.urls.edge;
  if (parts.has("browse")) await browse({ edgeUrl, seconds, inFlight });
  if (parts.has("checkout")) {
    const skus = Array.from({ length: 200 }, (_, n) => `LOAD-${n}`);
    await checkout({ edgeUrl, seconds, inFlight, skus, databaseUrl: stack.urls.postgres });
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
