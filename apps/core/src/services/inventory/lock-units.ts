import { sql } from "drizzle-orm";
import { jsonRows, type StockContext } from "./post-movements.ts";
import type { StockHolder } from "./reserve-stock.ts";

/**
 * Holds the reservations of a holder and the stock items behind them until the transaction ends, and with them, in one order, further
 * SKUs. For who locks something that goes behind units before it moves them, or lets go of some units and takes others.
 */
export async function lockUnits(
  { tx }: Pick<StockContext, "tx">,
  { holder, skus = [] }: { readonly holder: StockHolder; readonly skus?: readonly string[] },
): Promise<void> {
  await tx.execute(sql`
    with held as materialized (
      select id from inventory.reservation where holder = ${holder} order by id for update
    )
    select from inventory.stock_item where sku in (
      select l.sku from held join inventory.reservation_line l on l.reservation_id = held.id
      union select jsonb_array_elements_text(${jsonRows(skus)})
    ) order by sku for update`);
}
