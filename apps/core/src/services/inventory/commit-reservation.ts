import { type LocationId, type OrderId, type ReservationId, toTimestamp, toUuid } from "@stoa/kernel";
import { and, desc, eq, sql } from "drizzle-orm";
import { postMovements, type StockContext } from "./post-movements.ts";
import { tryReserveStock } from "./reserve-stock.ts";
import type { Shortage } from "./stock.ts";
import { allocation, reservation, reservationLine } from "./tables.ts";

export interface Allocated {
  readonly sku: string;
  readonly locationId: LocationId;
  readonly quantity: number;
}

export type CommitOutcome =
  /** The order's units, by location. Empty when none of its SKUs is tracked. */
  | { readonly kind: "allocated"; readonly allocations: readonly Allocated[] }
  /** The hold had lapsed and somebody else has bought the units; nothing is allocated and the order has to decide. */
  | { readonly kind: "short"; readonly items: readonly Shortage[] };

/**
 * Turns an order's held units into allocations. A hold that has lapsed is taken again if the units are still there, or if the
 * SKU may be sold ahead. Idempotent: a second call answers the allocations of the first.
 * @throws Error when the order never had a reservation.
 */
export async function commitReservation(
  context: StockContext,
  { orderId }: { readonly orderId: OrderId },
): Promise<CommitOutcome> {
  const latest = await latestReservation(context, orderId);
  if (!latest) throw new Error(`${orderId} never had a reservation`);
  if (latest.status === "committed" || latest.status === "consumed") {
    return { kind: "allocated", allocations: await allocationsOf(context, orderId) };
  }
  if (latest.status === "held") {
    await allocate(context, orderId, latest.id);
    return { kind: "allocated", allocations: await allocationsOf(context, orderId) };
  }
  return reserveAgain(context, orderId, latest.id);
}

/** Locked, so that neither the sweep nor a release ends it before this transaction does. */
async function latestReservation({ tx }: StockContext, orderId: OrderId) {
  const [latest] = await tx
    .select({ id: reservation.id, status: reservation.status })
    .from(reservation)
    .where(eq(reservation.holder, orderId))
    .orderBy(desc(reservation.createdAt), desc(reservation.id))
    .limit(1)
    .for("update");
  return latest;
}

async function reserveAgain(context: StockContext, orderId: OrderId, lapsed: ReservationId): Promise<CommitOutcome> {
  const { tx, now } = context;
  const lines = await tx
    .select({ sku: reservationLine.sku, quantity: reservationLine.quantity })
    .from(reservationLine)
    .where(eq(reservationLine.reservationId, lapsed));
  const again = await tryReserveStock(context, { holder: orderId, lines, expiresAt: now });
  if (again.kind === "short") return again;
  await allocate(context, orderId, again.reservationId);
  return { kind: "allocated", allocations: await allocationsOf(context, orderId) };
}

async function allocate(context: StockContext, orderId: OrderId, id: ReservationId): Promise<void> {
  const { tx, now } = context;
  await tx
    .update(reservation)
    .set({ status: "committed", updatedAt: now })
    .where(and(eq(reservation.id, id), eq(reservation.status, "held")));
  const lines = await tx
    .select({ sku: reservationLine.sku })
    .from(reservationLine)
    .where(eq(reservationLine.reservationId, id));
  if (lines.length === 0) return;
  const at = sql`${toTimestamp(now)}::timestamptz`;
  await postMovements(context, {
    kind: "allocate",
    skus: [...new Set(lines.map((line) => line.sku))],
    decide: sql`
      refused as (select null::text as sku, 0 as requested, 0 as available where false),
      change as (
        select sku, location_id, 0 as on_hand, -quantity as reserved, quantity as allocated, ${id}::text as cause
        from inventory.reservation_line where reservation_id = ${toUuid(id)}::uuid
      )`,
    record: sql`, allocated as (
      insert into inventory.allocation (order_id, sku, location_id, quantity, status, created_at, updated_at)
      select ${toUuid(orderId)}::uuid, sku, location_id, allocated, 'open', ${at}, ${at} from moved
    )`,
  });
}

async function allocationsOf({ tx }: StockContext, orderId: OrderId): Promise<Allocated[]> {
  return tx
    .select({ sku: allocation.sku, locationId: allocation.locationId, quantity: allocation.quantity })
    .from(allocation)
    .where(eq(allocation.orderId, orderId))
    .orderBy(allocation.sku, allocation.locationId);
}
