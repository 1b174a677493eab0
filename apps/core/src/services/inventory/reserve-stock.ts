import {
  type CartId,
  fromUuid,
  type Instant,
  newId,
  type OrderId,
  problem,
  type ReservationId,
  toTimestamp,
  toUuid,
} from "@stoa/kernel";
import { and, eq, inArray, sql } from "drizzle-orm";
import { anyOf } from "../../platform/db/index.ts";
import { preparedPosting, type StockContext } from "./post-movements.ts";
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

/** The refusal of what there is too little of, SKU by SKU. */
export function outOfStock(items: readonly Shortage[]) {
  const detail = items.map((item) => `${item.sku}: ${item.requested} wanted, ${item.available} available`).join("; ");
  return problem("out_of_stock", { detail, items });
}

/** As `reserveStock`, but answers a shortage instead of refusing; nothing is then kept either. */
export async function tryReserveStock(context: StockContext, input: ReserveStock): Promise<ReserveOutcome> {
  const lines = sumBySku(input.lines);
  const told = lines.flatMap(({ sku, policy }) => (policy ? [{ sku, ...policy }] : []));
  const first = await takeUnits(context, { input, lines, told });
  if (!first.answer.isNews) return outcomeOf(context, input, first);
  await setStockPolicies(context, told);
  return outcomeOf(context, input, await takeUnits(context, { input, lines, told: [] }));
}

type Taken = Awaited<ReturnType<typeof take>>;

async function outcomeOf(context: StockContext, input: ReserveStock, taken: Taken): Promise<ReserveOutcome> {
  const { reservationId } = taken.answer;
  if (reservationId !== null) {
    return { kind: "reserved", reservationId: fromUuid("res", reservationId), expiresAt: input.expiresAt };
  }
  const living = await livingReservation(context, input.holder);
  if (living) return living;
  if (taken.refused.length > 0) return { kind: "short", items: taken.refused };
  // It ended between the two statements; a retry of the step starts afresh.
  throw new Error(`the reservation of ${input.holder} ended while it was asked for`);
}

async function livingReservation({ tx }: StockContext, holder: StockHolder): Promise<ReserveOutcome | null> {
  const [first] = await tx
    .select({ id: reservation.id, expiresAt: reservation.expiresAt })
    .from(reservation)
    .where(and(eq(reservation.holder, holder), inArray(reservation.status, ["held", "committed"])));
  return first ? { kind: "reserved", reservationId: first.id, expiresAt: first.expiresAt } : null;
}

interface Wanted {
  readonly input: ReserveStock;
  readonly lines: readonly StockLine[];
  /** What the catalog says of SKUs. Nothing is kept while that is news to inventory. */
  readonly told: readonly SetStockPolicy[];
}

/**
 * Opens a reservation, unless the holder has one that is alive, and keeps free units by priority; what is then missing goes below
 * zero at the first place, if the SKU may be sold ahead.
 */
function takeUnits(context: StockContext, { input, lines, told }: Wanted) {
  const id = newId("res");
  return take(context, {
    skus: lines.map((line) => line.sku),
    wanted: JSON.stringify(lines.map(({ sku, quantity }) => ({ sku, quantity }))),
    told: JSON.stringify(told),
    id: toUuid(id),
    cause: id,
    holder: input.holder,
    expiresAt: toTimestamp(input.expiresAt),
  });
}

interface TakeUnits {
  readonly skus: readonly string[];
  /** Rows of SKU and quantity, as JSON. */
  readonly wanted: string;
  /** SKUs with what the catalog says of them, as JSON. */
  readonly told: string;
  readonly id: string;
  readonly cause: string;
  readonly holder: string;
  readonly expiresAt: string;
}

interface Answer {
  /** Null when none was opened. */
  readonly reservationId: string | null;
  readonly isNews: boolean;
}

const take = preparedPosting<TakeUnits, Answer>((value) => ({
  kind: "reserve",
  skus: anyOf(value("skus"), "text"),
  before: sql`
      news as (
        select exists (
          select from jsonb_to_recordset(${value("told")}::jsonb) as t(sku text, tracked boolean, "allowBackorder" boolean)
          left join inventory.stock_item i on i.sku = t.sku
          where i.sku is null or (i.tracked, i.allow_backorder) is distinct from (t.tracked, t."allowBackorder")
        ) as "isNews"
      ),`,
  decide: sql`
      wanted as (
        select w.sku, w.quantity from jsonb_to_recordset(${value("wanted")}::jsonb) as w(sku text, quantity int)
        where coalesce((select i.tracked from inventory.stock_item i where i.sku = w.sku), true)
      ),
      refused as (
        select w.sku, w.quantity as requested, coalesce(max(k.total_free), 0) as available
        from wanted w left join locked k on k.sku = w.sku
        group by w.sku, w.quantity
        having coalesce(max(k.total_free), 0) < w.quantity and not coalesce(bool_or(k.allow_backorder), false)
      ),
      opened as (
        insert into inventory.reservation (id, holder, status, expires_at, created_at, updated_at)
        select ${value("id")}::uuid, ${value("holder")}::text, 'held', ${value("expiresAt")}::timestamptz, a.at, a.at
        from (select ${value("at")}::timestamptz as at) a, news
        where not news."isNews" and not exists (select from refused)
        on conflict (holder) where status in ('held', 'committed') do nothing returning id
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
        from share where take > 0 and exists (select from opened)
      )`,
  record: sql`, reserved_line as (
      insert into inventory.reservation_line (reservation_id, sku, location_id, quantity)
      select ${value("id")}::uuid, sku, location_id, reserved from moved
    )`,
  answer: sql`(select jsonb_build_object('reservationId', (select id from opened), 'isNews', "isNews") from news)`,
}));
