import type { SearchQuery } from "@stoa/contract";
import { keys } from "@stoa/read-models";
import type { EdgeDeps } from "../deps.ts";

const QUERIES_MAX = 1_000;
const LENGTH_MAX = 100;

/** Counts one more; beyond the limit the query that was asked least goes, but never the one that came just now. */
const NOTE_LUA = `
redis.call('ZINCRBY', KEYS[1], 1, ARGV[1])
if redis.call('ZCARD', KEYS[1]) > tonumber(ARGV[2]) then
  local least = redis.call('ZRANGE', KEYS[1], 0, 1)
  redis.call('ZREM', KEYS[1], least[1] == ARGV[1] and least[2] or least[1])
end
return 0
`;

/** Keeps for the staff what shoppers looked for in vain. A search that was narrowed, or continued, says nothing of the kind. */
export async function noteMiss(
  { store, logger }: Pick<EdgeDeps, "store" | "logger">,
  query: SearchQuery,
): Promise<void> {
  const { q, limit: _, cursor, sort: __, currency: ___, ...filters } = query;
  if (cursor !== undefined || Object.values(filters).some((value) => value !== undefined)) return;
  const text = q.trim().toLowerCase().replace(/\s+/g, " ").slice(0, LENGTH_MAX);
  try {
    await store.run(NOTE_LUA, [keys.searchMisses()], [text, QUERIES_MAX]);
  } catch (error) {
    logger.warn("a search in vain was not noted", { error });
  }
}
