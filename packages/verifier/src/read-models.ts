import type { Redis } from "ioredis";

const SCAN_COUNT = 1_000;
const READ_BATCH = 500;

/** Every key that matches, once each. */
export async function keysLike(redis: Redis, pattern: string): Promise<string[]> {
  const found = new Set<string>();
  let cursor = "0";
  do {
    const [next, page] = await redis.scan(cursor, "MATCH", pattern, "COUNT", SCAN_COUNT);
    for (const key of page) found.add(key);
    cursor = next;
  } while (cursor !== "0");
  return [...found].sort();
}

/** The texts under keys that hold text; a key that has gone meanwhile is left out. */
export async function textsOf(redis: Redis, keys: readonly string[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (let start = 0; start < keys.length; start += READ_BATCH) {
    const batch = keys.slice(start, start + READ_BATCH);
    const values = await redis.mget(...batch);
    batch.forEach((key, index) => {
      const value = values[index];
      if (value !== null && value !== undefined) texts.set(key, value);
    });
  }
  return texts;
}

/** Everything behind the header line: what edge sends, and what it will send later. */
export function bodiesOf(envelope: string): string {
  return envelope.slice(envelope.indexOf("\n") + 1);
}

/** What edge sends, for models that do not change by themselves or as they were when they were written. */
export function bodyOf(envelope: string): string {
  const [header = "", ...lines] = envelope.split("\n");
  return header.endsWith(" +") ? (lines[0] ?? "") : lines.join("\n");
}
