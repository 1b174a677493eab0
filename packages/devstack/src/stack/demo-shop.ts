import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Stack } from "./index.ts";
import { StartError } from "./start-error.ts";

const demoShopSchema = z.object({
  signIns: z.array(z.object({ role: z.string(), email: z.string(), password: z.string() })),
  sampleSku: z.string().nullable(),
});
const recordSchema = z.object({ state: z.enum(["seeding", "done"]), shop: demoShopSchema });

/** Who may sign in to a freshly seeded shop, and something to order. */
export type DemoShop = z.infer<typeof demoShopSchema>;

export interface SeedInput {
  readonly env: Stack["env"];
  readonly urls: Stack["urls"];
  readonly empty: boolean;
  readonly progress: (line: string) => void;
}
export type Seed = (input: SeedInput) => Promise<DemoShop>;

const NOTHING: DemoShop = { signIns: [], sampleSku: null };
const NAME = "demo-shop.json";

/** Refuses, in one sentence, a folder whose first start was interrupted while the demo shop was being written. */
export function requireWholeShop(dataDir: string): void {
  if (readRecord(dataDir)?.state === "seeding") {
    throw new StartError(`The demo shop in ${dataDir} was only half-written: delete the folder and start again.`);
  }
}

/**
 * Seeds a shop that has never been seeded, and tells what was seeded then at every later start. A database that somebody
 * named by URL is never touched: it may hold a real shop.
 */
export async function seedOnce(
  stack: Stack,
  seed: Seed,
  input: Pick<SeedInput, "empty" | "progress">,
): Promise<DemoShop> {
  const known = readRecord(stack.dataDir);
  if (known?.state === "done") return known.shop;
  if (stack.services.some(({ name, rung }) => rung === "url" && (name === "postgres" || name === "mongodb"))) {
    input.progress("The database is one you named by URL, so nothing was seeded");
    return NOTHING;
  }
  writeRecord(stack.dataDir, { state: "seeding", shop: NOTHING });
  const shop = await seed({ env: stack.env, urls: stack.urls, ...input });
  writeRecord(stack.dataDir, { state: "done", shop });
  return shop;
}

function readRecord(dataDir: string): z.infer<typeof recordSchema> | null {
  const file = join(dataDir, NAME);
  if (!existsSync(file)) return null;
  try {
    return recordSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    throw new StartError(`${file} is damaged: delete ${dataDir} and start again.`);
  }
}

function writeRecord(dataDir: string, record: z.infer<typeof recordSchema>): void {
  const file = join(dataDir, NAME);
  // It holds passwords of the demo's accounts.
  writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
