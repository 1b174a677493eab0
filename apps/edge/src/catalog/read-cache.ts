import { channels, unpackEnvelope } from "@stoa/read-models";
import type { Subscriptions } from "../redis/subscriptions.ts";

/** A read model ready to be sent: no JSON is parsed or written on its way. */
export interface ReadModel {
  readonly etag: string;
  readonly body: string;
}

/** Reads one model by its key; null when there is none. */
export type ReadModelReader = (key: string) => Promise<ReadModel | null>;

export interface ReadCacheOptions {
  /** Reads the stored text by key. */
  readonly load: (key: string) => Promise<string | null>;
  /** Most characters held at once. */
  readonly sizeMax: number;
  /** How long an entry may be served at most, should an invalidation get lost all the same. */
  readonly ageMaxMs: number;
  readonly now?: () => number;
}

interface Entry {
  readonly model: ReadModel;
  readonly size: number;
  readonly readAt: number;
}

/**
 * The read models most asked for, in this process' memory. It holds only while invalidations are heard: when the channel
 * is lost everything is dropped and reads pass through. Callers that ask for the same missing key share one read.
 */
export class ReadCache {
  readonly #entries = new Map<string, Entry>();
  readonly #loading = new Map<string, Promise<ReadModel | null>>();
  readonly #now: () => number;
  #size = 0;
  #open = false;

  constructor(readonly options: ReadCacheOptions) {
    this.#now = options.now ?? (() => performance.now());
  }

  /** Characters held now. */
  get size(): number {
    return this.#size;
  }

  read(key: string): Promise<ReadModel | null> | ReadModel {
    const entry = this.#entries.get(key);
    if (entry && this.#now() - entry.readAt <= this.options.ageMaxMs) {
      // Moving it to the end of the map makes the map's order the order of last use.
      this.#entries.delete(key);
      this.#entries.set(key, entry);
      return entry.model;
    }
    return this.#loading.get(key) ?? this.#load(key);
  }

  /** Forgets keys, those on their way included. */
  invalidate(keys: readonly string[]): void {
    for (const key of keys) {
      this.#loading.delete(key);
      this.#drop(key);
    }
  }

  /** Starts to hold entries, from nothing. */
  open(): void {
    this.close();
    this.#open = true;
  }

  /** Forgets everything and holds nothing until it is opened. */
  close(): void {
    this.#open = false;
    this.#entries.clear();
    this.#loading.clear();
    this.#size = 0;
  }

  #load(key: string): Promise<ReadModel | null> {
    const loading: Promise<ReadModel | null> = this.options
      .load(key)
      .then((text) => {
        const model = text === null ? null : toReadModel(text);
        // An invalidation that came meanwhile has taken the promise away; then what was read may be old already.
        if (model && this.#open && this.#loading.get(key) === loading) this.#hold(key, model);
        return model;
      })
      .finally(() => {
        if (this.#loading.get(key) === loading) this.#loading.delete(key);
      });
    if (this.#open) this.#loading.set(key, loading);
    return loading;
  }

  #hold(key: string, model: ReadModel): void {
    const size = key.length + model.body.length + model.etag.length;
    if (size > this.options.sizeMax / 10) return;
    this.#drop(key);
    this.#entries.set(key, { model, size, readAt: this.#now() });
    this.#size += size;
    for (const oldest of this.#entries.keys()) {
      if (this.#size <= this.options.sizeMax) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#size -= entry.size;
  }
}

/** What is stored as a read model; null for a text of another format. */
export function toReadModel(text: string): ReadModel | null {
  const envelope = unpackEnvelope(text);
  return envelope && { etag: envelope.etag, body: envelope.body };
}

/** Keeps a cache honest: opens it when invalidations are heard, drops what they name, closes it when they may be missed. */
export function followInvalidations(cache: ReadCache, subscriptions: Subscriptions): void {
  subscriptions.onHearing((hearing) => {
    if (hearing) cache.open();
    else cache.close();
  });
  subscriptions.listen(channels.invalidate, (message) => cache.invalidate(message.split("\n")));
}
