import type { SearchQuery } from "@stoa/contract";
import { keys } from "@stoa/read-models";
import type { EdgeDeps } from "../deps.ts";

const MISSES_MAX = 1_000;
const HITS_MAX = 2_000;
const LENGTH_MAX = 100;
/** What fewer shoppers have asked is nothing to suggest to others: it may name what only one of them knows. */
const ASKED_MIN = 3;
/** Of so many queries that were asked most, those that begin like a text are looked for. */
const READ_MAX = 1_000;

/** Counts one more; beyond the limit the query that was asked least goes, but never the one that came just now. */
const NOTE_LUA = `
redis.call('ZINCRBY', KEYS[1], 1, ARGV[1])
if redis.call('ZCARD', KEYS[1]) > tonumber(ARGV[2]) then
  local least = redis.call('ZRANGE', KEYS[1], 0, 1)
  redis.call('ZREM', KEYS[1], least[1] == ARGV[1] and least[2] or least[1])
end
return 0
`;

const BEGINNING_LUA = `
local found = {}
local queries = redis.call('ZREVRANGE', KEYS[1], 0, tonumber(ARGV[4]) - 1, 'WITHSCORES')
for at = 1, #queries, 2 do
  if tonumber(queries[at + 1]) < tonumber(ARGV[3]) or #found >= tonumber(ARGV[2]) then break end
  if string.sub(queries[at], 1, #ARGV[1]) == ARGV[1] then found[#found + 1] = queries[at] end
end
return found
`;

/** Keeps what shoppers looked for, in vain for the staff or else to suggest it. A search that was narrowed, or continued, says nothing of the kind. */
export async function noteSearch(
  { store, logger }: Pick<EdgeDeps, "store" | "logger">,
  query: SearchQuery,
  { found }: { readonly found: number },
): Promise<void> {
  const { q, limit: _, cursor, sort: __, currency: ___, locale: ____, ...filters } = query;
  if (cursor !== undefined || Object.values(filters).some((value) => value !== undefined)) return;
  const [key, most] = found === 0 ? [keys.searchMisses(), MISSES_MAX] : [keys.searchHits(), HITS_MAX];
  try {
    await store.run(NOTE_LUA, [key], [plain(q), most]);
  } catch (error) {
    logger.warn("a search was not noted", { error });
  }
}

/** Queries that several shoppers have asked with success and that begin like this, the most frequent first. */
export async function frequentQueries(
  { store }: Pick<EdgeDeps, "store">,
  beginning: string,
  limit: number,
): Promise<string[]> {
  const found = await store.run(BEGINNING_LUA, [keys.searchHits()], [plain(beginning), limit, ASKED_MIN, READ_MAX]);
  return Array.isArray(found) ? found.map(String) : [];
}

function plain(text: string): string {
  return text.trim().toLowerCase().replace(/\s+/g, " ").slice(0, LENGTH_MAX);
}
