import type { ReservationId } from "@stoa/kernel";
import { and, eq } from "drizzle-orm";
import { giveBackReserved } from "./end-reservation.ts";
import type { StockContext } from "./post-movements.ts";
import type { StockHolder } from "./reserve-stock.ts";
import { reservation } from "./tables.ts";

/** A reservation by its own id, or the living one of a holder. */
export type ReservationRef = { readonly reservationId: ReservationId } | { readonly holder: StockHolder };

/** The condition that finds it. Of a holder it may find some that have ended, too. */
export function matchesReservation(reference: ReservationRef) {
  return "holder" in reference ? eq(reservation.holder, reference.holder) : eq(reservation.id, reference.reservationId);
}

/**
 * The opposite of `reserveStock`: units that are still held become free again. Answers whether there were any.
 * Harmless when the reservation never happened, has been released, has expired or is committed.
 */
export async function releaseReservation(
  context: StockContext,
  reference: ReservationRef,
): Promise<{ readonly released: boolean }> {
  const ended = await context.tx
    .update(reservation)
    .set({ status: "released", updatedAt: context.now })
    .where(and(matchesReservation(reference), eq(reservation.status, "held")))
    .returning({ id: reservation.id });
  await giveBackReserved(
    context,
    ended.map((row) => row.id),
  );
  return { released: ended.length > 0 };
}
