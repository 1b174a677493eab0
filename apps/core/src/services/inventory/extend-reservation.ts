import type { Instant } from "@stoa/kernel";
import { and, eq, sql } from "drizzle-orm";
import type { StockContext } from "./post-movements.ts";
import { matchesReservation, type ReservationRef } from "./release-reservation.ts";
import { reservation } from "./tables.ts";

/**
 * Keeps held units until `until` at least; an earlier time changes nothing. Answers whether they are held:
 * a reservation that has ended stays ended.
 */
export async function extendReservation(
  { tx, now }: StockContext,
  input: ReservationRef & { readonly until: Instant },
): Promise<{ readonly held: boolean }> {
  const until = sql`${sql.param(input.until, reservation.expiresAt)}::timestamptz`;
  const extended = await tx
    .update(reservation)
    .set({ expiresAt: sql`greatest(${reservation.expiresAt}, ${until})`, updatedAt: now })
    .where(and(matchesReservation(input), eq(reservation.status, "held")))
    .returning({ id: reservation.id });
  return { held: extended.length > 0 };
}
