import type { Instant } from "@stoa/kernel";
import { type Database, type Transaction, transact } from "../db/index.ts";
import { inbox } from "../tables.ts";

export interface Delivery {
  readonly consumer: string;
  readonly messageId: string;
  readonly now: Instant;
}

/**
 * Runs `work` once per (consumer, message): the record that it was taken commits with what it did.
 * Answers false when it had been taken before.
 */
export async function consumeOnce(
  db: Database,
  delivery: Delivery,
  work: (tx: Transaction) => Promise<void>,
): Promise<boolean> {
  return transact(db, async (tx) => {
    if (!(await isFirst(tx, delivery))) return false;
    await work(tx);
    return true;
  });
}

/** Records in the caller's transaction that something was taken. Answers false when it had been taken within the last week. */
export async function isFirst(tx: Transaction, { consumer, messageId, now: receivedAt }: Delivery): Promise<boolean> {
  const fresh = await tx
    .insert(inbox)
    .values({ consumer, messageId, receivedAt })
    .onConflictDoNothing()
    .returning({ messageId: inbox.messageId });
  return fresh.length > 0;
}
