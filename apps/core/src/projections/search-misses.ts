import { keys } from "@stoa/read-models";
import type { SearchMisses } from "../services/catalog/index.ts";
import type { RedisClient } from "./scripts.ts";

/** What edge has put down of searches that found nothing. */
export function readSearchMisses(redis: RedisClient): SearchMisses {
  return {
    async list(limit) {
      const found = await redis.zrevrange(keys.searchMisses(), 0, limit - 1, "WITHSCORES");
      return found.flatMap((query, at) => (at % 2 === 0 ? [{ query, count: Number(found[at + 1]) }] : []));
    },
    async forget(query) {
      await redis.zrem(keys.searchMisses(), query);
    },
  };
}
