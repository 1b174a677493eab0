import type { CustomerId } from "@stoa/kernel";
import type { Redis } from "ioredis";

/** Longer than a JWT lives that was given just before, and edge's token that is made of it. */
const KEEP_SECONDS = 10 * 60;

const keyOf = (customerId: CustomerId) => `erased:${customerId}`;

/** Whom no token may speak for any more, although it has some minutes left. */
export const erasedLately = {
  async note(redis: Redis, customerId: CustomerId): Promise<void> {
    await redis.set(keyOf(customerId), "1", "EX", KEEP_SECONDS);
  },
  async takeBack(redis: Redis, customerId: CustomerId): Promise<void> {
    await redis.del(keyOf(customerId));
  },
  /** False while Redis is away: then tokens hold until they end, as after signing out. */
  async has(redis: Redis, customerId: CustomerId): Promise<boolean> {
    return redis.exists(keyOf(customerId)).then(
      (count) => count > 0,
      () => false,
    );
  },
};
