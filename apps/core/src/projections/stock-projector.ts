import { keys } from "@stoa/read-models";
import { inRounds } from "./in-rounds.ts";
import { ownKeys } from "./own-keys.ts";
import { storedBases } from "./product-keys.ts";
import { type WriteMode, type WriterDeps, writeViews } from "./product-writer.ts";
import { ownersIn, readStock, type StockFact, type StockOwner, stockEntry } from "./stock-entry.ts";

/** Writes the stock itself, told by the products that own it. Products are not touched; see `createStockProjector`. */
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
 * Brings stock up to date, and resolves once edge can tell it. The availability of the products that own it follows, for all
 * stock that changed meanwhile together: `rest` resolves with it. Products are rendered again even when the stock was known
 * already: whoever wrote it might not have come that far. `shown` is told of those products, and waited for.
 */
export function createStockProjector(
  deps: WriterDeps,
  shown: (ids: readonly string[]) => Promise<void>,
): (facts: readonly StockFact[]) => Promise<{ readonly rest: Promise<void> }> {
  const show = inRounds<string>(async (skus) => {
    const bases = await basesOwning(deps, skus);
    await writeViews(deps, bases, { mode: "newer", changed: "stock" });
    await shown(bases.map(({ id }) => id));
  });
  return async (facts) => {
    const skus = [...new Set(facts.map((fact) => fact.sku))];
    const owners = (await ownerIds(deps, skus)).filter((id) => id !== null);
    await writeStock(deps, facts, { mode: "newer", owners: ownersIn(await storedBases(deps.store, owners)) });
    // The products are looked up anew: one that came in between has not seen this stock.
    return { rest: show(skus) };
  };
}

/** The products in the shop that have these SKUs, or kits that are made of them. */
async function basesOwning(deps: WriterDeps, skus: readonly string[]) {
  const { store } = deps;
  const [owners, kits] = await Promise.all([
    ownerIds(deps, skus),
    Promise.all(skus.map((sku) => store.redis.smembers(ownKeys.kitsWith(sku)))),
  ]);
  const bases = await storedBases(store, [...new Set([...owners.filter((owner) => owner !== null), ...kits.flat()])]);
  return bases.filter(({ base }) => base !== null);
}

function ownerIds({ store }: WriterDeps, skus: readonly string[]): Promise<(string | null)[]> {
  return store.texts(skus.map((sku) => keys.skuOwner(sku)));
}

function newest(facts: readonly StockFact[]): StockFact[] {
  const bySku = new Map<string, StockFact>();
  for (const fact of facts) {
    const known = bySku.get(fact.sku);
    if (!known || known.version < fact.version) bySku.set(fact.sku, fact);
  }
  return [...bySku.values()];
}
