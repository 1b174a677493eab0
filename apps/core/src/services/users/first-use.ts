import { createHash } from "node:crypto";
import type { Redis } from "ioredis";

/** Whether a secret that opens a door once is shown for the first time, within the seconds that it is remembered for by its hash. */
export async function isFirstUse(redis: Redis, of: string, secret: string, seconds: number): Promise<boolean> {
  const hash = createHash("sha256").update(secret).digest("base64url");
  return (await redis.set(`used-${of}:${hash}`, "1", "EX", seconds, "NX")) === "OK";
}
