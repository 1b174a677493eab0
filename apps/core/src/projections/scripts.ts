import { REPAIR_LUA, SET_IF_NEWER_LUA } from "@stoa/read-models";
import type { Cluster, Redis } from "ioredis";

/** Either of ioredis' clients. Scripts touch one key each, so a cluster runs them as well. */
export type RedisClient = Redis | Cluster;

/** KEYS[1] = envelope, ARGV[1] = major. Deletes it unless it was made of a newer revision. */
const DELETE_UNLESS_NEWER_LUA = `
local old = redis.call('GET', KEYS[1])
if not old then return 0 end
local major = string.match(old, '^(%d+)%.')
if major and tonumber(major) > tonumber(ARGV[1]) then return 0 end
return redis.call('DEL', KEYS[1])
`;

/** KEYS[1] = text, ARGV[1] = what it must be. Deletes it if it still is. */
const DELETE_IF_EQUAL_LUA = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`;

/** KEYS[1] = text, ARGV[1] = new text. Answers 1 when it differed. */
const SET_IF_DIFFERENT_LUA = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
return 1
`;

/** KEYS[1] = hash, ARGV = pairs of field and token. Takes a field off if its token is still this one; else marks it anew. */
const SETTLE_PENDING_LUA = `
for i = 1, #ARGV, 2 do
  local token = redis.call('HGET', KEYS[1], ARGV[i])
  if token == ARGV[i + 1] then
    redis.call('HDEL', KEYS[1], ARGV[i])
  elseif not token then
    redis.call('HSET', KEYS[1], ARGV[i], '0')
  end
end
return 0
`;

export const scripts = {
  setIfNewer: script(SET_IF_NEWER_LUA),
  repair: script(REPAIR_LUA),
  deleteUnlessNewer: script(DELETE_UNLESS_NEWER_LUA),
  deleteIfEqual: script(DELETE_IF_EQUAL_LUA),
  setIfDifferent: script(SET_IF_DIFFERENT_LUA),
  settlePending: script(SETTLE_PENDING_LUA),
} as const;

export interface Script {
  readonly lua: string;
  readonly sha: string;
}

/** Runs a script on one key by its hash, and sends its text only to a server that does not know it yet. */
export async function runScript(
  redis: RedisClient,
  { lua, sha }: Script,
  key: string,
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(sha, 1, key, ...args);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
    return redis.eval(lua, 1, key, ...args);
  }
}

function script(lua: string): Script {
  return { lua, sha: new Bun.CryptoHasher("sha1").update(lua).digest("hex") };
}
