import { createHash } from "node:crypto";
import { type Clock, problem } from "@stoa/kernel";
import { channels, keyRingSchema, keys, type RingKey } from "@stoa/read-models";
import { readModel } from "../catalog/read-model.ts";
import type { Store } from "../redis/store.ts";
import type { Subscriptions } from "../redis/subscriptions.ts";

/** A change is heard of at once; this long where the message was lost. */
const FRESH_MS = 5_000;
/** How long the keys last known hold while Redis is away: longer than anybody sleeps. */
const KEEP_MS = 24 * 3_600_000;
/** How often a key's last use is told at most. */
const USE_EVERY_MS = 60_000;
const KEY_LENGTH_MAX = 100;

/** KEYS[1] = hash, ARGV = field, value. */
const NOTE_USE_LUA = "return redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])";

interface Ring {
  readonly byHash: ReadonlyMap<string, RingKey>;
  readonly origins: ReadonlySet<string>;
  readonly readAt: number;
}

/** The shop's API keys, all held in memory: a call with a key costs no look-up, and one with a strange key no more than that. */
export class KeyRing {
  #ring: Ring | null = null;
  #isOutdated = false;
  readonly #toldAt = new Map<string, number>();

  constructor(
    readonly store: Store,
    readonly clock: Clock,
  ) {}

  /** Marks what is held as outdated if the ring is among the keys that have changed. */
  invalidate(changed: readonly string[]): void {
    if (changed.includes(keys.keyRing())) this.#isOutdated = true;
  }

  /** The key, if it is in force. @throws problem `unauthenticated`, `service_unavailable`. */
  async find(key: string): Promise<RingKey> {
    if (key.length > KEY_LENGTH_MAX) throw problem("unauthenticated");
    const ring = await this.#current();
    const found = ring.byHash.get(createHash("sha256").update(key).digest("hex"));
    if (!found || (found.expiresAt !== null && found.expiresAt <= this.clock.now())) {
      throw problem("unauthenticated", { detail: "The API key is not in force." });
    }
    this.#tellUse(found.id);
    return found;
  }

  /** Whether the origin is a storefront's with a key in force. False when that cannot be known now. */
  async hasOrigin(origin: string): Promise<boolean> {
    try {
      return (await this.#current()).origins.has(origin);
    } catch {
      return false;
    }
  }

  /** Reads are not shared between callers: on Workers no promise may outlive its request. */
  async #current(): Promise<Ring> {
    const now = this.clock.now();
    const held = this.#ring;
    if (held && !this.#isOutdated && now - held.readAt < FRESH_MS) return held;
    this.#isOutdated = false;
    try {
      this.#ring = await this.#read(now);
    } catch (error) {
      this.#isOutdated = true;
      if (!held || now - held.readAt > KEEP_MS) throw error;
      return held;
    }
    return this.#ring;
  }

  async #read(now: number): Promise<Ring> {
    const model = await readModel(this.store, keys.keyRing());
    if (!model) throw problem("service_unavailable", { detail: "The API keys are being made ready." });
    const { keys: known } = keyRingSchema.parse(JSON.parse(model.body));
    const live = known.filter((key) => key.expiresAt === null || key.expiresAt > now);
    return {
      byHash: new Map(live.map((key) => [key.hash, key])),
      origins: new Set(live.flatMap((key) => key.origins)),
      readAt: now,
    };
  }

  /** Nobody waits for it, and nothing is lost but a time when it fails. */
  #tellUse(id: string): void {
    const now = this.clock.now();
    if (now - (this.#toldAt.get(id) ?? 0) < USE_EVERY_MS) return;
    this.#toldAt.set(id, now);
    this.store.run(NOTE_USE_LUA, [keys.keyUses()], [id, now]).catch(() => undefined);
  }
}

/** A revoked key stops working at once where the message is heard, else within seconds. */
export function followKeyChanges(ring: KeyRing, subscriptions: Subscriptions): void {
  subscriptions.listen(channels.invalidate, (message) => ring.invalidate(message.split("\n")));
}
