import { sql } from "drizzle-orm";
import type { StockContext } from "./post-movements.ts";
import type { StockHolder } from "./reserve-stock.ts";

/**
 * Holds the reservations of a holder and the stock items behind them until the transaction ends. For who locks something that goes
 * behind units before it moves them.
 */
export async function lockUnits(
  { tx }: Pick<StockContext, "tx">,
  { holder }: { readonly holder: StockHolder },
): Promise<void> {
  await tx.execute(sql`
    with held as materialized (
      select id from inventory.reservation where holder = ${holder} order by id for update
    )
    select from inventory.stock_item where sku in (
      select l.sku from held join inventory.reservation_line l on l.reservation_id = held.id
    ) order by sku for update`);
}
