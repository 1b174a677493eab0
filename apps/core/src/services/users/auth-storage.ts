import type { SecondaryStorage } from "better-auth";
import type { Redis } from "ioredis";

/** Prefix of the staff's sessions in Redis. */
export const STAFF_SESSIONS = "staff-auth:";

/** What better-auth calls a session by; it stores other things beside them. */
const TOKEN = /^[A-Za-z0-9]{32}$/;
/** Longer than anybody holds what they have read of a session before they write it again. */
const GONE_SECONDS = 120;

/** The key's own slot in a cluster. */
const goneKey = (key: string) => `{${key}}:gone`;

/** KEYS = copy, mark of one that is gone; ARGV = text, milliseconds, "1" to leave a copy that is there. */
const WRITE_LUA = `
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
if ARGV[3] == '1' and redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

export interface SessionCopy {
  readonly text: string;
  readonly lifetimeMs: number;
  /** A copy that is there already is the newer one. */
  readonly isOlder?: boolean;
}

/** Writes the copy of a session in Redis, unless the session has just ended: who had read it before must not bring it back. */
export async function writeCopy(redis: Redis, key: string, copy: SessionCopy): Promise<void> {
  const { text, lifetimeMs, isOlder = false } = copy;
  await redis.eval(WRITE_LUA, 2, key, goneKey(key), text, Math.ceil(lifetimeMs), isOlder ? "1" : "0");
}

/** Takes the copy of a session that has ended away for good. */
export async function dropCopy(redis: Redis, key: string): Promise<void> {
  await redis.set(goneKey(key), "1", "EX", GONE_SECONDS);
  await redis.del(key);
}

const INCREMENT_LUA = `
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return n`;

/** Sessions and rate limits of one sign-in door in Redis, under a prefix of its own. */
export function authStorage(redis: Redis, prefix: string): SecondaryStorage {
  return {
    get: (key) => redis.get(prefix + key),
    set: async (key, value, ttlSeconds) => {
      if (ttlSeconds && TOKEN.test(key))
        await writeCopy(redis, prefix + key, { text: value, lifetimeMs: ttlSeconds * 1_000 });
      else if (ttlSeconds) await redis.set(prefix + key, value, "EX", Math.ceil(ttlSeconds));
      else await redis.set(prefix + key, value);
    },
    delete: async (key) => {
      if (TOKEN.test(key)) await dropCopy(redis, prefix + key);
      else await redis.del(prefix + key);
    },
    getAndDelete: (key) => redis.getdel(prefix + key),
    increment: async (key, ttlSeconds) =>
      Number(await redis.eval(INCREMENT_LUA, 1, prefix + key, Math.ceil(ttlSeconds))),
  };
}
