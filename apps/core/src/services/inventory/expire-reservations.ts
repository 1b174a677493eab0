import type { Instant, ReservationId } from "@stoa/kernel";
import { and, eq, inArray, lte } from "drizzle-orm";
import { type Database, postgresError, transact } from "../../platform/db/index.ts";
import { giveBackReserved } from "./end-reservation.ts";
import { reservation } from "./tables.ts";

const BATCH = 100;
const BATCHES_MAX = 100;
/** How many are ended one by one when a batch cannot be. */
const SINGLE_MAX = 1_000;
/** Source: PostgreSQL, "Error codes". */
const CHECK_VIOLATION = "23514";

interface Sweep {
  readonly db: Database;
  readonly now: Instant;
}

export interface ExpiredReservations {
  readonly expired: number;
  /** Those whose units a level does not have; they stay held until it is set right. */
  readonly failed: readonly { readonly reservationId: ReservationId; readonly error: unknown }[];
}

/**
 * The sweep: frees the units of every reservation whose time has passed, a batch per transaction.
 * Several processes may sweep at once; each takes rows nobody else holds. Answers how many it ended, and which it could not.
 */
export async function expireReservations(sweep: Sweep): Promise<ExpiredReservations> {
  let expired = 0;
  try {
    for (let batch = 0; batch < BATCHES_MAX; batch += 1) {
      const count = await expireBatch(sweep);
      expired += count;
      if (count < BATCH) break;
    }
    return { expired, failed: [] };
  } catch (error) {
    if (!isCheckViolation(error)) throw error;
    const rest = await expireEach(sweep);
    return { ...rest, expired: expired + rest.expired };
  }
}

/** One damaged level must not keep the units of the whole shop. */
async function expireEach(sweep: Sweep): Promise<ExpiredReservations> {
  const lapsed = await sweep.db
    .select({ id: reservation.id })
    .from(reservation)
    .where(hasLapsed(sweep))
    .orderBy(reservation.expiresAt)
    .limit(SINGLE_MAX);
  let expired = 0;
  const failed: { reservationId: ReservationId; error: unknown }[] = [];
  for (const { id } of lapsed) {
    try {
      expired += await expireBatch(sweep, id);
    } catch (error) {
      if (!isCheckViolation(error)) throw error;
      failed.push({ reservationId: id, error });
    }
  }
  return { expired, failed };
}

function expireBatch({ db, now }: Sweep, only?: ReservationId): Promise<number> {
  return transact(db, async (tx) => {
    const due = tx
      .select({ id: reservation.id })
      .from(reservation)
      .where(and(hasLapsed({ now }), only && eq(reservation.id, only)))
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

function hasLapsed({ now }: Pick<Sweep, "now">) {
  return and(eq(reservation.status, "held"), lte(reservation.expiresAt, now));
}

function isCheckViolation(error: unknown): boolean {
  return postgresError(error)?.code === CHECK_VIOLATION;
}
