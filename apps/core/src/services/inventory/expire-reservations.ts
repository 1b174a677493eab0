import type { Instant } from "@stoa/kernel";
import { and, eq, inArray, lte } from "drizzle-orm";
import { type Database, transact } from "../../platform/db/index.ts";
import { giveBackReserved } from "./end-reservation.ts";
import { reservation } from "./tables.ts";

const BATCH = 100;
const BATCHES_MAX = 100;

/**
 * The sweep: frees the units of every reservation whose time has passed, a batch per transaction.
 * Several processes may sweep at once; each takes rows nobody else holds. Answers how many it ended.
 */
export async function expireReservations({
  db,
  now,
}: {
  readonly db: Database;
  readonly now: Instant;
}): Promise<{ readonly expired: number }> {
  let expired = 0;
  for (let batch = 0; batch < BATCHES_MAX; batch += 1) {
    const count = await expireBatch(db, now);
    expired += count;
    if (count < BATCH) break;
  }
  return { expired };
}

function expireBatch(db: Database, now: Instant): Promise<number> {
  return transact(db, async (tx) => {
    const due = tx
      .select({ id: reservation.id })
      .from(reservation)
      .where(and(eq(reservation.status, "held"), lte(reservation.expiresAt, now)))
      .orderBy(reservation.expiresAt)
      .limit(BATCH)
      .for("update", { skipLocked: true });
    const ended = await tx
      .update(reservation)
      .set({ status: "expired", updatedAt: now })
      .where(inArray(reservation.id, due))
      .returning({ id: reservation.id });
    await giveBackReserved(
      { tx, now },
      ended.map((row) => row.id),
    );
    return ended.length;
  });
}
