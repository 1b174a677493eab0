import { fromUuid, type LocationId, type OrderId, type ReservationId, toTimestamp, toUuid } from "@stoa/kernel";
import { desc, eq, sql } from "drizzle-orm";
import { prepared, type ValueOf } from "../../platform/db/index.ts";
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
  const lines = await tx
    .select({ sku: reservationLine.sku, quantity: reservationLine.quantity })
    .from(reservationLine)
    .where(eq(reservationLine.reservationId, lapsed));
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
  const { tx, now } = context;
  const [committed] = await endHold(tx, { to, holder, at: toTimestamp(now) });
  if (!committed) return null;
  if (committed.skus.length === 0) return [];
  const { moved } = await allocate(context, {
    skus: committed.skus,
    reservationId: committed.id,
    orderId: toUuid(orderId),
    cause: fromUuid("res", committed.id),
  });
  return moved
    .map(({ sku, locationId, allocated: quantity }) => ({ sku, locationId, quantity }))
    .sort(bySkuAndLocation);
}

interface EndHold {
  readonly to: "committed" | "consumed";
  readonly holder: string;
  readonly at: string;
}

const endHold = prepared(
  (_, value: ValueOf<EndHold>) => sql<{ id: string; skus: readonly string[] }>`
    update inventory.reservation r set status = ${value("to")}, updated_at = ${value("at")}::timestamptz
    where holder = ${value("holder")} and status = 'held'
    returning r.id, array(select distinct sku from inventory.reservation_line l where l.reservation_id = r.id) as skus`,
);

interface Allocate {
  readonly reservationId: string;
  readonly orderId: string;
  readonly cause: string;
}

const allocate = preparedPosting((value: ValueOf<Allocate & { readonly at: string }>) => {
  const at = sql`${value("at")}::timestamptz`;
  return {
    kind: "allocate",
    decide: sql`
      refused as (select null::text as sku, 0 as requested, 0 as available where false),
      change as (
        select sku, location_id, 0 as on_hand, -quantity as reserved, quantity as allocated, ${value("cause")}::text as cause
        from inventory.reservation_line where reservation_id = ${value("reservationId")}::uuid
      )`,
    record: sql`, allocated as (
      insert into inventory.allocation (order_id, sku, location_id, quantity, status, created_at, updated_at)
      select ${value("orderId")}::uuid, sku, location_id, allocated, 'open', ${at}, ${at} from moved
      on conflict (order_id, sku, location_id) do update set quantity = allocation.quantity + excluded.quantity,
        status = 'open', updated_at = excluded.updated_at
    )`,
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
