import { EXPIRY_SWEEP_KEYS, KEYS_PER_DATABASE_MAX } from "./limits.ts";
import { RedisError, wrongType } from "./reply.ts";
import type { SortedSet } from "./sorted-set.ts";
import type { Stream } from "./stream.ts";

/** What a key may hold, by the name that TYPE answers. */
export interface ValueTypes {
  readonly string: string;
  readonly hash: Map<string, string>;
  readonly list: string[];
  readonly set: Set<string>;
  readonly zset: SortedSet;
  readonly stream: Stream;
}
export type ValueType = keyof ValueTypes;
export type Value = { [T in ValueType]: { readonly type: T; readonly data: ValueTypes[T] } }[ValueType];

/** Set as soon as one of the keys it stands on is touched: what WATCH leaves behind. */
export interface Watch {
  broken: boolean;
}

/** A client that waits for a key. `serve` answers true when it has got what it wanted. */
export interface Waiter {
  serve(): boolean;
}

interface Entry {
  readonly value: Value;
  /** Grows with every new key, so that SCAN can go on from where it was. */
  readonly order: number;
}

/** Walks through all keys at the same time that need not look for their place. */
const PAGES_MAX = 64;

/** One numbered database. Expired keys vanish when they are looked at, and by sweeping. */
export class Store {
  readonly #entries = new Map<string, Entry>();
  readonly #expiries = new Map<string, number>();
  readonly #watches = new Map<string, Set<Watch>>();
  readonly #waiters = new Map<string, Set<Waiter>>();
  readonly #ready = new Set<string>();
  #sweep: MapIterator<[string, number]> | null = null;
  #order = 0;
  /** What comes after pages that SCAN has answered, by their cursor. */
  readonly #pages = new Map<number, MapIterator<[string, Entry]>>();
  /** Counts every change; a snapshot is due when it has grown. */
  changes = 0;

  constructor(readonly now: () => number) {}

  get size(): number {
    return this.#entries.size;
  }

  get volatileSize(): number {
    return this.#expiries.size;
  }

  find(key: string): Value | undefined {
    const expiry = this.#expiries.get(key);
    if (expiry !== undefined && expiry <= this.now()) {
      this.remove(key);
      return undefined;
    }
    return this.#entries.get(key)?.value;
  }

  /** The value of this type, undefined when there is no such key; refused when the key holds another type. */
  read<T extends ValueType>(key: string, type: T): ValueTypes[T] | undefined {
    const value = this.find(key);
    if (value === undefined) return undefined;
    if (value.type !== type) throw wrongType();
    return value.data as ValueTypes[T];
  }

  /** The value of this type to be changed in place; made when there is none. */
  open<T extends Exclude<ValueType, "string">>(key: string, type: T, make: () => ValueTypes[T]): ValueTypes[T] {
    const present = this.read(key, type);
    if (present !== undefined) {
      this.touch(key);
      return present;
    }
    const data = make();
    this.put(key, { type, data } as Value);
    return data;
  }

  /** Sets the value and leaves its time to live alone. */
  put(key: string, value: Value): void {
    const order = this.#entries.get(key)?.order;
    if (order === undefined && this.#entries.size >= KEYS_PER_DATABASE_MAX) {
      throw new RedisError("OOM command not allowed when used memory > 'maxmemory'.");
    }
    if (order === undefined) this.#order += 1;
    this.#entries.set(key, { value, order: order ?? this.#order });
    this.touch(key);
  }

  remove(key: string): boolean {
    const existed = this.#entries.delete(key);
    this.#expiries.delete(key);
    if (existed) this.touch(key);
    return existed;
  }

  /** Removes a collection that has become empty: Redis keeps none. */
  dropIfEmpty(key: string): void {
    const value = this.#entries.get(key)?.value;
    if (!value || value.type === "string" || value.type === "stream") return;
    const size = value.type === "list" ? value.data.length : value.data.size;
    if (size === 0) this.remove(key);
  }

  clear(): void {
    for (const key of this.#watches.keys()) this.touch(key);
    this.#entries.clear();
    this.#pages.clear();
    this.#expiries.clear();
    this.changes += 1;
  }

  /** When the key expires, ms since the epoch; undefined when never. */
  expiry(key: string): number | undefined {
    return this.#expiries.get(key);
  }

  expireAt(key: string, at: number): void {
    this.#expiries.set(key, at);
    this.touch(key);
  }

  /** Takes the time to live away. Answers whether there was one. */
  persist(key: string): boolean {
    const had = this.#expiries.delete(key);
    if (had) this.touch(key);
    return had;
  }

  *keys(): IterableIterator<string> {
    for (const key of [...this.#entries.keys()]) if (this.find(key)) yield key;
  }

  /** The next `count` keys after the cursor. A key that stays throughout is met exactly once. */
  scan(cursor: number, count: number): { cursor: number; keys: string[] } {
    // Whoever goes on where a page has ended needs no way there past all keys before it.
    const entries = this.#pages.get(cursor) ?? this.#entries.entries();
    this.#pages.delete(cursor);
    const keys: string[] = [];
    let last = cursor;
    for (let next = entries.next(); !next.done; next = entries.next()) {
      const [key, { order }] = next.value;
      if (order <= cursor) continue;
      keys.push(key);
      last = order;
      if (keys.length < count) continue;
      this.#keepPage(last, entries);
      return { cursor: last, keys: keys.filter((name) => this.find(name)) };
    }
    return { cursor: 0, keys: keys.filter((name) => this.find(name)) };
  }

  #keepPage(cursor: number, entries: MapIterator<[string, Entry]>): void {
    this.#pages.set(cursor, entries);
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= PAGES_MAX) break;
      this.#pages.delete(oldest);
    }
  }

  touch(key: string): void {
    this.changes += 1;
    for (const watch of this.#watches.get(key) ?? []) watch.broken = true;
  }

  watch(key: string, watch: Watch): void {
    this.find(key);
    const watches = this.#watches.get(key) ?? new Set();
    this.#watches.set(key, watches.add(watch));
  }

  unwatch(key: string, watch: Watch): void {
    // A key that expired meanwhile counts as changed, so it is looked at once more.
    this.find(key);
    const watches = this.#watches.get(key);
    watches?.delete(watch);
    if (watches?.size === 0) this.#watches.delete(key);
  }

  wait(key: string, waiter: Waiter): void {
    const waiters = this.#waiters.get(key) ?? new Set();
    this.#waiters.set(key, waiters.add(waiter));
  }

  /** How many clients wait for a key. */
  waiting(): number {
    return new Set([...this.#waiters.values()].flatMap((waiters) => [...waiters])).size;
  }

  stopWaiting(key: string, waiter: Waiter): void {
    const waiters = this.#waiters.get(key);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.#waiters.delete(key);
  }

  /** Notes that a key has something to take. Whoever waits is served when the command in hand is done. */
  signal(key: string): void {
    if (this.#waiters.has(key)) this.#ready.add(key);
  }

  serveWaiters(): void {
    if (this.#ready.size === 0) return;
    for (const key of this.#ready) {
      this.#ready.delete(key);
      for (const waiter of [...(this.#waiters.get(key) ?? [])]) {
        if (waiter.serve()) this.stopWaiting(key, waiter);
      }
    }
  }

  /** Removes expired keys nobody asks for, a bounded number at a time. */
  sweepExpired(): void {
    this.#sweep ??= this.#expiries.entries();
    const now = this.now();
    for (let seen = 0; seen < EXPIRY_SWEEP_KEYS; seen += 1) {
      const next = this.#sweep.next();
      if (next.done) {
        this.#sweep = null;
        return;
      }
      const [key, at] = next.value;
      if (at <= now) this.remove(key);
    }
  }
}
