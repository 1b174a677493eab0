import { keys, type SearchDocument } from "@stoa/read-models";
import { ownKeys } from "./own-keys.ts";
import { stockSkus } from "./product-base.ts";
import { type StoredBase, storedBases } from "./product-keys.ts";
import { unitsOf } from "./render.ts";
import { countDocuments } from "./search-corpus.ts";
import { type BuiltFor, searchDocumentOf } from "./search-document.ts";
import type { SearchIndex } from "./search-index.ts";
import { builtLanguages, languagesOf, localesOf } from "./search-languages.ts";
import { builtPrices } from "./search-prices.ts";
import type { Pending, SearchQueue } from "./search-queue.ts";
import type { Shop } from "./shop-view.ts";
import { readStock } from "./stock-entry.ts";
import type { ReadModelStore } from "./store.ts";

export interface SearchDeps {
  readonly store: ReadModelStore;
  readonly queue: SearchQueue;
  readonly index: SearchIndex;
  readonly shop: () => Promise<Shop>;
}

/** Brings what waits among these products into the search index. Answers how many it brought. */
export async function flushSearch(deps: SearchDeps, pending: readonly Pending[]): Promise<number> {
  if (pending.length === 0) return 0;
  const { store, queue, index } = deps;
  const ids = pending.map(({ id }) => id);
  // Put down before anything is written: a collection that is being filled meanwhile then takes these in once more.
  if (await store.redis.exists(ownKeys.searchBuilding)) await store.redis.sadd(ownKeys.searchReplay, ...ids);
  const bases = await storedBases(store, ids);
  // What the collection that is shown has fields for.
  const languages = (await builtLanguages(store.redis)) ?? languagesOf(await deps.shop());
  const prices = await builtPrices(store.redis);
  const documents = await searchDocuments(store, bases, { languages, prices });
  await index.upsert(documents);
  await index.remove(bases.filter(({ base }) => base === null).map(({ id }) => id));
  await countDocuments(store.redis, documents, localesOf(languages));
  await store.invalidate([keys.searchIndex()]);
  await queue.settle(pending);
  return pending.length;
}

/** The documents of the products that are in the shop. */
export async function searchDocuments(
  store: ReadModelStore,
  bases: readonly StoredBase[],
  built: BuiltFor,
): Promise<SearchDocument[]> {
  const live = bases.flatMap(({ base }) => (base ? [base] : []));
  if (live.length === 0) return [];
  const skus = live.flatMap(stockSkus);
  const [stock, sold] = await Promise.all([
    readStock(store, skus),
    store.redis.hmget(ownKeys.sold, ...live.map((base) => base.id)),
  ]);
  const units = unitsOf(stock);
  return live.map((base, index) => searchDocumentOf(base, { stock: units, sold: Number(sold[index] ?? 0), ...built }));
}
