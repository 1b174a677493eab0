import {
  type CartId,
  type Instant,
  newId,
  type OrderId,
  problem,
  type ReservationId,
  toTimestamp,
  toUuid,
} from "@stoa/kernel";
import { and, eq, inArray, sql } from "drizzle-orm";
import { prepared, type ValueOf } from "../../platform/db/index.ts";
import { type Posted, preparedPosting, type StockContext } from "./post-movements.ts";
import { type SetStockPolicy, setStockPolicies } from "./set-stock-policies.ts";
import { type Shortage, type StockLine, type StockPolicy, sumBySku } from "./stock.ts";
import { reservation } from "./tables.ts";

export type StockHolder = OrderId | CartId;

export interface ReserveLine extends StockLine {
  /** What the catalog says of the SKU now; left out, what inventory last heard. */
  readonly policy?: StockPolicy;
}

export interface ReserveStock {
  readonly holder: StockHolder;
  readonly lines: readonly ReserveLine[];
  readonly expiresAt: Instant;
}

export type ReserveOutcome =
  | { readonly kind: "reserved"; readonly reservationId: ReservationId; readonly expiresAt: Instant }
  | { readonly kind: "short"; readonly items: readonly Shortage[] };

/**
 * Keeps units for a holder, all or nothing: summed by SKU, split over locations by priority, decided by one statement.
 * A holder that already has a living reservation gets that one back. SKUs that are not tracked are not counted.
 * @throws problem `out_of_stock` with `items: [{ sku, requested, available }]`; nothing is then kept.
 */
export async function reserveStock(
  context: StockContext,
  input: ReserveStock,
): Promise<{ readonly reservationId: ReservationId; readonly expiresAt: Instant }> {
  const outcome = await tryReserveStock(context, input);
  if (outcome.kind === "short") throw outOfStock(outcome.items);
  return { reservationId: outcome.reservationId, expiresAt: outcome.expiresAt };
}

export function outOfStock(items: readonly Shortage[]) {
  const detail = items.map((item) => `${item.sku}: ${item.requested} wanted, ${item.available} available`).join("; ");
  return problem("out_of_stock", { detail, items });
}

/** As `reserveStock`, but answers a shortage instead of refusing; nothing is then kept either. */
export async function tryReserveStock(context: StockContext, input: ReserveStock): Promise<ReserveOutcome> {
  const { tx } = context;
  const lines = sumBySku(input.lines);
  const reservationId = newId("res");
  const told = lines.flatMap(({ sku, policy }) => (policy ? [{ sku, ...policy }] : []));
  const opened = await openReservation(context, { id: reservationId, input, told });
  if (!opened.isOpen) return livingReservation(context, input.holder);
  if (opened.isNews) await setStockPolicies(context, told);
  const { refused } = await takeUnits(context, reservationId, lines);
  if (refused.length === 0) return { kind: "reserved", reservationId, expiresAt: input.expiresAt };
  await tx.delete(reservation).where(eq(reservation.id, reservationId));
  return { kind: "short", items: refused };
}

interface NewReservation {
  readonly id: ReservationId;
  readonly input: ReserveStock;
  readonly told: readonly SetStockPolicy[];
}

/** Opens a reservation unless the holder has one that is alive, and asks whether what the catalog says is news to inventory. */
async function openReservation({ tx, now }: StockContext, { id, input, told }: NewReservation) {
  const [opened] = await open(tx, {
    id: toUuid(id),
    holder: input.holder,
    expiresAt: toTimestamp(input.expiresAt),
    at: toTimestamp(now),
    told: JSON.stringify(told),
  });
  if (!opened) throw new Error("a reservation answers one row");
  return opened;
}

interface OpenReservation {
  readonly id: string;
  readonly holder: string;
  readonly expiresAt: string;
  readonly at: string;
  /** SKUs with what the catalog says of them, as JSON. */
  readonly told: string;
}

const open = prepared((_, value: ValueOf<OpenReservation>) => {
  const at = sql`${value("at")}::timestamptz`;
  return sql<{ isOpen: boolean; isNews: boolean }>`
    with opened as (
      insert into inventory.reservation (id, holder, status, expires_at, created_at, updated_at)
      values (${value("id")}::uuid, ${value("holder")}, 'held', ${value("expiresAt")}::timestamptz, ${at}, ${at})
      on conflict (holder) where status in ('held', 'committed') do nothing returning id
    )
    select exists (select from opened) as "isOpen", exists (
      select from jsonb_to_recordset(${value("told")}::jsonb) as t(sku text, tracked boolean, "allowBackorder" boolean)
      left join inventory.stock_item i on i.sku = t.sku
      where i.sku is null or (i.tracked, i.allow_backorder) is distinct from (t.tracked, t."allowBackorder")
    ) as "isNews"`;
});

async function livingReservation({ tx }: StockContext, holder: StockHolder): Promise<ReserveOutcome> {
  const [first] = await tx
    .select({ id: reservation.id, expiresAt: reservation.expiresAt })
    .from(reservation)
    .where(and(eq(reservation.holder, holder), inArray(reservation.status, ["held", "committed"])));
  // It ended between the two statements; a retry of the step starts afresh.
  if (!first) throw new Error(`the reservation of ${holder} ended while it was asked for`);
  return { kind: "reserved", reservationId: first.id, expiresAt: first.expiresAt };
}

/** Free units by priority; what is then missing goes below zero at the first place, if the SKU may be sold ahead. */
function takeUnits(context: StockContext, id: ReservationId, lines: readonly StockLine[]): Promise<Posted> {
  return take(context, {
    skus: lines.map((line) => line.sku),
    wanted: JSON.stringify(lines.map(({ sku, quantity }) => ({ sku, quantity }))),
    reservationId: toUuid(id),
    cause: id,
  });
}

interface TakeUnits {
  /** Rows of SKU and quantity, as JSON. */
  readonly wanted: string;
  readonly reservationId: string;
  readonly cause: string;
}

const take = preparedPosting((value: ValueOf<TakeUnits>) => ({
  kind: "reserve",
  decide: sql`
      wanted as (
        select w.sku, w.quantity from jsonb_to_recordset(${value("wanted")}::jsonb) as w(sku text, quantity int)
        left join inventory.stock_item i on i.sku = w.sku where coalesce(i.tracked, true)
      ),
      refused as (
        select w.sku, w.quantity as requested, coalesce(max(k.total_free), 0)::int as available
        from wanted w left join locked k on k.sku = w.sku
        group by w.sku, w.quantity
        having coalesce(max(k.total_free), 0) < w.quantity and not coalesce(bool_or(k.allow_backorder), false)
      ),
      reach as (
        select k.sku, k.location_id, k.place, k.total_free, w.quantity, greatest(k.free, 0) as free,
          sum(greatest(k.free, 0)) over (partition by k.sku order by k.place) - greatest(k.free, 0) as before
        from wanted w join locked k on k.sku = w.sku
      ),
      share as (
        select sku, location_id, least(free, greatest(quantity - before, 0))
          + case when place = 1 then greatest(quantity - total_free, 0) else 0 end as take
        from reach
      ),
      change as (
        select sku, location_id, 0 as on_hand, take::int as reserved, 0 as allocated, ${value("cause")}::text as cause
        from share where take > 0 and not exists (select from refused)
      )`,
  record: sql`, reserved_line as (
      insert into inventory.reservation_line (reservation_id, sku, location_id, quantity)
      select ${value("reservationId")}::uuid, sku, location_id, reserved from moved
    )`,
}));
