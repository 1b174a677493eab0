import type { Instant } from "@stoa/kernel";
import { toTimestamp } from "@stoa/kernel";
import { keys, type StockStatus, type StockView } from "@stoa/read-models";
import { z } from "zod";
import { storedBases } from "./product-keys.ts";
import { type WriteMode, type WriterDeps, writeViews } from "./product-writer.ts";
import type { Entry } from "./store.ts";

/** What inventory announces of one SKU; `version` grows with every change of it. */
export const stockFactSchema = z.object({
  sku: z.string(),
  available: z.int(),
  version: z.int().min(0),
  /** At or below this many units it is low; the shop's own threshold when absent. */
  threshold: z.int().min(0).nullish(),
  allowBackorder: z.boolean(),
});
export type StockFact = z.infer<typeof stockFactSchema>;

export function stockStatus(fact: StockFact, defaultThreshold: number): StockStatus {
  if (fact.available > 0) return fact.available <= (fact.threshold ?? defaultThreshold) ? "low_stock" : "in_stock";
  return fact.allowBackorder ? "backorder" : "out_of_stock";
}

export interface StockOptions {
  readonly mode: WriteMode;
  readonly lowStockThreshold: number;
  readonly asOf: Instant;
}

/** Writes the stock itself. Answers nothing about products; see `projectStock`. */
export async function writeStock(deps: WriterDeps, facts: readonly StockFact[], options: StockOptions): Promise<void> {
  const entries = newest(facts).map((fact) => stockEntry(fact, options));
  const { store } = deps;
  const written = options.mode === "repair" ? await store.repair(entries) : await store.setIfNewer(entries);
  await store.invalidate(entries.filter((_, index) => written[index]).map((entry) => entry.key));
}

/**
 * Brings stock and the availability of the products that own it up to date. Products are rendered again even when the stock was
 * known already: whoever wrote it might not have come that far. Answers those products.
 */
export async function projectStock(
  deps: WriterDeps,
  facts: readonly StockFact[],
  options: StockOptions,
): Promise<string[]> {
  await writeStock(deps, facts, options);
  const skus = [...new Set(facts.map((fact) => fact.sku))];
  const owners = await deps.store.texts(skus.map((sku) => keys.skuOwner(sku)));
  const ids = [...new Set(owners.filter((owner) => owner !== null))];
  const bases = await storedBases(deps.store, ids);
  await writeViews(
    deps,
    bases.filter(({ base }) => base !== null),
    { mode: "newer" },
  );
  return ids;
}

function newest(facts: readonly StockFact[]): StockFact[] {
  const bySku = new Map<string, StockFact>();
  for (const fact of facts) {
    const known = bySku.get(fact.sku);
    if (!known || known.version < fact.version) bySku.set(fact.sku, fact);
  }
  return [...bySku.values()];
}

function stockEntry(fact: StockFact, { lowStockThreshold, asOf }: StockOptions): Entry {
  const { sku, available, version } = fact;
  const status = stockStatus(fact, lowStockThreshold);
  const view: StockView = { sku, available: Math.max(0, available), status, asOf: toTimestamp(asOf) };
  return { key: keys.stock(sku), version: { major: version, minor: 0 }, body: JSON.stringify(view) };
}
