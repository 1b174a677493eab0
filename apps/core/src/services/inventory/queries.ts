import { cursorKeys, cutPage, fromUuid, idSchema, type LocationId, type Page, toTimestamp, toUuid } from "@stoa/kernel";
import { and, desc, eq, ilike, inArray, lt, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { type Database, prefixPattern } from "../../platform/db/index.ts";
import { numberKey, textKey } from "./cursor.ts";
import type { ReservationStatus } from "./stock.ts";
import { reservation, reservationLine, stockMovement } from "./tables.ts";

export interface StockLevelRow {
  readonly locationId: LocationId;
  readonly code: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly allocated: number;
  /** On its way there. */
  readonly incoming: number;
  readonly buffer: number;
}

export interface StockRow {
  readonly sku: string;
  readonly tracked: boolean;
  readonly allowBackorder: boolean;
  readonly alertThreshold: number | null;
  readonly available: number;
  readonly onHand: number;
  readonly reserved: number;
  readonly allocated: number;
  readonly incoming: number;
  /** First location first. */
  readonly levels: readonly StockLevelRow[];
}

export interface StockFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** The SKU's beginning. */
  readonly search?: string | undefined;
  /** Just these. */
  readonly skus?: readonly string[] | undefined;
  readonly locationId?: LocationId | undefined;
  /** Only tracked SKUs with at most so many units available. */
  readonly availableMax?: number | undefined;
}

/** SKUs with their levels, by SKU. @throws problem `validation_failed` for a cursor that is none of ours. */
export async function listStock(db: Database, filter: StockFilter): Promise<Page<StockRow>> {
  const after = filter.cursor === undefined ? null : textKey(filter.cursor);
  const totals = sql`
    select i.sku, i.tracked, i.allow_backorder as "allowBackorder", i.alert_threshold as "alertThreshold",
      coalesce(sum(greatest(l.on_hand - l.reserved - l.allocated - l.buffer, 0)), 0)::float8 as available,
      coalesce(sum(l.on_hand), 0)::float8 as "onHand", coalesce(sum(l.reserved), 0)::float8 as reserved,
      coalesce(sum(l.allocated), 0)::float8 as allocated, coalesce(sum(l.incoming), 0)::float8 as incoming,
      coalesce(jsonb_agg(jsonb_build_object('locationId', o.id, 'code', o.code, 'onHand', l.on_hand, 'reserved', l.reserved,
        'allocated', l.allocated, 'incoming', l.incoming, 'buffer', l.buffer) order by o.priority, o.id) filter (where o.id is not null), '[]') as levels
    from inventory.stock_item i
    left join inventory.stock_level l on l.sku = i.sku
    left join inventory.location o on o.id = l.location_id`;
  const matching = matchesStock(filter);
  const low = filter.availableMax === undefined ? sql`true` : sql`tracked and available <= ${filter.availableMax}`;
  const [page, counted] = await Promise.all([
    db.execute<StockRow & Record<string, unknown>>(sql`
      select * from (${totals} where ${matching} and ${after === null ? sql`true` : sql`i.sku > ${after}`} group by i.sku) stock
      where ${low} order by sku limit ${filter.limit + 1}`),
    db.execute<{ total: number }>(sql`
      select count(*)::int as total from (${totals} where ${matching} group by i.sku) stock where ${low}`),
  ]);
  const { shown, nextCursor } = cutPage(page, filter.limit, ({ sku }) => [sku]);
  const items = shown.map((row) => ({
    ...row,
    levels: row.levels.map((level) => ({ ...level, locationId: fromUuid("loc", level.locationId) })),
  }));
  return { items, nextCursor, total: counted[0]?.total ?? 0 };
}

function matchesStock({ search, skus, locationId }: StockFilter): SQL {
  const byStart = search ? sql`i.sku ilike ${prefixPattern(search.trim())}` : sql`true`;
  const bySku = skus ? sql`${byStart} and ${inArray(sql`i.sku`, [...skus])}` : byStart;
  if (!locationId) return bySku;
  return sql`${bySku} and exists (select from inventory.stock_level x
    where x.sku = i.sku and x.location_id = ${toUuid(locationId)}::uuid)`;
}

export interface MovementFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly sku?: string | undefined;
  readonly locationId?: LocationId | undefined;
}

/** What moved, newest first. */
export async function listMovements(db: Database, filter: MovementFilter): Promise<Page<MovementRow>> {
  const matching = and(
    filter.sku === undefined ? undefined : eq(stockMovement.sku, filter.sku),
    filter.locationId === undefined ? undefined : eq(stockMovement.locationId, filter.locationId),
  );
  const after = filter.cursor === undefined ? undefined : lt(stockMovement.seq, numberKey(filter.cursor));
  const [page, counted] = await Promise.all([
    db
      .select()
      .from(stockMovement)
      .where(and(matching, after))
      .orderBy(desc(stockMovement.seq))
      .limit(filter.limit + 1),
    db.select({ total: sql<number>`count(*)::int` }).from(stockMovement).where(matching),
  ]);
  const { shown, nextCursor } = cutPage(page, filter.limit, ({ seq }) => [seq]);
  const items = shown.map((row) => ({ ...row, at: toTimestamp(row.at) }));
  return { items, nextCursor, total: counted[0]?.total ?? 0 };
}
export type MovementRow = Omit<typeof stockMovement.$inferSelect, "at"> & { readonly at: string };

export interface ReservationRow {
  readonly id: string;
  readonly holder: string;
  readonly state: ReservationStatus;
  readonly expiresAt: string;
  readonly createdAt: string;
  readonly lines: readonly { readonly sku: string; readonly locationId: LocationId; readonly quantity: number }[];
}

export interface ReservationFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly sku?: string | undefined;
  readonly states?: readonly ReservationStatus[] | undefined;
  /** The beginning of an order's or cart's id. */
  readonly holder?: string | undefined;
}

/** Reservations, newest first. */
export async function listReservations(db: Database, filter: ReservationFilter): Promise<Page<ReservationRow>> {
  const matching = and(
    filter.states && filter.states.length > 0 ? inArray(reservation.status, [...filter.states]) : undefined,
    filter.holder === undefined ? undefined : ilike(reservation.holder, prefixPattern(filter.holder.trim())),
    filter.sku === undefined
      ? undefined
      : sql`exists (select 1 from ${reservationLine} where ${reservationLine.reservationId} = ${reservation.id}
          and ${reservationLine.sku} = ${filter.sku})`,
  );
  // The ids are time-ordered, so they alone give the order and the place to go on from.
  const after =
    filter.cursor === undefined
      ? undefined
      : lt(reservation.id, cursorKeys(filter.cursor, z.tuple([idSchema("res")]))[0]);
  const [page, counted] = await Promise.all([
    db
      .select()
      .from(reservation)
      .where(and(matching, after))
      .orderBy(desc(reservation.id))
      .limit(filter.limit + 1),
    db.select({ total: sql<number>`count(*)::int` }).from(reservation).where(matching),
  ]);
  const { shown, nextCursor } = cutPage(page, filter.limit, ({ id }) => [id]);
  const lines = await linesOf(db, shown);
  return {
    items: shown.map(({ id, holder, status, expiresAt, createdAt }) => ({
      ...{ id, holder, state: status, expiresAt: toTimestamp(expiresAt), createdAt: toTimestamp(createdAt) },
      lines: lines.get(id) ?? [],
    })),
    nextCursor,
    total: counted[0]?.total ?? 0,
  };
}

async function linesOf(db: Database, shown: readonly (typeof reservation.$inferSelect)[]) {
  if (shown.length === 0) return new Map<string, never[]>();
  const ids = shown.map((row) => row.id);
  const rows = await db
    .select()
    .from(reservationLine)
    .where(inArray(reservationLine.reservationId, ids))
    .orderBy(reservationLine.sku);
  return Map.groupBy(rows, (line) => line.reservationId as string);
}
