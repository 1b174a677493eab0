import { sql } from "drizzle-orm";
import { anyOf, type Database, prepared, type Transaction, type ValueOf } from "../../platform/db/index.ts";
import type { Availability } from "./stock.ts";
import { stockItem, stockLevel } from "./tables.ts";

const UNKNOWN: Availability = { available: 0, allowBackorder: false, tracked: true, version: 0 };

/** What can be bought of each SKU asked for, in one query; a SKU that never had stock has none. */
export async function readAvailability(
  { db }: { readonly db: Database | Transaction },
  skus: readonly string[],
): Promise<Map<string, Availability>> {
  const found = new Map<string, Availability>(skus.map((sku) => [sku, UNKNOWN]));
  if (skus.length === 0) return found;
  for (const { sku, ...availability } of await standing(db, { skus: [...found.keys()] })) found.set(sku, availability);
  return found;
}

const standing = prepared((db, value: ValueOf<{ readonly skus: readonly string[] }>) => {
  const free = sql`${stockLevel.onHand} - ${stockLevel.reserved} - ${stockLevel.allocated} - ${stockLevel.buffer}`;
  return db
    .select({
      sku: stockItem.sku,
      version: stockItem.version,
      tracked: stockItem.tracked,
      allowBackorder: stockItem.allowBackorder,
      available: sql<number>`coalesce(sum(greatest(${free}, 0)), 0)::float8`,
    })
    .from(stockItem)
    .leftJoin(stockLevel, sql`${stockLevel.sku} = ${stockItem.sku}`)
    .where(sql`${stockItem.sku} = ${anyOf(value("skus"), "text")}`)
    .groupBy(stockItem.sku);
});
