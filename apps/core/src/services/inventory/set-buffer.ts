import { type LocationId, problem } from "@stoa/kernel";
import { and, eq, gte, or, sql } from "drizzle-orm";
import { lockItems } from "./lock-items.ts";
import { openLevels } from "./move-on-hand.ts";
import { announcePresent, type StockContext } from "./post-movements.ts";
import { stockItem, stockLevel } from "./tables.ts";

export interface SetBuffer {
  readonly sku: string;
  readonly locationId: LocationId;
  /** Units that are kept back from sale there, 0 or more. */
  readonly units: number;
}

/**
 * Keeps units of a level back from sale. Answers how many were kept back before.
 * @throws problem `not_found` for an unknown location, `state_conflict` when fewer units than that are free, unless it keeps back fewer than before.
 */
export async function setBuffer(context: StockContext, { sku, locationId, units }: SetBuffer): Promise<number> {
  const { tx, now } = context;
  await openLevels(context, locationId, [sku]);
  await lockItems(context, [sku]);
  const level = and(eq(stockLevel.sku, sku), eq(stockLevel.locationId, locationId));
  const [before] = await tx.select({ buffer: stockLevel.buffer }).from(stockLevel).where(level);
  const mayOwe = sql`(select i.allow_backorder from inventory.stock_item i where i.sku = ${sku})`;
  const isCovered = sql`${stockLevel.onHand} - ${stockLevel.reserved} - ${stockLevel.allocated} >= ${units}::int`;
  const changed = await tx
    .update(stockLevel)
    .set({ buffer: units, updatedAt: now, allowBackorder: sql`${mayOwe} or not (${isCovered})` })
    .where(and(level, or(mayOwe, isCovered, gte(stockLevel.buffer, units))))
    .returning({ sku: stockLevel.sku });
  if (changed.length === 0)
    throw problem("state_conflict", { detail: `${sku}: fewer than ${units} units there are free` });
  await tx
    .update(stockItem)
    .set({ version: sql`${stockItem.version} + 1` })
    .where(eq(stockItem.sku, sku));
  await announcePresent(context, [sku]);
  return before?.buffer ?? 0;
}
