import { fromUuid, type Instant, type LocationId, toTimestamp } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { Database, Transaction } from "../../platform/db/index.ts";
import { jsonRows } from "./post-movements.ts";
import type { StockCounters } from "./verify-stock.ts";

export interface PastLevel extends StockCounters {
  readonly sku: string;
  readonly locationId: LocationId;
  readonly code: string;
}

/**
 * The counters of each level as they were at an instant, summed from the movements up to and with it. Levels that nothing had
 * moved by then are absent. What was kept back from sale is not part of the history.
 */
export async function readPastStock(
  { db }: { readonly db: Database | Transaction },
  { skus, at }: { readonly skus: readonly string[]; readonly at: Instant },
): Promise<PastLevel[]> {
  const rows = await db.execute<Omit<PastLevel, "locationId"> & { locationId: string } & Record<string, unknown>>(sql`
    select m.sku, m.location_id as "locationId", o.code, sum(m.on_hand)::int as "onHand", sum(m.reserved)::int as reserved,
      sum(m.allocated)::int as allocated, sum(m.incoming)::int as incoming
    from inventory.stock_movement m join inventory.location o on o.id = m.location_id
    where m.sku in (select jsonb_array_elements_text(${jsonRows(skus)})) and m.at <= ${toTimestamp(at)}::timestamptz
    group by m.sku, m.location_id, o.code, o.priority order by m.sku, o.priority, m.location_id`);
  return rows.map((row) => ({ ...row, locationId: fromUuid("loc", row.locationId) }));
}
