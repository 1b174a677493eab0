import { sql } from "drizzle-orm";
import { jsonRows, type StockContext } from "./post-movements.ts";

/**
 * Holds SKUs, in their order, until the transaction ends. For who writes of them before units move: a level's row refers to its SKU's, and
 * holds it against everybody who locks a lower SKU first.
 */
export async function lockItems({ tx }: Pick<StockContext, "tx">, skus: readonly string[]): Promise<void> {
  await tx.execute(sql`
    select from inventory.stock_item where sku in (select jsonb_array_elements_text(${jsonRows(skus)}))
    order by sku for update`);
}
