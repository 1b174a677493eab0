import type { Instant } from "@stoa/kernel";
import { problem, toTimestamp } from "@stoa/kernel";
import { eq, sql } from "drizzle-orm";
import { type Database, transact } from "../../platform/db/index.ts";
import type { StockContext } from "./post-movements.ts";
import { stockItem } from "./tables.ts";

/** At or below so many available units an alert opens; null: none. @throws problem `not_found` for a SKU without stock. */
export async function setAlertThreshold(
  { tx }: Pick<StockContext, "tx">,
  { sku, threshold }: { readonly sku: string; readonly threshold: number | null },
): Promise<void> {
  const changed = await tx
    .update(stockItem)
    .set({ alertThreshold: threshold })
    .where(eq(stockItem.sku, sku))
    .returning({ sku: stockItem.sku });
  if (changed.length === 0) throw problem("not_found");
}

/** The sweep: opens an alert for each SKU that has fallen to its threshold, closes those that have risen above. */
export function sweepStockAlerts({ db, now }: { readonly db: Database; readonly now: Instant }): Promise<void> {
  const at = sql`${toTimestamp(now)}::timestamptz`;
  return transact(db, async (tx) => {
    await tx.execute(sql`
      with stock as (
        select i.sku, i.alert_threshold as threshold,
          coalesce(sum(greatest(l.on_hand - l.reserved - l.allocated - l.buffer, 0)), 0)::int as available
        from inventory.stock_item i left join inventory.stock_level l on l.sku = i.sku
        where i.alert_threshold is not null
          or i.sku in (select sku from inventory.stock_alert where closed_at is null)
        group by i.sku
      ),
      closed as (
        update inventory.stock_alert a set closed_at = ${at} from stock s
        where s.sku = a.sku and a.closed_at is null and (s.threshold is null or s.available > s.threshold)
      )
      insert into inventory.stock_alert (sku, threshold, available, opened_at)
      select sku, threshold, available, ${at} from stock where threshold is not null and available <= threshold
      on conflict (sku) where closed_at is null do nothing`);
  });
}
