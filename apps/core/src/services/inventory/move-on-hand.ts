import { type LocationId, problem, toTimestamp, toUuid } from "@stoa/kernel";
import { type SQL, sql } from "drizzle-orm";
import type { Actor } from "../../platform/rpc/index.ts";
import { lockItems } from "./lock-items.ts";
import { jsonRows, type Posted, postMovements, type StockContext } from "./post-movements.ts";
import { type MovementKind, STOCK_UNITS_MAX } from "./stock.ts";

export interface LevelDelta {
  readonly sku: string;
  readonly locationId: LocationId;
  /** Units more on hand, or fewer when negative. */
  readonly delta: number;
  /** Units more on their way here, or fewer when negative. */
  readonly incoming?: number;
}

export interface MoveOnHand {
  readonly kind: MovementKind;
  /** One entry for each level. */
  readonly changes: readonly LevelDelta[];
  /** The same cause counts once. */
  readonly cause: string;
  readonly reason: string | null;
  readonly actor: Actor;
}

/**
 * Changes what is on hand and on its way in several levels, all or nothing; the levels have to be open.
 * @throws problem `state_conflict` with `items` when units that are promised to buyers would be missing, when units that are sold ahead
 * would be sent somewhere, or when a level would hold more than it can.
 */
export async function moveOnHand(context: StockContext, input: MoveOnHand): Promise<Posted> {
  const posted = await postMovements(context, {
    kind: input.kind,
    skus: [...new Set(input.changes.map((change) => change.sku))],
    reason: input.reason,
    actor: input.actor,
    movesIncoming: true,
    decide: decideOnHand(input),
  });
  const [first] = posted.refused;
  if (first) {
    const { sku, isFull } = refusedLevel(first.sku);
    const room = isFull
      ? `there is room for ${first.available} more units`
      : `only ${first.available} units there are free`;
    const items = posted.refused.map((item) => ({ ...item, sku: refusedLevel(item.sku).sku }));
    throw problem("state_conflict", { detail: `${sku}: ${room}`, items });
  }
  return posted;
}

/** `refused` says in the SKU's stead whether it is for want of units or of room. A transfer finds no units where they are owed. */
function decideOnHand({ kind, cause, changes }: MoveOnHand): SQL {
  const rows = jsonRows(changes.map((change) => ({ ...change, locationId: toUuid(change.locationId) })));
  return sql`
      asked as (
        select k.sku, k.location_id, c.delta, coalesce(c.incoming, 0) as incoming, k.free, k.on_hand, k.incoming as on_its_way,
          k.allow_backorder and ${kind}::text <> 'transfer' as may_be_owed
        from jsonb_to_recordset(${rows}) as c(sku text, "locationId" uuid, delta int, incoming int)
        join locked k on k.sku = c.sku and k.location_id = c."locationId"
        where not exists (
          select from inventory.stock_movement m
          where m.cause = ${cause} and m.kind = ${kind} and m.sku = k.sku and m.location_id = k.location_id
        )
      ),
      refused as (
        select jsonb_build_array(sku, false)::text as sku, -delta as requested, free as available from asked
        where delta < 0 and free + delta < 0 and not may_be_owed
        union all
        select jsonb_build_array(sku, true)::text, greatest(delta, incoming),
          ${STOCK_UNITS_MAX}::int - case when delta > 0 then on_hand else on_its_way end
        from asked
        where delta > 0 and on_hand > ${STOCK_UNITS_MAX}::int - delta or incoming > 0 and on_its_way > ${STOCK_UNITS_MAX}::int - incoming
      ),
      change as (
        select sku, location_id, delta as on_hand, 0 as reserved, 0 as allocated, incoming, ${cause}::text as cause
        from asked where (delta <> 0 or incoming <> 0) and not exists (select from refused)
      )`;
}

function refusedLevel(told: string) {
  const [sku, isFull]: [string, boolean] = JSON.parse(told);
  return { sku, isFull };
}

/** Makes sure that each SKU has a level there. @throws problem `not_found` for an unknown location. */
export async function openLevels(
  { tx, now }: StockContext,
  locationId: LocationId,
  skus: readonly string[],
): Promise<void> {
  const place = sql`${toUuid(locationId)}::uuid`;
  const wanted = sql`jsonb_array_elements_text(${jsonRows([...new Set(skus)].sort())}) as w(sku)`;
  const [known] = await tx.execute(sql`select 1 from inventory.location where id = ${place}`);
  if (!known) throw problem("not_found");
  await lockItems({ tx }, skus);
  await tx.execute(
    sql`insert into inventory.stock_item (sku) select w.sku from ${wanted} on conflict (sku) do nothing`,
  );
  await tx.execute(sql`
    insert into inventory.stock_level (sku, location_id, allow_backorder, updated_at)
    select i.sku, ${place}, i.allow_backorder, ${toTimestamp(now)}::timestamptz
    from inventory.stock_item i join ${wanted} on w.sku = i.sku order by i.sku
    on conflict (sku, location_id) do nothing`);
}
