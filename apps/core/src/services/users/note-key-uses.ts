import { isId, toUuid } from "@stoa/kernel";
import { keys } from "@stoa/read-models";
import { sql } from "drizzle-orm";
import type { Redis } from "ioredis";
import type { Database } from "../../platform/db/index.ts";
import { apiKey } from "./tables.ts";

/** KEYS[1] = hash. Answers what it held and leaves nothing. */
const TAKE_LUA = `
local all = redis.call('HGETALL', KEYS[1])
redis.call('DEL', KEYS[1])
return all`;

/**
 * Writes down when keys were used last, from what the edges have left in Redis: one statement a round, however many calls there were.
 * What a crash in between loses is the time of a call, and the next call tells it again.
 */
export async function noteKeyUses({ db, redis }: { readonly db: Database; readonly redis: Redis }): Promise<void> {
  const uses = usesIn(await redis.eval(TAKE_LUA, 1, keys.keyUses()));
  if (uses.length === 0) return;
  const rows = uses.map(({ id, at }) => ({ id: toUuid(id), at }));
  await db.execute(sql`update ${apiKey} set last_used_at = greatest(last_used_at, to_timestamp(used.at / 1000.0))
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as used(id uuid, at bigint) where ${apiKey.id} = used.id`);
}

function usesIn(answer: unknown): { readonly id: string; readonly at: number }[] {
  const fields: unknown[] = Array.isArray(answer) ? answer : [];
  const uses: { id: string; at: number }[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [id, when] = [fields[at], Number(fields[at + 1])];
    if (isId("api", id) && Number.isSafeInteger(when)) uses.push({ id, at: when });
  }
  return uses;
}
