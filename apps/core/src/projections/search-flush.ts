import { keys, type SearchDocument } from "@stoa/read-models";
import { ownKeys } from "./own-keys.ts";
import { stockSkus } from "./product-base.ts";
import { type StoredBase, storedBases } from "./product-keys.ts";
import { unitsOf } from "./render.ts";
import { type CorpusCounts, countDocuments, replaceCorpus, tally } from "./search-corpus.ts";
import { searchDocumentOf } from "./search-document.ts";
import type { SearchIndex } from "./search-index.ts";
import type { Pending, SearchQueue } from "./search-queue.ts";
import { readStock } from "./stock-entry.ts";
import type { ReadModelStore } from "./store.ts";

export interface SearchDeps {
  readonly store: ReadModelStore;
  readonly queue: SearchQueue;
  readonly index: SearchIndex;
}

/** Brings what waits among these products into the search index. Answers how many it brought. */
export async function flushSearch(deps: SearchDeps, pending: readonly Pending[]): Promise<number> {
  if (pending.length === 0) return 0;
  const { store, queue, index } = deps;
  const ids = pending.map(({ id }) => id);
  // Put down before anything is written: a collection that is being filled meanwhile then takes these in once more.
  if (await store.redis.exists(ownKeys.searchBuilding)) await store.redis.sadd(ownKeys.searchReplay, ...ids);
  const bases = await storedBases(store, ids);
  const documents = await searchDocuments(store, bases);
  await index.upsert(documents);
  await index.remove(bases.filter(({ base }) => base === null).map(({ id }) => id));
  await countDocuments(store.redis, documents);
  await store.invalidate([keys.searchIndex()]);
  await queue.settle(pending);
  return pending.length;
}

/** The documents of the products that are in the shop. */
export async function searchDocuments(store: ReadModelStore, bases: readonly StoredBase[]): Promise<SearchDocument[]> {
  const live = bases.flatMap(({ base }) => (base ? [base] : []));
  if (live.length === 0) return [];
  const skus = live.flatMap(stockSkus);
  const [stock, sold] = await Promise.all([
    readStock(store, skus),
    store.redis.hmget(ownKeys.sold, ...live.map((base) => base.id)),
  ]);
  const units = unitsOf(stock);
  return live.map((base, index) => searchDocumentOf(base, units, Number(sold[index] ?? 0)));
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
  const counts: CorpusCounts = new Map();
  const ids: string[] = [];
  try {
    await index.create(name);
    for await (const batch of batches) {
      const found = await searchDocuments(store, batch);
      await index.upsert(found, name);
      tally(counts, found);
      for (const { id } of found) ids.push(id);
    }
    await replaceCorpus(store.redis, counts, ids);
    await index.show(name);
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

async function replay(store: ReadModelStore, queue: SearchQueue): Promise<void> {
  let ids = await store.redis.spop(ownKeys.searchReplay, 500);
  while (ids.length > 0) {
    await queue.mark(ids);
    ids = await store.redis.spop(ownKeys.searchReplay, 500);
  }
}
