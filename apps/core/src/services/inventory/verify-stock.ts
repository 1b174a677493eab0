import { fromUuid, type LocationId, toTimestamp } from "@stoa/kernel";
import { type SQL, sql } from "drizzle-orm";
import type { Database, Transaction } from "../../platform/db/index.ts";
import { announcePresent, jsonRows, type StockContext } from "./post-movements.ts";

export interface StockCounters {
  readonly onHand: number;
  readonly reserved: number;
  readonly allocated: number;
  readonly incoming: number;
}

/** A level that is not the sum of its movements. */
export interface StockMismatch {
  readonly sku: string;
  readonly locationId: LocationId;
  readonly level: StockCounters;
  readonly movements: StockCounters;
}

const MISMATCHES_MAX = 1_000;

/** Compares every level with the sum of its movements; answers the first 1,000 that differ, none when all is well. */
export async function verifyStock(
  { db }: { readonly db: Database | Transaction },
  { skus }: { readonly skus?: readonly string[] } = {},
): Promise<StockMismatch[]> {
  const rows = await db.execute<{
    sku: string;
    locationId: string;
    level: StockCounters;
    movements: StockCounters;
  }>(sql`
    with ${sums(skus)}
    select l.sku, l.location_id as "locationId",
      jsonb_build_object('onHand', l.on_hand, 'reserved', l.reserved, 'allocated', l.allocated,
        'incoming', l.incoming) as level,
      jsonb_build_object('onHand', coalesce(s.on_hand, 0), 'reserved', coalesce(s.reserved, 0),
        'allocated', coalesce(s.allocated, 0), 'incoming', coalesce(s.incoming, 0)) as movements
    from inventory.stock_level l left join sums s on s.sku = l.sku and s.location_id = l.location_id
    where ${within(sql`l.sku`, skus)} and (l.on_hand, l.reserved, l.allocated, l.incoming) is distinct from
      (coalesce(s.on_hand, 0), coalesce(s.reserved, 0), coalesce(s.allocated, 0), coalesce(s.incoming, 0))
    order by l.sku, l.location_id limit ${MISMATCHES_MAX}`);
  return rows.map((row) => ({ ...row, locationId: fromUuid("loc", row.locationId) }));
}

/** A counter that does not agree with the reservations or allocations that it counts. */
export interface PromiseMismatch {
  readonly sku: string;
  readonly locationId: LocationId;
  readonly counter: "reserved" | "allocated";
  /** What the level says, and the sum of the rows. */
  readonly level: number;
  readonly rows: number;
}

/** Compares `reserved` with the lines of held reservations and `allocated` with open allocations; the first 1,000 that differ. */
export async function verifyPromises({ db }: { readonly db: Database | Transaction }): Promise<PromiseMismatch[]> {
  const rows = await db.execute<
    Omit<PromiseMismatch, "locationId"> & { locationId: string } & Record<string, unknown>
  >(sql`
    with held as (
      select l.sku, l.location_id, sum(l.quantity)::int as units
      from inventory.reservation_line l join inventory.reservation r on r.id = l.reservation_id
      where r.status = 'held' group by l.sku, l.location_id
    ),
    open as (
      select sku, location_id, sum(quantity - shipped - cancelled)::int as units
      from inventory.allocation where status = 'open' group by sku, location_id
    ),
    compared as (
      select l.sku, l.location_id, 'reserved' as counter, l.reserved as level, coalesce(h.units, 0) as rows
      from inventory.stock_level l left join held h on h.sku = l.sku and h.location_id = l.location_id
      union all
      select l.sku, l.location_id, 'allocated', l.allocated, coalesce(o.units, 0)
      from inventory.stock_level l left join open o on o.sku = l.sku and o.location_id = l.location_id
    )
    select sku, location_id as "locationId", counter, level, rows from compared where level <> rows
    order by sku, location_id, counter limit ${MISMATCHES_MAX}`);
  return rows.map((row) => ({ ...row, locationId: fromUuid("loc", row.locationId) }));
}

/**
 * Sets the named SKUs' levels to the sums of their movements and answers how many were wrong. One that then owes units owes them until
 * it is filled, as one does that may be sold ahead no more.
 * The version of each repaired SKU grows, so that a rebuild of the read models shows it.
 */
export async function repairStock(
  { tx, now }: StockContext,
  { skus }: { readonly skus: readonly string[] },
): Promise<{ readonly repaired: number }> {
  // The items are locked before the sums are read, by a statement of its own, so that no movement slips in between.
  await tx.execute(sql`
    select from inventory.stock_item i where ${within(sql`i.sku`, skus)} order by i.sku for update`);
  const rows = await tx.execute(sql`
    with ${sums(skus)},
    repaired as (
      update inventory.stock_level l
      set on_hand = coalesce(s.on_hand, 0), reserved = coalesce(s.reserved, 0), allocated = coalesce(s.allocated, 0),
        incoming = coalesce(s.incoming, 0), updated_at = ${toTimestamp(now)}::timestamptz,
        allow_backorder = l.allow_backorder
          or coalesce(s.on_hand, 0) - coalesce(s.reserved, 0) - coalesce(s.allocated, 0) - l.buffer < 0
      from inventory.stock_level k left join sums s on s.sku = k.sku and s.location_id = k.location_id
      where k.sku = l.sku and k.location_id = l.location_id and ${within(sql`l.sku`, skus)}
        and (l.on_hand, l.reserved, l.allocated, l.incoming) is distinct from
          (coalesce(s.on_hand, 0), coalesce(s.reserved, 0), coalesce(s.allocated, 0), coalesce(s.incoming, 0))
      returning l.sku
    ),
    item as (
      update inventory.stock_item i set version = version + 1 where i.sku in (select sku from repaired)
    )
    select sku from repaired`);
  await announcePresent({ tx, now }, [...new Set(rows.map((row) => String(row.sku)))]);
  return { repaired: rows.length };
}

function sums(skus: readonly string[] | undefined): SQL {
  return sql`sums as (
    select m.sku, m.location_id, sum(m.on_hand)::int as on_hand, sum(m.reserved)::int as reserved,
      sum(m.allocated)::int as allocated, sum(m.incoming)::int as incoming
    from inventory.stock_movement m where ${within(sql`m.sku`, skus)} group by m.sku, m.location_id
  )`;
}

function within(column: SQL, skus: readonly string[] | undefined): SQL {
  return skus ? sql`${column} in (select jsonb_array_elements_text(${jsonRows(skus)}))` : sql`true`;
}
