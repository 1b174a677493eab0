import { fromUuid, type LocationId, type OrderId, problem, toTimestamp, toUuid } from "@stoa/kernel";
import { and, asc, eq, sql } from "drizzle-orm";
import type { Actor } from "../../platform/rpc/index.ts";
import { jsonRows, postMovements, type StockContext } from "./post-movements.ts";
import { type StockLine, sumBySku } from "./stock.ts";
import { allocation, reservation } from "./tables.ts";

/** What was taken from where. */
export interface TakenUnits extends StockLine {
  readonly locationId: LocationId;
}

/**
 * A cancelled order's units become free again, as far as they have not been shipped. Answers what became free.
 * Idempotent; harmless when nothing was ever allocated. With `part`, only its lines, and `cause` names the change once.
 * @throws problem `state_conflict` when a line asks for more than is open.
 */
export async function releaseAllocations(
  context: StockContext,
  input: {
    readonly orderId: OrderId;
    readonly part?: Pick<EndAllocations, "keep" | "cause"> & { readonly lines: readonly StockLine[] };
  },
): Promise<readonly TakenUnits[]> {
  const { orderId, part } = input;
  return endAllocations(context, {
    orderId,
    lines: part?.lines ?? null,
    ...(part?.keep && { keep: part.keep }),
    cause: part?.cause ?? `${orderId}:cancel`,
    kind: "deallocate",
  });
}

export interface ShipAllocations {
  readonly orderId: OrderId;
  readonly lines: readonly StockLine[];
  /** Names the shipment: the same cause ships once. */
  readonly cause: string;
  /** Only what is allocated there; left out, wherever it is, first location first. */
  readonly locationId?: LocationId;
  readonly keep?: readonly TakenUnits[];
  readonly actor?: Actor;
}

/** Units leave the house. Answers from where. @throws problem `state_conflict` when a line asks for more than is open. */
export function shipAllocations(context: StockContext, input: ShipAllocations): Promise<readonly TakenUnits[]> {
  return endAllocations(context, { ...input, kind: "ship" });
}

interface EndAllocations {
  readonly orderId: OrderId;
  /** Null: everything that is open. */
  readonly lines: readonly StockLine[] | null;
  readonly cause: string;
  readonly kind: "ship" | "deallocate";
  readonly locationId?: LocationId;
  /** Units that somebody has taken in hand already, such as for another parcel: they are taken last. */
  readonly keep?: readonly TakenUnits[];
  readonly actor?: Actor;
}

async function endAllocations(context: StockContext, input: EndAllocations): Promise<readonly TakenUnits[]> {
  const open = await openAllocations(context, input);
  const before = await alreadyTaken(context, input);
  if (before.length > 0) return before;
  const taken = input.lines === null ? open : takeInOrder(open, sumBySku(input.lines), input.keep);
  if (taken.length === 0) return [];
  await countOnAllocations(context, input, taken);
  await postMovements(context, {
    kind: input.kind,
    skus: [...new Set(taken.map((units) => units.sku))],
    ...(input.actor && { actor: input.actor }),
    decide: sql`
      refused as (select null::text as sku, 0 as requested, 0 as available where false),
      change as (
        select t.sku, t."locationId" as location_id, ${input.kind === "ship" ? sql`-t.quantity` : sql`0`} as on_hand,
          0 as reserved, -t.quantity as allocated, ${input.cause}::text as cause
        from ${takenRows(taken)}
      )`,
  });
  return taken;
}

/** Locks the order's allocations, so that two shipments of one order follow each other. First location first. */
async function openAllocations({ tx }: StockContext, { orderId, locationId }: EndAllocations): Promise<TakenUnits[]> {
  const rows = await tx
    .select({
      sku: allocation.sku,
      locationId: allocation.locationId,
      quantity: sql<number>`${allocation.quantity} - ${allocation.shipped} - ${allocation.cancelled}`,
    })
    .from(allocation)
    .where(
      and(
        eq(allocation.orderId, orderId),
        eq(allocation.status, "open"),
        locationId ? eq(allocation.locationId, locationId) : undefined,
      ),
    )
    .orderBy(
      asc(allocation.sku),
      sql`(select priority from inventory.location where id = ${allocation.locationId})`,
      asc(allocation.locationId),
    )
    .for("update");
  return rows;
}

async function alreadyTaken({ tx }: StockContext, { kind, cause }: EndAllocations): Promise<TakenUnits[]> {
  const rows = await tx.execute<{ sku: string; locationId: string; quantity: number }>(sql`
    select m.sku, o.id as "locationId", -m.allocated as quantity
    from inventory.stock_movement m join inventory.location o on o.id = m.location_id
    where m.cause = ${cause} and m.kind = ${kind} order by m.sku, o.priority`);
  return rows.map((row) => ({ ...row, locationId: fromUuid("loc", row.locationId) }));
}

/** Splits each line over the open allocations of its SKU, in their order: first what is kept for nobody else. */
function takeInOrder(
  open: readonly TakenUnits[],
  lines: readonly StockLine[],
  keep: readonly TakenUnits[] = [],
): TakenUnits[] {
  const taken = new Map<TakenUnits, number>();
  for (const line of lines) {
    let missing = line.quantity;
    for (const [units, left] of [...spare(open, keep), ...open.map((units) => [units, units.quantity] as const)]) {
      if (units.sku !== line.sku) continue;
      const before = taken.get(units) ?? 0;
      const quantity = Math.max(0, Math.min(left - before, missing));
      taken.set(units, before + quantity);
      missing -= quantity;
    }
    if (missing > 0) {
      throw problem("state_conflict", { detail: `${line.sku}: ${missing} of ${line.quantity} units are not open` });
    }
  }
  return [...taken].map(([units, quantity]) => ({ ...units, quantity })).filter(({ quantity }) => quantity > 0);
}

function spare(open: readonly TakenUnits[], keep: readonly TakenUnits[]) {
  return open.map((units) => {
    const kept = keep.filter(({ sku, locationId }) => sku === units.sku && locationId === units.locationId);
    return [units, units.quantity - kept.reduce((sum, { quantity }) => sum + quantity, 0)] as const;
  });
}

async function countOnAllocations({ tx, now }: StockContext, input: EndAllocations, taken: readonly TakenUnits[]) {
  const counter = input.kind === "ship" ? sql`shipped` : sql`cancelled`;
  const at = sql`${toTimestamp(now)}::timestamptz`;
  const orderId = sql`${toUuid(input.orderId)}::uuid`;
  await tx.execute(sql`
    update inventory.allocation a set ${counter} = a.${counter} + t.quantity, updated_at = ${at},
      status = case when a.shipped + a.cancelled + t.quantity < a.quantity then 'open'
        when a.shipped > 0 or ${input.kind} = 'ship' then 'shipped' else 'cancelled' end
    from ${takenRows(taken)}
    where a.order_id = ${orderId} and a.sku = t.sku and a.location_id = t."locationId"`);
  const [rest] = await tx
    .select({
      open: sql<number>`count(*) filter (where ${allocation.status} = 'open')::int`,
      shipped: sql<number>`count(*) filter (where ${allocation.status} = 'shipped')::int`,
    })
    .from(allocation)
    .where(eq(allocation.orderId, input.orderId));
  if (!rest || rest.open > 0) return;
  await tx
    .update(reservation)
    .set({ status: rest.shipped > 0 ? "consumed" : "released", updatedAt: now })
    .where(and(eq(reservation.holder, input.orderId), eq(reservation.status, "committed")));
}

function takenRows(taken: readonly TakenUnits[]) {
  const rows = jsonRows(taken.map((units) => ({ ...units, locationId: toUuid(units.locationId) })));
  return sql`jsonb_to_recordset(${rows}) as t(sku text, "locationId" uuid, quantity int)`;
}
