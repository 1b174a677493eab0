import { type Instant, newId, toTimestamp, toUuid } from "@stoa/kernel";
import { type Placeholder, type SQL, sql } from "drizzle-orm";
import { beforeCommit, onCommit, prepared, type Transaction, type ValueOf } from "../db/index.ts";
import type { Message } from "./message.ts";
import type { OutboxRow } from "./relay.ts";

/** How long the process that wrote a row has it to itself, before the sweep of another one may take it. */
export const FIRST_CLAIM_MS = 10_000;

/** Who is told of fresh rows after the commit; the relay of this process, or nobody. */
export type OutboxNudge = (rows: readonly OutboxRow[]) => void;

let nudge: OutboxNudge = () => undefined;

/** Called once at start by the relay. The hand-over is only a short cut: what it misses, the sweep finds. */
export function onOutboxCommit(listener: OutboxNudge): void {
  nudge = listener;
}

type NewRow = OutboxRow & { readonly createdAt: Instant; readonly claimedUntil: Instant };

/** What the running transactions have to say, until each says it before its commit. */
const waiting = new WeakMap<Transaction, NewRow[]>();

/**
 * Writes messages in the caller's transaction, so that none can leave without its fact. All messages of a transaction are
 * written by one statement, just before it commits.
 */
export async function enqueue(tx: Transaction, now: Instant, messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return;
  const rows = messages.map((message) => ({
    id: newId("msg"),
    channel: message.channel,
    type: message.type,
    key: message.key,
    payload: message.payload,
    createdAt: now,
    availableAt: (now + (message.delaySeconds ?? 0) * 1_000) as Instant,
    claimedUntil: (now + FIRST_CLAIM_MS) as Instant,
    attempts: 1,
  }));
  const earlier = waiting.get(tx);
  if (earlier) {
    earlier.push(...rows);
    return;
  }
  waiting.set(tx, rows);
  if (!beforeCommit(tx, () => write(tx))) await write(tx);
}

async function write(tx: Transaction): Promise<void> {
  if (waiting.has(tx)) await insertAlone(tx, { rows: takeWaiting(tx) });
}

const insertAlone = prepared((_, value: ValueOf<{ readonly rows: string }>) => insertMessages(value("rows")));

/**
 * What the transaction has to say so far, as JSON for `insertMessages`, for a statement that writes it together with something else:
 * to be run at once. None waits any more afterwards.
 */
export function takeWaiting(tx: Transaction): string {
  const rows = waiting.get(tx) ?? [];
  waiting.delete(tx);
  if (rows.length > 0) onCommit(tx, () => nudge(rows));
  const values = rows.map((row) => ({
    ...row,
    id: toUuid(row.id),
    createdAt: toTimestamp(row.createdAt),
    availableAt: toTimestamp(row.availableAt),
    claimedUntil: toTimestamp(row.claimedUntil),
  }));
  return JSON.stringify(values);
}

/** The insert of messages. One parameter for any number of rows, so that the statement is prepared once. */
export function insertMessages(rows: Placeholder): SQL {
  return sql`insert into platform.outbox (id, channel, type, key, payload, created_at, available_at, claimed_until, attempts)
    select id, channel, type, key, payload, "createdAt", "availableAt", "claimedUntil", attempts
    from jsonb_to_recordset(${rows}::jsonb) as message(id uuid, channel text, type text, key text,
      payload jsonb, "createdAt" timestamptz, "availableAt" timestamptz, "claimedUntil" timestamptz, attempts int)`;
}
