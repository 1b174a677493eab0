import { corpusFields, keys, type SearchDocument, searchFieldNames, termsIn } from "@stoa/read-models";
import { ownKeys } from "./own-keys.ts";
import type { RedisClient } from "./scripts.ts";

/** Names or ids of one command. */
const BATCH = 2_000;

/** Counts by name, as they lie in the corpus' hash. */
export type CorpusCounts = Map<string, number>;

/** Counts by language; null is the shop's own. */
export type CorporaCounts = ReadonlyMap<string | null, CorpusCounts>;

/** Adds documents to the counts of a language: each term once a document, the lengths of fields, the sizes of categories. */
export function tally(counts: CorpusCounts, documents: readonly SearchDocument[], locale: string | null): void {
  const add = (name: string, by: number) => counts.set(name, (counts.get(name) ?? 0) + by);
  for (const document of documents) {
    add(corpusFields.documents, 1);
    if (document.kind !== "") add(corpusFields.kind(document.kind), 1);
    const own = termsIn(document, locale);
    for (const head of new Set(`${own.heads} ${own.kindHeads}`.split(" "))) add(corpusFields.head(head), 1);
    const terms = new Set<string>();
    for (const field of searchFieldNames) {
      const words = own[field]?.split(" ").filter(Boolean) ?? [];
      add(corpusFields.length(field), words.length);
      for (const word of words) terms.add(word);
    }
    for (const term of terms) add(term, 1);
  }
}

/**
 * Takes documents that have just been indexed into the corpus. New ones are counted; of changed ones only terms that no product had
 * before. Two processes at once may lose some of it, so between two rebuilds the counts are a little behind; a word that the shop
 * has is always known.
 */
export async function countDocuments(
  redis: RedisClient,
  documents: readonly SearchDocument[],
  locales: readonly (string | null)[],
): Promise<void> {
  if (documents.length === 0) return;
  const added = await Promise.all(documents.map(({ id }) => redis.sadd(ownKeys.searchCounted, id)));
  const isNew = (_: SearchDocument, index: number) => added[index] === 1;
  const split = {
    fresh: documents.filter(isNew),
    changed: documents.filter((document, index) => !isNew(document, index)),
  };
  for (const locale of locales) await countIn(redis, split, locale);
}

async function countIn(
  redis: RedisClient,
  documents: { readonly fresh: readonly SearchDocument[]; readonly changed: readonly SearchDocument[] },
  locale: string | null,
): Promise<void> {
  const fresh = tallyOf(documents.fresh, locale);
  const changed = tallyOf(documents.changed, locale);
  const terms = [...changed.keys()].filter((name) => !name.startsWith("#") && !fresh.has(name));
  const present = await readCounts(redis, keys.searchCorpus(locale), [...fresh.keys(), ...terms]);
  const counted = [...fresh].map(([name, by]) => [name, (present.get(name) ?? 0) + by] as const);
  const unknown = terms.filter((term) => !present.has(term)).map((term) => [term, 1] as const);
  await writeCounts(redis, keys.searchCorpus(locale), [...counted, ...unknown]);
}

/** Writes counts beside those that are used, with the products that are counted in them. */
export async function prepareCorpora(
  redis: RedisClient,
  corpora: CorporaCounts,
  ids: readonly string[],
): Promise<void> {
  for (const [locale, counts] of corpora) {
    const next = ownKeys.searchCorpusNext(locale);
    await redis.del(next);
    await writeCounts(redis, next, [...counts]);
  }
  await redis.del(ownKeys.searchCountedNext);
  for (const batch of batchesOf(ids)) await redis.sadd(ownKeys.searchCountedNext, ...batch);
}

/** Puts the counts that were prepared in the place of those that are used, each language at once. */
export async function showCorpora(redis: RedisClient, locales: readonly (string | null)[]): Promise<void> {
  for (const locale of locales) await replace(redis, ownKeys.searchCorpusNext(locale), keys.searchCorpus(locale));
  await replace(redis, ownKeys.searchCountedNext, ownKeys.searchCounted);
}

/** A key of nothing is none that could be renamed. */
async function replace(redis: RedisClient, next: string, shown: string): Promise<void> {
  if (await redis.exists(next)) await redis.rename(next, shown);
  else await redis.del(shown);
}

function tallyOf(documents: readonly SearchDocument[], locale: string | null): CorpusCounts {
  const counts: CorpusCounts = new Map();
  tally(counts, documents, locale);
  return counts;
}

async function readCounts(redis: RedisClient, key: string, names: readonly string[]): Promise<CorpusCounts> {
  const counts: CorpusCounts = new Map();
  for (const batch of batchesOf(names)) {
    const values = await redis.hmget(key, ...batch);
    batch.forEach((name, index) => {
      const value = values[index];
      if (value !== null && value !== undefined) counts.set(name, Number(value));
    });
  }
  return counts;
}

async function writeCounts(
  redis: RedisClient,
  key: string,
  counts: readonly (readonly [name: string, count: number])[],
): Promise<void> {
  for (const batch of batchesOf(counts)) await redis.hset(key, ...batch.flat());
}

function batchesOf<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / BATCH) }, (_, at) => items.slice(at * BATCH, (at + 1) * BATCH));
}
