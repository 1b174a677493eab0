import type { Clock } from "@stoa/kernel";
import { ownKeys } from "./own-keys.ts";
import type { RedisClient } from "./scripts.ts";

/** Work and rest: a tenth and nine tenths of the time. */
const REST_FACTOR = 9;

/** Does the work unless it is resting. After it, it rests nine times as long as it took, whatever process did it. */
export async function withRest(
  { redis, clock }: { readonly redis: RedisClient; readonly clock: Clock },
  name: string,
  work: () => Promise<unknown>,
): Promise<void> {
  const key = ownKeys.rest(name);
  if (await redis.exists(key)) return;
  const startedAt = clock.now();
  await work();
  const restMs = Math.round((clock.now() - startedAt) * REST_FACTOR);
  if (restMs > 0) await redis.set(key, "1", "PX", restMs);
}
