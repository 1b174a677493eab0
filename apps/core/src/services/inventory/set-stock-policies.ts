import { toTimestamp } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { announcePresent, jsonRows, type StockContext } from "./post-movements.ts";
import type { StockPolicy } from "./stock.ts";

export interface SetStockPolicy extends StockPolicy {
  readonly sku: string;
}

/**
 * Takes over what the catalog says of each SKU; says nothing and locks nothing when inventory knows it already.
 * A SKU that may be sold ahead gets a level at the first location, so that there is a place for its debt.
 * A SKU that may no longer be sold ahead keeps the levels that are below zero open until they are filled.
 */
export async function setStockPolicies({ tx, now }: StockContext, policies: readonly SetStockPolicy[]): Promise<void> {
  const rows = jsonRows([...policies].sort((left, right) => (left.sku < right.sku ? -1 : 1)));
  const [told] = await tx.execute<{ changed: readonly string[] }>(sql`
    with told as (
      select * from jsonb_to_recordset(${rows}) as t(sku text, tracked boolean, "allowBackorder" boolean)
    ),
    added as (
      insert into inventory.stock_item (sku, tracked, allow_backorder)
      select t.sku, t.tracked, t."allowBackorder" from told t
      where not exists (select from inventory.stock_item i where i.sku = t.sku)
      on conflict (sku) do nothing returning sku
    ),
    stale as materialized (
      select i.sku from inventory.stock_item i join told t on t.sku = i.sku
      where (i.tracked, i.allow_backorder) is distinct from (t.tracked, t."allowBackorder")
      order by i.sku for update of i
    ),
    changed as (
      update inventory.stock_item i
      set tracked = t.tracked, allow_backorder = t."allowBackorder", version = i.version + 1
      from told t join stale s on s.sku = t.sku where i.sku = t.sku
      returning i.sku
    )
    select coalesce((select jsonb_agg(sku) from (select sku from added union all select sku from changed) all_changed), '[]')
      as changed`);
  const skus = told?.changed ?? [];
  if (skus.length > 0) await applyPolicies({ tx, now }, skus);
}

async function applyPolicies({ tx, now }: StockContext, skus: readonly string[]): Promise<void> {
  const at = sql`${toTimestamp(now)}::timestamptz`;
  const wanted = sql`(select jsonb_array_elements_text(${jsonRows(skus)}))`;
  await tx.execute(sql`
    insert into inventory.stock_level (sku, location_id, allow_backorder, updated_at)
    select i.sku, (select id from inventory.location order by priority, id limit 1), true, ${at}
    from inventory.stock_item i
    where i.sku in ${wanted} and i.allow_backorder and exists (select from inventory.location)
    order by i.sku
    on conflict (sku, location_id) do nothing`);
  await tx.execute(sql`
    update inventory.stock_level l set updated_at = ${at},
      allow_backorder = i.allow_backorder or l.on_hand - l.reserved - l.allocated - l.buffer < 0
    from inventory.stock_item i
    where i.sku = l.sku and i.sku in ${wanted}`);
  await announcePresent({ tx, now }, skus);
}
