import { problem } from "@stoa/kernel";
import type { Breaker, Logger } from "@stoa/runtime/portable";
import { type Cluster, type Redis, ReplyError } from "ioredis";

/** What edge asks of Redis. Every call is refused with `service_unavailable` while Redis is away. */
export interface Store {
  get(key: string): Promise<string | null>;
  /** In the order of the keys. */
  mget(keys: readonly string[]): Promise<(string | null)[]>;
  /** Fields of a hash, in their order. */
  hmget(key: string, fields: readonly string[]): Promise<(string | null)[]>;
  put(key: string, value: string, ttlSeconds: number): Promise<void>;
  /** Answers whether the key was free and is now set. */
  putIfAbsent(key: string, value: string, ttlSeconds: number): Promise<boolean>;
  remove(key: string): Promise<void>;
  /** Runs a Lua script on the server. */
  run(lua: string, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>;
  ping(): Promise<void>;
}

export type RedisClient = Redis | Cluster;

export interface StoreOptions {
  /** The connection to use now: one for the process on Bun; in a Worker one for each request, which it waits for. */
  readonly client: () => RedisClient | Promise<RedisClient>;
  /** Spares every request the wait for a Redis that does not answer. */
  readonly breaker: Breaker;
  readonly logger: Logger;
}

export function createStore({ client, breaker, logger }: StoreOptions): Store {
  const away = () => problem("service_unavailable", { retryAfterSeconds: 1 });
  const asked = async <T>(command: (redis: RedisClient) => Promise<T>): Promise<T> => {
    if (!breaker.enter()) throw away();
    try {
      const redis = client();
      const answer = await (redis instanceof Promise ? redis.then(command) : command(redis));
      breaker.succeed();
      return answer;
    } catch (error) {
      // A refusal is an answer, too.
      if (error instanceof ReplyError) breaker.succeed();
      else breaker.fail();
      logger.warn("redis did not answer", { error });
      throw away();
    }
  };
  return {
    get: (key) => asked((redis) => redis.get(key)),
    mget: (keys) => (keys.length === 0 ? Promise.resolve([]) : asked((redis) => readAll(redis, keys))),
    hmget: (key, fields) => (fields.length === 0 ? Promise.resolve([]) : asked((redis) => redis.hmget(key, ...fields))),
    put: async (key, value, ttlSeconds) => {
      await asked((redis) => redis.set(key, value, "EX", ttlSeconds));
    },
    putIfAbsent: async (key, value, ttlSeconds) =>
      (await asked((redis) => redis.set(key, value, "EX", ttlSeconds, "NX"))) === "OK",
    remove: async (key) => {
      await asked((redis) => redis.del(key));
    },
    run: (lua, keys, args) => asked((redis) => redis.eval(lua, keys.length, ...keys, ...args)),
    ping: async () => {
      await asked((redis) => redis.ping());
    },
  };
}

/** A cluster refuses MGET over several slots; there auto-pipelining makes single GETs as cheap. */
function readAll(redis: RedisClient, keys: readonly string[]): Promise<(string | null)[]> {
  return redis.isCluster ? Promise.all(keys.map((key) => redis.get(key))) : redis.mget([...keys]);
}
