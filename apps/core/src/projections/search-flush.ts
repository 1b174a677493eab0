import { keys, type SearchDocument } from "@stoa/read-models";
import { ownKeys } from "./own-keys.ts";
import { stockSkus } from "./product-base.ts";
import { type StoredBase, storedBases } from "./product-keys.ts";
import { unitsOf } from "./render.ts";
import { type CorpusCounts, countDocuments, replaceCorpora, tally } from "./search-corpus.ts";
import { type IndexLanguages, searchDocumentOf } from "./search-document.ts";
import type { SearchIndex } from "./search-index.ts";
import { builtLanguages, forgetLanguages, languagesOf, putLanguages } from "./search-languages.ts";
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
  const documents = await searchDocuments(store, bases, languages);
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
  languages: IndexLanguages,
): Promise<SearchDocument[]> {
  const live = bases.flatMap(({ base }) => (base ? [base] : []));
  if (live.length === 0) return [];
  const skus = live.flatMap(stockSkus);
  const [stock, sold] = await Promise.all([
    readStock(store, skus),
    store.redis.hmget(ownKeys.sold, ...live.map((base) => base.id)),
  ]);
  const units = unitsOf(stock);
  return live.map((base, index) => searchDocumentOf(base, { stock: units, sold: Number(sold[index] ?? 0), languages }));
}

/**
 * Builds the whole index beside the one that is shown and swaps, so that a search never meets half of it.
 * The synonyms must have been put before. What changes meanwhile goes into the old one, is put down, and is brought into the new one after the swap.
 */
export async function rebuildSearch(
  deps: SearchDeps,
  batches: AsyncIterable<readonly StoredBase[]>,
): Promise<{ readonly documents: number }> {
  const { store, queue, index } = deps;
  const name = `${index.alias}_${store.clock.now()}_${crypto.randomUUID().slice(0, 8)}`;
  await store.redis.set(ownKeys.searchBuilding, name);
  // What waits by now is taken in along with everything else.
  const covered = await queue.overdue(0, Number.POSITIVE_INFINITY);
  const languages = languagesOf(await deps.shop());
  const corpora = new Map(localesOf(languages).map((locale): [string | null, CorpusCounts] => [locale, new Map()]));
  const ids: string[] = [];
  try {
    await index.create(name, languages.further);
    for await (const batch of batches) {
      const found = await searchDocuments(store, batch, languages);
      await index.upsert(found, name);
      for (const [locale, counts] of corpora) tally(counts, found, locale);
      for (const { id } of found) ids.push(id);
    }
    // A language is searched in as soon as it is counted, so its fields must be there before and its counts be gone first.
    await forgetLanguages(store.redis, languages);
    await index.show(name);
    await replaceCorpora(store.redis, corpora, ids);
    await putLanguages(store.redis, languages);
    await store.invalidate([keys.searchIndex()]);
    await queue.settle(covered);
  } catch (error) {
    await index.drop(name).catch(() => undefined);
    throw error;
  } finally {
    await store.redis.del(ownKeys.searchBuilding);
    await replay(store, queue);
  }
  return { documents: ids.length };
}

function localesOf({ further }: IndexLanguages): (string | null)[] {
  return [null, ...further];
}

async function replay(store: ReadModelStore, queue: SearchQueue): Promise<void> {
  let ids = await store.redis.spop(ownKeys.searchReplay, 500);
  while (ids.length > 0) {
    await queue.mark(ids);
    ids = await store.redis.spop(ownKeys.searchReplay, 500);
  }
}
