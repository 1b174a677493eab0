import { type RedisClient, runScript, scripts } from "./scripts.ts";

/** Marks something as stale. Each mark is another one, so that work which began before it does not take it off. */
export async function setMark(redis: RedisClient, key: string): Promise<void> {
  await redis.set(key, crypto.randomUUID());
}

/** Does the work if the mark is there, and takes off the very mark that was there when it began. */
export async function whileMarked(redis: RedisClient, key: string, work: () => Promise<void>): Promise<void> {
  const mark = await redis.get(key);
  if (mark === null) return;
  await work();
  await runScript(redis, scripts.deleteIfEqual, key, [mark]);
}
