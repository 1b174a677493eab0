import { RedisError } from "./reply.ts";

/** An entry's id, `<milliseconds>-<sequence>`. */
export interface StreamId {
  readonly time: number;
  readonly sequence: number;
}

export interface StreamEntry {
  readonly id: StreamId;
  /** Field, value, field, value… */
  readonly fields: readonly string[];
}

export interface PendingEntry {
  consumer: string;
  deliveredAt: number;
  deliveries: number;
}

export interface ConsumerGroup {
  lastDelivered: StreamId;
  /** By id as text, oldest first. */
  readonly pending: Map<string, PendingEntry>;
  /** When each consumer was last seen, ms. */
  readonly consumers: Map<string, number>;
}

export const ZERO_ID: StreamId = { time: 0, sequence: 0 };
export const LARGEST_ID: StreamId = { time: Number.MAX_SAFE_INTEGER, sequence: Number.MAX_SAFE_INTEGER };

const badId = () => new RedisError("ERR Invalid stream ID specified as stream command argument");

/** Reads `time` or `time-sequence`; `sequence` fills what the short form leaves open. */
export function parseStreamId(text: string, sequence = 0): StreamId {
  const match = /^(\d{1,16})(?:-(\d{1,16}))?$/.exec(text);
  if (!match) throw badId();
  const id = { time: Number(match[1]), sequence: match[2] === undefined ? sequence : Number(match[2]) };
  if (!Number.isSafeInteger(id.time) || !Number.isSafeInteger(id.sequence)) throw badId();
  return id;
}

export function formatStreamId(id: StreamId): string {
  return `${id.time}-${id.sequence}`;
}

export function compareStreamIds(one: StreamId, other: StreamId): number {
  return one.time - other.time || one.sequence - other.sequence;
}

/** Start or end of XRANGE: `-`, `+`, an id, or `(` and an id. Null when nothing can lie beyond it. */
export function parseRangeEnd(text: string, end: "start" | "stop"): { id: StreamId; exclusive: boolean } {
  if (text === "-") return { id: ZERO_ID, exclusive: false };
  if (text === "+") return { id: LARGEST_ID, exclusive: false };
  const exclusive = text.startsWith("(");
  const open = end === "start" ? 0 : Number.MAX_SAFE_INTEGER;
  return { id: parseStreamId(exclusive ? text.slice(1) : text, open), exclusive };
}

/** An append-only log with consumer groups. */
export class Stream {
  lastId: StreamId = ZERO_ID;
  entries: StreamEntry[] = [];
  readonly groups = new Map<string, ConsumerGroup>();

  append(id: StreamId, fields: readonly string[]): void {
    this.entries.push({ id, fields });
    this.lastId = id;
  }

  /** The id that `*` stands for: never behind the last one, even if the clock is. */
  nextId(now: number): StreamId {
    if (now > this.lastId.time) return { time: now, sequence: 0 };
    return { time: this.lastId.time, sequence: this.lastId.sequence + 1 };
  }

  after(id: StreamId, countMax: number): StreamEntry[] {
    const from = this.#firstAfter(id);
    return this.entries.slice(from, Math.min(this.entries.length, from + countMax));
  }

  range(start: string, stop: string): StreamEntry[] {
    const low = parseRangeEnd(start, "start");
    const high = parseRangeEnd(stop, "stop");
    return this.entries.filter(({ id }) => {
      const fromLow = compareStreamIds(id, low.id);
      const fromHigh = compareStreamIds(id, high.id);
      return (low.exclusive ? fromLow > 0 : fromLow >= 0) && (high.exclusive ? fromHigh < 0 : fromHigh <= 0);
    });
  }

  find(id: StreamId): StreamEntry | undefined {
    const entry = this.entries[this.#firstAfter(id) - 1];
    return entry && compareStreamIds(entry.id, id) === 0 ? entry : undefined;
  }

  delete(ids: readonly StreamId[]): number {
    const unwanted = new Set(ids.map(formatStreamId));
    const before = this.entries.length;
    this.entries = this.entries.filter((entry) => !unwanted.has(formatStreamId(entry.id)));
    return before - this.entries.length;
  }

  /** Keeps the newest entries only; answers how many went. */
  trimToLength(length: number): number {
    const surplus = Math.max(0, this.entries.length - length);
    this.entries.splice(0, surplus);
    return surplus;
  }

  trimBefore(id: StreamId): number {
    const first = this.entries.findIndex((entry) => compareStreamIds(entry.id, id) >= 0);
    const surplus = first < 0 ? this.entries.length : first;
    this.entries.splice(0, surplus);
    return surplus;
  }

  #firstAfter(id: StreamId): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const entry = this.entries[middle];
      if (entry && compareStreamIds(entry.id, id) > 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
