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
  const { consumer, messageId, now: receivedAt } = delivery;
  return transact(db, async (tx) => {
    const fresh = await tx
      .insert(inbox)
      .values({ consumer, messageId, receivedAt })
      .onConflictDoNothing()
      .returning({ messageId: inbox.messageId });
    if (fresh.length === 0) return false;
    await work(tx);
    return true;
  });
}
