import { type ReservationId, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { jsonRows, postMovements, type StockContext } from "./post-movements.ts";

/** Gives back what ended reservations kept. Call it only with ids whose status this transaction has just moved from `held`. */
export async function giveBackReserved(context: StockContext, ids: readonly ReservationId[]): Promise<void> {
  if (ids.length === 0) return;
  const ended = sql`(select jsonb_array_elements_text(${jsonRows(ids.map(toUuid))})::uuid)`;
  const lines = await context.tx.execute<{ sku: string }>(
    sql`select distinct sku from inventory.reservation_line where reservation_id in ${ended}`,
  );
  if (lines.length === 0) return;
  await postMovements(context, {
    kind: "release",
    skus: lines.map((line) => line.sku),
    decide: sql`
      refused as (select null::text as sku, 0 as requested, 0 as available where false),
      change as (
        select sku, location_id, 0 as on_hand, -quantity as reserved, 0 as allocated, reservation_id::text as cause
        from inventory.reservation_line where reservation_id in ${ended}
      )`,
  });
}
