import { Redis } from "ioredis";

/** A connection to the tests' Redis with a key prefix of its own; the prefix is emptied when disposed. */
export async function testRedis(): Promise<{ readonly redis: Redis; readonly prefix: string } & AsyncDisposable> {
  const prefix = `test:${crypto.randomUUID()}:`;
  const redis = new Redis(process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6399", {
    keyPrefix: prefix,
    maxRetriesPerRequest: 1,
    lazyConnect: true,
  });
  await redis.connect();
  return {
    redis,
    prefix,
    async [Symbol.asyncDispose]() {
      const keys = await redis.keys(`${prefix}*`);
      if (keys.length > 0) await redis.del(...keys.map((key) => key.slice(prefix.length)));
      redis.disconnect();
    },
  };
}
