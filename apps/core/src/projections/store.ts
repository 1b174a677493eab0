import type { Clock, Instant } from "@stoa/kernel";
import { channels, type Envelope, packEnvelope, unpackEnvelope, type Version } from "@stoa/read-models";
import { Cluster, type Redis } from "ioredis";
import { type RedisClient, runScript, type Script, scripts } from "./scripts.ts";

/** Commands on their way at once: enough to fill the wire, few enough to stay within a command's time-out. */
const BATCH = 500;
const SCAN_COUNT = 500;
/** Keys told in one message of the invalidation channel. */
const KEYS_PER_MESSAGE = 500;

/** A read model to be written. */
export interface Entry {
  readonly key: string;
  readonly version: Version;
  readonly body: string;
  /** See `Envelope`. */
  readonly channels?: readonly string[];
  /** What the body becomes by itself, the next first. */
  readonly later?: readonly { readonly from: Instant; readonly body: string }[];
  /** 0 or absent: it stays. */
  readonly ttlSeconds?: number;
}

/**
 * The read models in Redis. Every write is many single-key commands sent together, so it costs one round trip on one server
 * and works on a cluster; what changed is told to the edges afterwards.
 */
export class ReadModelStore {
  constructor(
    readonly redis: RedisClient,
    readonly clock: Clock,
  ) {}

  /** Texts in the order of their keys; null where there is none. */
  async texts(keys: readonly string[]): Promise<(string | null)[]> {
    return inBatches(keys, (key) => this.redis.get(key));
  }

  /** Envelopes in the order of their keys; null where there is none, or none that can be read. */
  async envelopes(keys: readonly string[]): Promise<(Envelope | null)[]> {
    const texts = await this.texts(keys);
    return texts.map((text) => (text === null ? null : unpackEnvelope(text)));
  }

  /** Writes what is newer than what is there. Answers which entries tell something else by now. */
  async setIfNewer(entries: readonly Entry[]): Promise<boolean[]> {
    return this.#write(scripts.setIfNewer, entries);
  }

  /** Writes what is newer, or of the same version and different. Answers which entries tell something else by now. */
  async repair(entries: readonly Entry[]): Promise<boolean[]> {
    return this.#write(scripts.repair, entries);
  }

  /** Deletes envelopes that were made of this revision or an older one. Answers which were there. */
  async deleteUnlessNewer(keys: readonly { readonly key: string; readonly major: number }[]): Promise<boolean[]> {
    return this.#run(scripts.deleteUnlessNewer, keys, ({ key, major }) => [key, [major]]);
  }

  /** Deletes plain texts that are still what the caller saw. */
  async deleteIfEqual(texts: readonly { readonly key: string; readonly text: string }[]): Promise<boolean[]> {
    return this.#run(scripts.deleteIfEqual, texts, ({ key, text }) => [key, [text]]);
  }

  /** Deletes keys whatever they hold. Answers which were there. */
  async remove(keys: readonly string[]): Promise<boolean[]> {
    return inBatches(keys, async (key) => (await this.redis.del(key)) === 1);
  }

  /** Sets plain texts. Answers which of them were different before. */
  async setTexts(texts: readonly { readonly key: string; readonly text: string }[]): Promise<boolean[]> {
    return this.#run(scripts.setIfDifferent, texts, ({ key, text }) => [key, [text]]);
  }

  /** Tells every edge that these keys have changed. */
  async invalidate(keys: readonly string[]): Promise<void> {
    for (let start = 0; start < keys.length; start += KEYS_PER_MESSAGE) {
      await this.redis.publish(channels.invalidate, keys.slice(start, start + KEYS_PER_MESSAGE).join("\n"));
    }
  }

  /** Keys by prefix, a batch at a time. A key may come twice; one that appears meanwhile may be missed. */
  async *keysWithPrefix(prefix: string): AsyncIterable<string[]> {
    const pattern = `${prefix.replace(/[\\*?[\]]/g, "\\$&")}*`;
    for (const node of nodesOf(this.redis)) {
      let cursor = "0";
      do {
        const [next, keys] = await node.scan(cursor, "MATCH", pattern, "COUNT", SCAN_COUNT);
        cursor = next;
        if (keys.length > 0) yield keys;
      } while (cursor !== "0");
    }
  }

  async #write(script: Script, entries: readonly Entry[]): Promise<boolean[]> {
    const writtenAt = this.clock.now();
    return this.#run(script, entries, ({ key, version, body, channels, later = [], ttlSeconds = 0 }) => {
      const ahead = later.map((one) => ({ ...one, etag: etagOf(one.body) }));
      const shownIn = channels && { channels };
      const envelope = packEnvelope({ version, etag: etagOf(body), writtenAt, body, ...shownIn, later: ahead });
      return [key, [version.major, version.minor, envelope, ttlSeconds]];
    });
  }

  async #run<T>(
    script: Script,
    items: readonly T[],
    argsOf: (item: T) => [key: string, args: (string | number)[]],
  ): Promise<boolean[]> {
    return inBatches(items, async (item) => {
      const [key, args] = argsOf(item);
      return (await runScript(this.redis, script, key, args)) === 1;
    });
  }
}

/** A strong ETag of the bytes that edge sends, quotes included. */
export function etagOf(body: string): string {
  return `"${Bun.hash.xxHash64(body).toString(36)}${Bun.hash.wyhash(body).toString(36)}"`;
}

async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += BATCH) {
    results.push(...(await Promise.all(items.slice(start, start + BATCH).map(work))));
  }
  return results;
}

function nodesOf(redis: RedisClient): Redis[] {
  return redis instanceof Cluster ? redis.nodes("master") : [redis];
}
