import { keys } from "@stoa/read-models";
import { ownKeys } from "./own-keys.ts";
import { storedBases } from "./product-keys.ts";
import { type WriteMode, type WriterDeps, writeViews } from "./product-writer.ts";
import { ownersIn, readStock, type StockFact, type StockOwner, stockEntry } from "./stock-entry.ts";

/** Writes the stock itself, told by the products that own it. Products are not touched; see `projectStock`. */
export async function writeStock(
  deps: WriterDeps,
  facts: readonly StockFact[],
  options: { readonly mode: WriteMode; readonly owners: ReadonlyMap<string, StockOwner> },
): Promise<void> {
  const { store } = deps;
  const fresh = newest(facts);
  const [known, lowStockThreshold] = await Promise.all([
    readStock(
      store,
      fresh.map((fact) => fact.sku),
    ),
    deps.lowStockThreshold(),
  ]);
  const now = store.clock.now();
  const entries = fresh.map((fact) => {
    const { sku } = fact;
    return stockEntry(fact, { owner: options.owners.get(sku), known: known.get(sku), lowStockThreshold, now });
  });
  const written = options.mode === "repair" ? await store.repair(entries) : await store.setIfNewer(entries);
  await store.invalidate(entries.filter((_, index) => written[index]).map((entry) => entry.key));
}

/**
 * Brings stock and the availability of the products that own it up to date. Products are rendered again even when the stock was
 * known already: whoever wrote it might not have come that far. Answers those products.
 */
export async function projectStock(deps: WriterDeps, facts: readonly StockFact[]): Promise<string[]> {
  const skus = [...new Set(facts.map((fact) => fact.sku))];
  const before = await basesOwning(deps, skus);
  await writeStock(deps, facts, { mode: "newer", owners: ownersIn(before) });
  // Read again: a product that came in between has not seen this stock and is not among the first.
  const bases = await basesOwning(deps, skus);
  await writeViews(deps, bases, { mode: "newer" });
  return bases.map(({ id }) => id);
}

/** The products that have these SKUs, or kits that are made of them. */
async function basesOwning({ store }: WriterDeps, skus: readonly string[]) {
  const [owners, kits] = await Promise.all([
    store.texts(skus.map((sku) => keys.skuOwner(sku))),
    Promise.all(skus.map((sku) => store.redis.smembers(ownKeys.kitsWith(sku)))),
  ]);
  const bases = await storedBases(store, [...new Set([...owners.filter((owner) => owner !== null), ...kits.flat()])]);
  return bases.filter(({ base }) => base !== null);
}

function newest(facts: readonly StockFact[]): StockFact[] {
  const bySku = new Map<string, StockFact>();
  for (const fact of facts) {
    const known = bySku.get(fact.sku);
    if (!known || known.version < fact.version) bySku.set(fact.sku, fact);
  }
  return [...bySku.values()];
}
