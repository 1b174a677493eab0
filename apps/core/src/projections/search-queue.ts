import type { Clock } from "@stoa/kernel";
import { ownKeys } from "./own-keys.ts";
import { type RedisClient, runScript, scripts } from "./scripts.ts";

const BATCH = 200;

/** A product that the search index does not show as it is, and the token of the change that says so. */
export interface Pending {
  readonly id: string;
  readonly token: string;
}

/**
 * Products that the search index has yet to take in. It survives a crash and an outage of Typesense; a token of its own for
 * each change tells whether another one came while a product was being indexed.
 */
export class SearchQueue {
  constructor(
    readonly redis: RedisClient,
    readonly clock: Clock,
  ) {}

  async mark(ids: readonly string[]): Promise<void> {
    for (let start = 0; start < ids.length; start += BATCH) {
      const fields = ids
        .slice(start, start + BATCH)
        .flatMap((id) => [id, `${this.clock.now()}-${crypto.randomUUID()}`]);
      await this.redis.hset(ownKeys.searchPending, ...fields);
    }
  }

  /** What waits at present among these products. */
  async waiting(ids: readonly string[]): Promise<Pending[]> {
    if (ids.length === 0) return [];
    const tokens = await this.redis.hmget(ownKeys.searchPending, ...ids);
    return ids.flatMap((id, index) => {
      const token = tokens[index];
      return token ? [{ id, token }] : [];
    });
  }

  /** Whatever has waited at least this long, so whoever marked it is not at it any more. At most `limit` or one scan's worth. */
  async overdue(ageMs: number, limit: number): Promise<Pending[]> {
    const before = this.clock.now() - ageMs;
    const found: Pending[] = [];
    let cursor = "0";
    do {
      const [next, fields] = await this.redis.hscan(ownKeys.searchPending, cursor, "COUNT", BATCH);
      for (let index = 0; index + 1 < fields.length; index += 2) {
        const [id, token] = [fields[index] ?? "", fields[index + 1] ?? ""];
        if (Number.parseInt(token, 10) <= before) found.push({ id, token });
      }
      cursor = next;
    } while (cursor !== "0" && found.length < limit);
    return found;
  }

  /** Takes off what has been indexed, unless it has changed again or somebody else was at it with an older state. */
  async settle(done: readonly Pending[]): Promise<void> {
    if (done.length === 0) return;
    for (let start = 0; start < done.length; start += BATCH) {
      const args = done.slice(start, start + BATCH).flatMap(({ id, token }) => [id, token]);
      await runScript(this.redis, scripts.settlePending, ownKeys.searchPending, args);
    }
  }

  async size(): Promise<number> {
    return this.redis.hlen(ownKeys.searchPending);
  }
}
