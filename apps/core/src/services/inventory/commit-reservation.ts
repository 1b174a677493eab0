import { type LocationId, type OrderId, type ReservationId, toUuid } from "@stoa/kernel";
import { desc, eq, sql } from "drizzle-orm";
import { preparedPosting, type StockContext } from "./post-movements.ts";
import { type StockHolder, tryReserveStock } from "./reserve-stock.ts";
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
 * SKU may be sold ahead; one that was let go of stays so. Idempotent: a second call answers the allocations of the first.
 * @throws Error when the order never had a reservation.
 */
export async function commitReservation(
  context: StockContext,
  { orderId }: { readonly orderId: OrderId },
): Promise<CommitOutcome> {
  const held = await allocateHeld(context, orderId);
  if (held) return { kind: "allocated", allocations: held };
  const latest = await latestReservation(context, orderId);
  if (!latest) throw new Error(`${orderId} never had a reservation`);
  if (latest.status === "committed" || latest.status === "consumed") {
    return { kind: "allocated", allocations: await allocationsOf(context, orderId) };
  }
  // Nobody lets a hold go but who has given the order up: taking it again would keep units for an order that is cancelled.
  if (latest.status === "released") return { kind: "allocated", allocations: [] };
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
  // However many places they came from, there are no more of them than were asked for.
  const lines = await tx
    .select({ sku: reservationLine.sku, quantity: sql<number>`sum(${reservationLine.quantity})::int` })
    .from(reservationLine)
    .where(eq(reservationLine.reservationId, lapsed))
    .groupBy(reservationLine.sku);
  const again = await tryReserveStock(context, { holder: orderId, lines, expiresAt: now });
  if (again.kind === "short") return again;
  const allocations = await allocateHeld(context, orderId);
  if (!allocations) throw new Error(`the reservation of ${orderId} ended as it was made`);
  return { kind: "allocated", allocations };
}

/**
 * Units that are held by another name, such as for an edit, become an order's beside those it has. Answers whether they were held.
 */
export async function allocateHold(
  context: StockContext,
  { orderId, holder }: { readonly orderId: OrderId; readonly holder: StockHolder },
): Promise<boolean> {
  return (await allocateHeld(context, orderId, { holder, to: "consumed" })) !== null;
}

/** Turns the units that an order holds, or another name for it, into its allocations; null when none are held any more. */
async function allocateHeld(
  context: StockContext,
  orderId: OrderId,
  { holder, to }: { readonly holder: StockHolder; readonly to: "committed" | "consumed" } = {
    holder: orderId,
    to: "committed",
  },
): Promise<Allocated[] | null> {
  const { moved, answer } = await allocate(context, { to, holder, orderId: toUuid(orderId) });
  if (!answer.isEnded) return null;
  return moved
    .map(({ sku, locationId, allocated: quantity }) => ({ sku, locationId, quantity }))
    .sort(bySkuAndLocation);
}

interface Allocate {
  readonly to: "committed" | "consumed";
  readonly holder: string;
  readonly orderId: string;
}

/** Ends the hold and moves its units in one statement. */
const allocate = preparedPosting<Allocate, { readonly isEnded: boolean }>((value) => {
  const at = sql`${value("at")}::timestamptz`;
  return {
    kind: "allocate",
    before: sql`
      ended as (
        update inventory.reservation set status = ${value("to")}, updated_at = ${at}
        where holder = ${value("holder")} and status = 'held' returning id
      ),
      kept as materialized (
        select l.* from inventory.reservation_line l join ended e on e.id = l.reservation_id
      ),`,
    skus: sql`any (select sku from kept)`,
    decide: sql`
      refused as (select null::text as sku, 0 as requested, 0 as available where false),
      change as (
        select sku, location_id, 0 as on_hand, -quantity as reserved, quantity as allocated, reservation_id::text as cause
        from kept
      )`,
    record: sql`, allocated as (
      insert into inventory.allocation (order_id, sku, location_id, quantity, status, created_at, updated_at)
      select ${value("orderId")}::uuid, sku, location_id, allocated, 'open', ${at}, ${at} from moved
      on conflict (order_id, sku, location_id) do update set quantity = allocation.quantity + excluded.quantity,
        status = 'open', updated_at = excluded.updated_at
    )`,
    answer: sql`jsonb_build_object('isEnded', exists (select from ended))`,
  };
});

function bySkuAndLocation(left: Allocated, right: Allocated): number {
  if (left.sku !== right.sku) return left.sku < right.sku ? -1 : 1;
  return left.locationId < right.locationId ? -1 : 1;
}

async function allocationsOf({ tx }: StockContext, orderId: OrderId): Promise<Allocated[]> {
  return tx
    .select({ sku: allocation.sku, locationId: allocation.locationId, quantity: allocation.quantity })
    .from(allocation)
    .where(eq(allocation.orderId, orderId))
    .orderBy(allocation.sku, allocation.locationId);
}
