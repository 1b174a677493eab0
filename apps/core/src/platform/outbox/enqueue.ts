import { type Instant, newId } from "@stoa/kernel";
import type { Transaction } from "../db/index.ts";
import { onCommit } from "../db/index.ts";
import { outbox } from "../tables.ts";
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

/** Writes messages in the caller's transaction, so that none can leave without its fact. */
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
  await tx.insert(outbox).values(rows);
  onCommit(tx, () => nudge(rows));
}
