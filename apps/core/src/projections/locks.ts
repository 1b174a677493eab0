import { ownKeys } from "./own-keys.ts";
import { type RedisClient, runScript, scripts } from "./scripts.ts";

/** A process that dies at its work keeps the others from it no longer than this. */
const TTL_SECONDS = 15;

/**
 * Runs `work` unless another process is at it. Only spares work: nothing is wrong when two do it at once, e.g. because Redis
 * forgot. Answers null when somebody else was at it.
 */
export async function oneAtATime<T>(redis: RedisClient, name: string, work: () => Promise<T>): Promise<T | null> {
  const key = ownKeys.lock(name);
  const token = crypto.randomUUID();
  const taken = await redis.set(key, token, "EX", TTL_SECONDS, "NX");
  if (taken === null) return null;
  const renewal = setInterval(
    () => {
      redis.expire(key, TTL_SECONDS).catch(() => undefined);
    },
    (TTL_SECONDS * 1_000) / 3,
  );
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    await runScript(redis, scripts.deleteIfEqual, key, [token]).catch(() => undefined);
  }
}
