import { keys } from "@stoa/read-models";
import { ownKeys } from "./own-keys.ts";
import { type StoredBase, storedBases } from "./product-keys.ts";
import { type CorpusCounts, prepareCorpora, showCorpora, tally } from "./search-corpus.ts";
import type { BuiltFor } from "./search-document.ts";
import { flushSearch, type SearchDeps, searchDocuments } from "./search-flush.ts";
import { forgetLanguages, languagesOf, localesOf, putLanguages } from "./search-languages.ts";
import { indexPricesOf, putPrices } from "./search-prices.ts";
import { projectShop } from "./shop-view.ts";

const REPLAY_BATCH = 200;

/** The collection that is being filled. */
interface Next extends BuiltFor {
  readonly name: string;
}

/**
 * Builds the whole index beside the one that is shown and swaps, so that a search never meets half of it.
 * The synonyms must have been put before. What changes meanwhile goes into the one that is shown and is put down; it is brought into the
 * new one before the swap, and at once after it whatever came in the moment between. So a change is found throughout.
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
  const shop = await deps.shop();
  const next = { name, languages: languagesOf(shop), prices: indexPricesOf(shop.view) };
  const replayed: string[] = [];
  let documents = 0;
  try {
    await index.create(name, next.languages.further, next.prices);
    documents = await fill(deps, next, batches);
    replayed.push(...(await replay(deps, next)));
    // A language is searched in as soon as it is counted, so its fields must be there before and its counts be gone first.
    await forgetLanguages(store.redis, next.languages);
  } catch (error) {
    await index.drop(name).catch(() => undefined);
    await store.redis.del(ownKeys.searchBuilding);
    throw error;
  }
  await index.show(name);
  await putLanguages(store.redis, next.languages);
  await putPrices(store.redis, next.prices);
  // Only now: a flush that still knew the fields of the former one has put its products down, and they are brought in once more.
  await store.redis.del(ownKeys.searchBuilding);
  // By prices of channels that this index is the first to know, edge asks when the settings say so.
  await projectShop(store, shop);
  await showCorpora(store.redis, localesOf(next.languages));
  await queue.settle(covered);
  await flushLate(deps);
  await flushAgain(deps, replayed);
  await store.invalidate([keys.searchIndex()]);
  await index.dropOthers(name);
  return { documents };
}

/** Writes and counts all products. Answers how many of them are in the shop. */
async function fill(
  deps: SearchDeps,
  { name, languages, prices }: Next,
  batches: AsyncIterable<readonly StoredBase[]>,
): Promise<number> {
  const { store, index } = deps;
  const corpora = new Map(localesOf(languages).map((locale): [string | null, CorpusCounts] => [locale, new Map()]));
  const ids: string[] = [];
  for await (const batch of batches) {
    const found = await searchDocuments(store, batch, { languages, prices });
    await index.upsert(found, name);
    for (const [locale, counts] of corpora) tally(counts, found, locale);
    for (const { id } of found) ids.push(id);
  }
  await prepareCorpora(store.redis, corpora, ids);
  return ids.length;
}

/** Brings what has changed while the new collection was filled into it, until hardly anything is left. Answers which products those were. */
async function replay(deps: SearchDeps, { name, languages, prices }: Next): Promise<string[]> {
  const { store, index } = deps;
  const replayed: string[] = [];
  let ids: string[];
  do {
    ids = await store.redis.spop(ownKeys.searchReplay, REPLAY_BATCH);
    const bases = await storedBases(store, ids);
    await index.upsert(await searchDocuments(store, bases, { languages, prices }), name);
    const gone = bases.filter(({ base }) => base === null);
    await index.remove(
      gone.map(({ id }) => id),
      name,
    );
    replayed.push(...ids);
  } while (ids.length === REPLAY_BATCH);
  return replayed;
}

/** Brings in what changed between the last look and the swap. Each is marked first, so a sweep does what is left if this process dies. */
export async function flushLate(deps: SearchDeps): Promise<void> {
  const { redis } = deps.store;
  for (;;) {
    const ids = await redis.srandmember(ownKeys.searchReplay, REPLAY_BATCH);
    if (ids.length === 0) return;
    await deps.queue.mark(ids);
    await redis.srem(ownKeys.searchReplay, ...ids);
    await flushSearch(deps, await deps.queue.waiting(ids));
  }
}

/** A rebuild that died after its swap left what came before it to whoever finds it. */
export async function takeUpReplay(deps: SearchDeps, shown: string | null): Promise<void> {
  const { redis } = deps.store;
  const building = await redis.get(ownKeys.searchBuilding);
  if (building !== null && building !== shown) return;
  // Else each flush would put it down once more.
  await redis.del(ownKeys.searchBuilding);
  await flushLate(deps);
}

/** Their words were counted before they were replayed. */
async function flushAgain(deps: SearchDeps, ids: readonly string[]): Promise<void> {
  for (let start = 0; start < ids.length; start += REPLAY_BATCH) {
    const batch = ids.slice(start, start + REPLAY_BATCH);
    await deps.queue.mark(batch);
    await flushSearch(deps, await deps.queue.waiting(batch));
  }
}
