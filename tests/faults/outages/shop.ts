import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Stack, startStack } from "@stoa/devstack";

const root = resolve(import.meta.dir, "../../..");
const PRODUCTS = 40;

export interface OutageShop extends AsyncDisposable {
  readonly stack: Stack;
  /** For further processes of this shop: without rate limits. */
  readonly env: Readonly<Record<string, string>>;
}

function product(n: number) {
  return {
    id: `load-${n}`,
    title: `Load product ${n} ${["lamp", "table", "green", "paper"][n % 4]}`,
    description: "Is looked at and bought while things are away.",
    brand: ["Ferrow", "Almby", "Tidewell"][n % 3],
    category_path: ["Load", `Shelf ${n % 12}`],
    currency: "USD",
    price_cents: 1_000 + n * 100,
    attributes: {},
    variants: [{ sku: `LOAD-${n}`, options: {}, stock: 1_000_000 }],
  };
}

/** A shop of forty products with everything behind it and a core; edges are started by whoever needs one. */
export async function openOutageShop(env: Readonly<Record<string, string>> = {}): Promise<OutageShop> {
  const unlimited = ["READS", "WRITES", "CHECKOUTS", "LOOKUPS", "AUTH"].map((name) => `RATE_LIMIT_${name}_PER_MINUTE`);
  const stack = await startStack({
    dataDir: null,
    apps: ["core"],
    env: {
      LOG_LEVEL: "error",
      CORE_PORT: "0",
      EDGE_PORT: "0",
      ADMIN_PORT: "0",
      ...Object.fromEntries(unlimited.map((name) => [name, "0"])),
      ...env,
    },
  });
  const folder = await mkdtemp(join(tmpdir(), "stoa-outages-"));
  const file = join(folder, "products.jsonl");
  await Bun.write(file, Array.from({ length: PRODUCTS }, (_, n) => JSON.stringify(product(n))).join("\n"));
  const command = [process.execPath, "apps/core/src/cli/run.ts", "import", file];
  const importing = Bun.spawn(command, { cwd: root, env: stack.env, stdout: "pipe", stderr: "pipe" });
  const said = new Response(importing.stderr).text();
  const exitCode = await importing.exited;
  await rm(folder, { recursive: true, force: true });
  if (exitCode !== 0) throw new Error(await said);
  return {
    stack,
    env: stack.env,
    async [Symbol.asyncDispose]() {
      await stack.stop();
    },
  };
}
