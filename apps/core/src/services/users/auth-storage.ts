import type { SecondaryStorage } from "better-auth";
import type { Redis } from "ioredis";

/** Prefix of the staff's sessions in Redis. */
export const STAFF_SESSIONS = "staff-auth:";

const INCREMENT_LUA = `
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return n`;

/** Sessions and rate limits of one sign-in door in Redis, under a prefix of its own. */
export function authStorage(redis: Redis, prefix: string): SecondaryStorage {
  return {
    get: (key) => redis.get(prefix + key),
    set: async (key, value, ttlSeconds) => {
      if (ttlSeconds) await redis.set(prefix + key, value, "EX", Math.ceil(ttlSeconds));
      else await redis.set(prefix + key, value);
    },
    delete: async (key) => {
      await redis.del(prefix + key);
    },
    getAndDelete: (key) => redis.getdel(prefix + key),
    increment: async (key, ttlSeconds) =>
      Number(await redis.eval(INCREMENT_LUA, 1, prefix + key, Math.ceil(ttlSeconds))),
  };
}
