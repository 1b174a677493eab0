import type { Clock, Instant, MessageId } from "@stoa/kernel";
import { and, eq, inArray, isNull, lte, or, sql } from "drizzle-orm";
import { type Database, transact } from "../db/index.ts";
import { gate } from "../gates.ts";
import { deadLetter, outbox } from "../tables.ts";
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
export type Forward = (rows: readonly OutboxRow[]) => Promise<void>;

export interface RelayOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly forward: Readonly<Record<Channel, Forward>>;
  /** How long a claimed row is left alone before another sweep may take it. */
  readonly claimMs: number;
  readonly attemptsMax: number;
  readonly observe: RelayObserver;
}

export interface RelayObserver {
  sent(channel: Channel, rows: readonly OutboxRow[], lagMs: number): void;
  failed(channel: Channel, rows: readonly OutboxRow[], error: unknown): void;
  deadLettered(row: OutboxRow, error: unknown): void;
}

const BATCH = 100;
const BACKOFF_MAX_MS = 600_000;
const ERROR_TEXT_MAX = 500;
/** More waiting rows than this are left to the sweep, so that a stalled broker cannot fill the memory. */
const QUEUE_MAX = 5_000;

/**
 * Carries outbox rows to where they go. The commit hands fresh rows over directly (`take`); `sweep` claims by state what was
 * missed, because sequence order is not commit order.
 */
export class Relay {
  readonly #waiting: Record<Channel, OutboxRow[]> = { queue: [], projection: [] };
  readonly #working: Record<Channel, Promise<void> | null> = { queue: null, projection: null };

  constructor(readonly options: RelayOptions) {}

  /** Rows that this process has just committed, or has just claimed. Never throws. */
  take(rows: readonly OutboxRow[]): void {
    for (const row of rows) {
      const waiting = this.#waiting[row.channel];
      if (waiting.length < QUEUE_MAX) waiting.push(row);
    }
    for (const channel of ["projection", "queue"] as const) {
      if (this.#waiting[channel].length > 0) this.#working[channel] ??= this.#drain(channel);
    }
  }

  /** Claims what is due and nobody works on. Answers how many rows it took. */
  async sweep(): Promise<number> {
    const { db, clock, claimMs } = this.options;
    const now = clock.now();
    const due = db
      .select({ id: outbox.id })
      .from(outbox)
      .where(
        and(
          isNull(outbox.sentAt),
          lte(outbox.availableAt, now),
          or(isNull(outbox.claimedUntil), lte(outbox.claimedUntil, now)),
        ),
      )
      .orderBy(outbox.availableAt)
      .limit(BATCH)
      .for("update", { skipLocked: true });
    const rows = await db
      .update(outbox)
      .set({ claimedUntil: (now + claimMs) as Instant, attempts: sql`${outbox.attempts} + 1` })
      .where(inArray(outbox.id, due))
      .returning();
    this.take(rows);
    return rows.length;
  }

  /** Waits until what was handed over has been carried or has failed. */
  async idle(): Promise<void> {
    while (this.#working.queue || this.#working.projection) {
      await Promise.all([this.#working.queue, this.#working.projection]);
    }
  }

  async #drain(channel: Channel): Promise<void> {
    try {
      while (this.#waiting[channel].length > 0) await this.#carry(channel, this.#waiting[channel].splice(0, BATCH));
    } finally {
      this.#working[channel] = null;
    }
  }

  async #carry(channel: Channel, rows: readonly OutboxRow[]): Promise<void> {
    try {
      await this.options.forward[channel](rows);
    } catch (error) {
      this.options.observe.failed(channel, rows, error);
      if (rows.length > 1) {
        // One poisoned row must not hold up the others.
        for (const row of rows) await this.#carry(channel, [row]);
      } else {
        for (const row of rows) await this.#putBack(row, error);
      }
      return;
    }
    await gate(`outbox:${channel}:forwarded`);
    await this.#markSent(channel, rows);
  }

  async #markSent(channel: Channel, rows: readonly OutboxRow[]): Promise<void> {
    const { db, clock, observe } = this.options;
    const now = clock.now();
    try {
      const ids = rows.map((row) => row.id);
      await db.update(outbox).set({ sentAt: now, claimedUntil: null }).where(inArray(outbox.id, ids));
      const oldest = Math.min(...rows.map((row) => row.availableAt));
      observe.sent(channel, rows, Math.max(0, now - oldest));
    } catch (error) {
      // Forwarded but not marked: the sweep forwards them again, and the inbox counts them once.
      observe.failed(channel, rows, error);
    }
  }

  async #putBack(row: OutboxRow, error: unknown): Promise<void> {
    const { db, clock, attemptsMax, observe } = this.options;
    const now = clock.now();
    const text = (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, ERROR_TEXT_MAX);
    try {
      if (row.attempts < attemptsMax) {
        const availableAt = (now + Math.min(BACKOFF_MAX_MS, 500 * 2 ** Math.min(row.attempts, 20))) as Instant;
        await db.update(outbox).set({ availableAt, claimedUntil: null, lastError: text }).where(eq(outbox.id, row.id));
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
    }
  }
}
