import { type Instant, type MessageId, problem, toTimestamp } from "@stoa/kernel";
import { and, asc, desc, eq, gte, inArray, isNull, lte, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Database, Transaction } from "../db/index.ts";
import { deadLetter, idempotencyKey, inbox, outbox } from "../tables.ts";
import { enqueue } from "./enqueue.ts";

export interface OutboxHealth {
  readonly waiting: number;
  /** Age of the oldest message that is due and not sent, in seconds. */
  readonly lagSeconds: number;
  readonly deadLetters: number;
}

/** How the outbox stands, for gauges and alarms. */
export async function readOutboxHealth(db: Database, now: Instant): Promise<OutboxHealth> {
  const [row] = await db
    .select({
      waiting: sql<number>`count(*)::int`,
      oldest: sql<string | null>`extract(epoch from min(${outbox.availableAt}))`,
    })
    .from(outbox)
    .where(and(isNull(outbox.sentAt), lte(outbox.availableAt, now)));
  const [letters] = await db
    .select({ open: sql<number>`count(*)::int` })
    .from(deadLetter)
    .where(isNull(deadLetter.replayedAt));
  const oldest = row?.oldest === null || row === undefined ? null : Number(row.oldest);
  const lagSeconds = oldest === null ? 0 : Math.max(0, now / 1_000 - oldest);
  return { waiting: row?.waiting ?? 0, lagSeconds, deadLetters: letters?.open ?? 0 };
}

export interface DeadLetterView {
  readonly id: MessageId;
  readonly type: string;
  readonly key: string;
  readonly error: string;
  readonly attempts: number;
  readonly createdAt: string;
}

/** Messages that exhausted their tries and have not been replayed, newest first. */
export async function openDeadLetters(db: Database, limit: number): Promise<DeadLetterView[]> {
  const rows = await db
    .select()
    .from(deadLetter)
    .where(isNull(deadLetter.replayedAt))
    .orderBy(desc(deadLetter.createdAt))
    .limit(limit);
  return rows.map(({ id, type, key, error, attempts, createdAt }) => ({
    id,
    type,
    key,
    error,
    attempts,
    createdAt: toTimestamp(createdAt),
  }));
}

/** Sends a dead letter once more, as a new message. @throws problem `not_found` when it has been replayed already. */
export async function replayDeadLetter(tx: Transaction, now: Instant, id: MessageId): Promise<void> {
  const [row] = await tx
    .update(deadLetter)
    .set({ replayedAt: now })
    .where(and(eq(deadLetter.id, id), isNull(deadLetter.replayedAt)))
    .returning();
  if (!row) throw problem("not_found");
  const [origin] = await tx.select({ channel: outbox.channel }).from(outbox).where(eq(outbox.id, id));
  const { type, key, payload } = row;
  await enqueue(tx, now, [{ channel: origin?.channel ?? "queue", type, key, payload }]);
}

/**
 * Sends the dead letters that have waited longest once more, at most so many; those that somebody else is sending right now are left to
 * them. Answers their ids.
 */
export async function replayDeadLetters(tx: Transaction, now: Instant, limit: number): Promise<MessageId[]> {
  const open = alias(deadLetter, "open");
  const due = await tx
    .select({ letter: open, channel: outbox.channel })
    .from(open)
    .leftJoin(outbox, eq(outbox.id, open.id))
    .where(isNull(open.replayedAt))
    .orderBy(asc(open.createdAt), asc(open.id))
    .limit(limit)
    .for("update", { of: open, skipLocked: true });
  const ids = due.map(({ letter }) => letter.id);
  if (ids.length === 0) return [];
  await tx.update(deadLetter).set({ replayedAt: now }).where(inArray(deadLetter.id, ids));
  const messages = due.map(({ letter: { type, key, payload }, channel }) => {
    return { channel: channel ?? ("queue" as const), type, key, payload };
  });
  await enqueue(tx, now, messages);
  return ids;
}

/** Has the read models be told once more of all that they were told since: what is newer by now stays so. Answers how much that is. */
export async function retellProjections(db: Database, since: Instant): Promise<number> {
  const retold = await db
    .update(outbox)
    .set({ sentAt: null, claimedUntil: null, attempts: 0 })
    .where(and(eq(outbox.channel, "projection"), gte(outbox.sentAt, since)));
  return retold.count;
}

const KEEP_MS = 7 * 24 * 60 * 60 * 1_000;
const PURGE_BATCH = 5_000;

/**
 * Deletes what is past its use: sent messages, taken deliveries and replayed dead letters after a week, idempotency keys after their
 * day. A sent message stays while its dead letter is open, for it says which way a replay goes. Answers how many, some thousands at most.
 */
export async function purgePlatform(db: Database, now: Instant): Promise<number> {
  const weekAgo = sql`${toTimestamp((now - KEEP_MS) as Instant)}::timestamptz`;
  const isOpen = sql`exists (select from ${deadLetter} where ${deadLetter.id} = ${outbox.id} and ${deadLetter.replayedAt} is null)`;
  const overs = [
    { table: outbox, isOver: sql`${outbox.sentAt} < ${weekAgo} and not ${isOpen}` },
    { table: inbox, isOver: sql`${inbox.receivedAt} < ${weekAgo}` },
    { table: deadLetter, isOver: sql`${deadLetter.replayedAt} < ${weekAgo}` },
    { table: idempotencyKey, isOver: sql`${idempotencyKey.expiresAt} < ${toTimestamp(now)}::timestamptz` },
  ];
  let deleted = 0;
  for (const { table, isOver } of overs) {
    const batch = sql`select ctid from ${table} where ${isOver} limit ${PURGE_BATCH}`;
    deleted += (await db.execute(sql`delete from ${table} where ctid in (${batch})`)).count;
  }
  return deleted;
}
