import { type Clock, type Instant, type MessageId, toTimestamp, toUuid } from "@stoa/kernel";
import { errorText } from "@stoa/runtime";
import { eq, sql } from "drizzle-orm";
import { anyOf, type Database, prepared, transact, type ValueOf } from "../db/index.ts";
import { gate } from "../gates.ts";
import { deadLetter, outbox } from "../tables.ts";
import { claimDue, laneName, type NotClaimed } from "./claim-due.ts";
import type { Channel } from "./message.ts";

/** One outbox row as the relay works with it. */
export interface OutboxRow {
  readonly id: MessageId;
  readonly channel: Channel;
  readonly type: string;
  readonly key: string;
  readonly payload: unknown;
  readonly availableAt: Instant;
  readonly attempts: number;
}

/** Takes rows of one channel off the outbox. Throwing leaves all of them for another try; a row may come more than once. */
export type Forward = (rows: readonly OutboxRow[]) => Promise<Forwarded> | Promise<void>;

/** Rows whose urgent part is done. */
export interface Forwarded {
  /** What is left of it, which need not hold up the rows behind them. They count as carried when it is done. */
  readonly rest: Promise<void>;
}

export interface RelayOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly forward: Readonly<Record<Channel, Forward>>;
  /** How long a claimed row is left alone before another sweep may take it. */
  readonly claimMs: number;
  readonly attemptsMax: number;
  /** How long the mark of a row waits for those of others, so that they are set together; not at all when left out. */
  readonly markAfterMs?: number;
  readonly observe: RelayObserver;
}

export interface RelayObserver {
  sent(channel: Channel, rows: readonly OutboxRow[], lagMs: number): void;
  failed(channel: Channel, rows: readonly OutboxRow[], error: unknown): void;
  deadLettered(row: OutboxRow, error: unknown): void;
}

const BATCH = 100;
const MARKED_AT_ONCE_MAX = 1_000;
const BACKOFF_MAX_MS = 600_000;
const ERROR_TEXT_MAX = 500;
/** More waiting rows than this are left to the sweep, so that a stalled broker cannot fill the memory. */
const QUEUE_MAX = 5_000;
/** With more batches than this that are done but for the rest, a lane waits. */
const RESTING_MAX = 50;

/** A lane that has more than this in hand is not swept: it has enough to do. */
const SWEPT_BELOW = 500;

/** Rows that go one batch after another: those of the queue, and those of each kind of projection. No lane waits for another. */
interface Lane {
  readonly channel: Channel;
  readonly waiting: OutboxRow[];
  /** All that waits or is under way here, until it is marked or put back: however long that takes, no sweep claims it anew. */
  readonly inHand: Set<MessageId>;
  working: Promise<void> | null;
}

/**
 * Carries outbox rows to where they go. The commit hands fresh rows over directly (`take`); `sweep` claims by state what was
 * missed, because sequence order is not commit order.
 */
export class Relay {
  readonly #lanes = new Map<string, Lane>();
  readonly #resting = new Set<Promise<void>>();
  #forwarded: OutboxRow[] = [];
  #marking: Promise<void> | null = null;

  constructor(readonly options: RelayOptions) {}

  /** Rows that this process has just committed, or has just claimed. Never throws. */
  take(rows: readonly OutboxRow[]): void {
    for (const row of rows) {
      const lane = this.#laneOf(row);
      if (lane.inHand.size >= QUEUE_MAX) continue;
      lane.inHand.add(row.id);
      lane.waiting.push(row);
      lane.working ??= this.#drain(lane);
    }
  }

  /** Claims what is due and nobody works on, this process itself least of all. Answers how many rows it took. */
  async sweep(): Promise<number> {
    const { db, clock, claimMs } = this.options;
    const rows = await claimDue(db, { now: clock.now(), claimMs, limit: BATCH, except: this.#inHand() });
    this.take(rows);
    return rows.length;
  }

  /** Waits until what was handed over has been carried or has failed. */
  async idle(): Promise<void> {
    for (;;) {
      const work = [...this.#resting, ...[...this.#lanes.values()].flatMap(({ working }) => working ?? [])];
      if (this.#marking) work.push(this.#marking);
      if (work.length === 0) return;
      await Promise.all(work);
    }
  }

  #laneOf({ channel, type }: OutboxRow): Lane {
    const name = laneName(channel, type);
    const lane = this.#lanes.get(name) ?? { channel, waiting: [], inHand: new Set(), working: null };
    this.#lanes.set(name, lane);
    return lane;
  }

  #inHand(): NotClaimed {
    const lanes = [...this.#lanes];
    const full = lanes.filter(([, { inHand }]) => inHand.size >= SWEPT_BELOW).map(([name]) => name);
    const ids = lanes.flatMap(([, { inHand }]) => (inHand.size < SWEPT_BELOW ? [...inHand] : []));
    return { ids, lanes: full };
  }

  async #drain(lane: Lane): Promise<void> {
    // The rows of one commit come one by one; they shall go together.
    await Promise.resolve();
    try {
      while (lane.waiting.length > 0) await this.#carry(lane.channel, lane.waiting.splice(0, BATCH));
    } finally {
      lane.working = null;
    }
  }

  async #carry(channel: Channel, rows: readonly OutboxRow[]): Promise<void> {
    try {
      const forwarded = await this.options.forward[channel](rows);
      if (forwarded) return this.#finishLater(channel, rows, forwarded.rest);
    } catch (error) {
      return this.#failed(channel, rows, error);
    }
    await this.#carried(channel, rows);
  }

  async #finishLater(channel: Channel, rows: readonly OutboxRow[], rest: Promise<void>): Promise<void> {
    const resting = rest
      .then(
        () => this.#carried(channel, rows),
        (error) => this.#failed(channel, rows, error),
      )
      .finally(() => this.#resting.delete(resting));
    this.#resting.add(resting);
    if (this.#resting.size > RESTING_MAX) await Promise.race(this.#resting);
  }

  async #carried(channel: Channel, rows: readonly OutboxRow[]): Promise<void> {
    const lagMs = Math.max(0, this.options.clock.now() - Math.min(...rows.map((row) => row.availableAt)));
    await gate(`outbox:${channel}:forwarded`);
    this.options.observe.sent(channel, rows, lagMs);
    this.#forwarded.push(...rows);
    this.#marking ??= this.#markForwarded();
  }

  async #failed(channel: Channel, rows: readonly OutboxRow[], error: unknown): Promise<void> {
    this.options.observe.failed(channel, rows, error);
    if (rows.length > 1) {
      // One poisoned row must not hold up the others.
      for (const row of rows) await this.#carry(channel, [row]);
    } else {
      for (const row of rows) await this.#putBack(row, error);
    }
  }

  /** Beside the carrying, which does not wait for it: what was forwarded meanwhile is marked together. Never rejects. */
  async #markForwarded(): Promise<void> {
    const { db, clock, markAfterMs = 0, observe } = this.options;
    if (markAfterMs > 0) await Bun.sleep(markAfterMs);
    while (this.#forwarded.length > 0) {
      const rows = this.#forwarded.splice(0, MARKED_AT_ONCE_MAX);
      const ids = rows.map((row) => toUuid(row.id));
      try {
        await markSent(db, { ids, at: toTimestamp(clock.now()) });
      } catch (error) {
        // Forwarded but not marked: the sweep forwards them again, and the inbox counts them once.
        for (const [channel, of] of Map.groupBy(rows, (row) => row.channel)) observe.failed(channel, of, error);
      }
      for (const row of rows) this.#letGo(row);
    }
    this.#marking = null;
  }

  #letGo(row: OutboxRow): void {
    this.#laneOf(row).inHand.delete(row.id);
  }

  async #putBack(row: OutboxRow, error: unknown): Promise<void> {
    const { db, clock, attemptsMax, observe } = this.options;
    const now = clock.now();
    const text = errorText(error, ERROR_TEXT_MAX);
    try {
      if (row.attempts < attemptsMax) {
        // Nobody takes it before, but it stays due since when it was: how long it waits is what alarms go by.
        const claimedUntil = (now + Math.min(BACKOFF_MAX_MS, 500 * 2 ** Math.min(row.attempts, 20))) as Instant;
        await db.update(outbox).set({ claimedUntil, lastError: text }).where(eq(outbox.id, row.id));
        return;
      }
      await transact(db, async (tx) => {
        const { id, type, key, payload, attempts } = row;
        await tx
          .insert(deadLetter)
          .values({ id, source: "outbox", type, key, payload, error: text, attempts, createdAt: now })
          .onConflictDoNothing();
        await tx.update(outbox).set({ sentAt: now, claimedUntil: null, lastError: text }).where(eq(outbox.id, id));
      });
      observe.deadLettered(row, error);
    } catch (failure) {
      // Postgres is away: the claim lapses, and the sweep finds the row again.
      observe.failed(row.channel, [row], failure);
    } finally {
      this.#letGo(row);
    }
  }
}

const markSent = prepared(
  (_, value: ValueOf<{ readonly ids: readonly string[]; readonly at: string }>) => sql`
    update platform.outbox set sent_at = ${value("at")}::timestamptz, claimed_until = null
    where id = ${anyOf(value("ids"), "uuid")}`,
);
