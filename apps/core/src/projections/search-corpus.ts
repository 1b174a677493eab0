import { corpusFields, keys, type SearchDocument, searchFieldNames } from "@stoa/read-models";
import { ownKeys } from "./own-keys.ts";
import type { RedisClient } from "./scripts.ts";

/** Commands of one pipeline. */
const PIPELINE = 1_000;

/** Counts by name, as they lie in the corpus' hash. */
export type CorpusCounts = Map<string, number>;

/** Adds documents to the counts: each term once a document, the lengths of fields, the sizes of categories. */
export function tally(counts: CorpusCounts, documents: readonly SearchDocument[]): void {
  const add = (name: string, by: number) => counts.set(name, (counts.get(name) ?? 0) + by);
  for (const document of documents) {
    add(corpusFields.documents, 1);
    if (document.kind !== "") add(corpusFields.kind(document.kind), 1);
    for (const head of new Set(`${document.heads} ${document.kindHeads}`.split(" "))) add(corpusFields.head(head), 1);
    const terms = new Set<string>();
    for (const field of searchFieldNames) {
      const words = document[field].split(" ").filter(Boolean);
      add(corpusFields.length(field), words.length);
      for (const word of words) terms.add(word);
    }
    for (const term of terms) add(term, 1);
  }
}

/**
 * Takes documents that have just been indexed into the corpus. New ones are counted; of changed ones only terms that no product had
 * before, so between two rebuilds the counts are a little behind, and a word that the shop knows is always known.
 */
export async function countDocuments(redis: RedisClient, documents: readonly SearchDocument[]): Promise<void> {
  if (documents.length === 0) return;
  const added = await Promise.all(documents.map(({ id }) => redis.sadd(ownKeys.searchCounted, id)));
  const counts: CorpusCounts = new Map();
  tally(
    counts,
    documents.filter((_, index) => added[index] === 1),
  );
  const changed = documents.filter((_, index) => added[index] !== 1);
  for (const term of await unknownTerms(redis, changed)) counts.set(term, counts.get(term) ?? 1);
  await inPipelines(redis, [...counts], (pipeline, [name, by]) => pipeline.hincrby(keys.searchCorpus(), name, by));
}

/** Puts counts in the place of those that are there, at once. */
export async function replaceCorpus(redis: RedisClient, counts: CorpusCounts, ids: readonly string[]): Promise<void> {
  const [corpus, counted] = [ownKeys.searchCorpusNext, ownKeys.searchCountedNext];
  await redis.del(corpus);
  await redis.del(counted);
  await inPipelines(redis, [...counts], (pipeline, [name, count]) => pipeline.hset(corpus, name, count));
  await inPipelines(redis, ids, (pipeline, id) => pipeline.sadd(counted, id));
  if (counts.size === 0) await redis.del(keys.searchCorpus());
  else await redis.rename(corpus, keys.searchCorpus());
  if (ids.length === 0) await redis.del(ownKeys.searchCounted);
  else await redis.rename(counted, ownKeys.searchCounted);
}

async function unknownTerms(redis: RedisClient, documents: readonly SearchDocument[]): Promise<string[]> {
  const counts: CorpusCounts = new Map();
  tally(counts, documents);
  const terms = [...counts.keys()].filter((name) => !name.startsWith("#"));
  if (terms.length === 0) return [];
  const known = await redis.hmget(keys.searchCorpus(), ...terms);
  return terms.filter((_, index) => known[index] === null);
}

async function inPipelines<T>(
  redis: RedisClient,
  items: readonly T[],
  add: (pipeline: ReturnType<RedisClient["pipeline"]>, item: T) => unknown,
): Promise<void> {
  for (let start = 0; start < items.length; start += PIPELINE) {
    const pipeline = redis.pipeline();
    for (const item of items.slice(start, start + PIPELINE)) add(pipeline, item);
    for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
  }
}
