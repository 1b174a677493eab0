import { cutPage, type Instant, type Page, problem, toTimestamp } from "@stoa/kernel";
import { and, desc, eq, isNotNull, isNull, lt, sql } from "drizzle-orm";
import { type Database, transact } from "../../platform/db/index.ts";
import { numberKey } from "./cursor.ts";
import type { StockContext } from "./post-movements.ts";
import { stockAlert, stockItem } from "./tables.ts";

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

export type StockAlert = typeof stockAlert.$inferSelect;

export interface AlertFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly isOpen?: boolean | undefined;
}

/** Alerts, the newest first. @throws problem `validation_failed` for a cursor that is none of ours. */
export async function listStockAlerts(db: Database, filter: AlertFilter): Promise<Page<StockAlert>> {
  const matching =
    filter.isOpen === undefined
      ? undefined
      : filter.isOpen
        ? isNull(stockAlert.closedAt)
        : isNotNull(stockAlert.closedAt);
  const after = filter.cursor === undefined ? undefined : lt(stockAlert.seq, numberKey(filter.cursor));
  const [rows, counted] = await Promise.all([
    db
      .select()
      .from(stockAlert)
      .where(and(matching, after))
      .orderBy(desc(stockAlert.seq))
      .limit(filter.limit + 1),
    db.select({ total: sql<number>`count(*)::int` }).from(stockAlert).where(matching),
  ]);
  const { shown, nextCursor } = cutPage(rows, filter.limit, ({ seq }) => [seq]);
  return { items: shown, nextCursor, total: counted[0]?.total ?? 0 };
}

/** An alert as staff see it. */
export function alertView({ openedAt, closedAt, ...alert }: StockAlert) {
  return { ...alert, openedAt: toTimestamp(openedAt), closedAt: closedAt && toTimestamp(closedAt) };
}

export interface OpenedAlert {
  readonly sku: string;
  readonly threshold: number;
  readonly available: number;
}

/**
 * The sweep: opens an alert for each counted SKU that has fallen to its threshold, closes those that have risen above.
 * Answers what it opened, and how many are open now.
 */
export function sweepStockAlerts({
  db,
  now,
}: {
  readonly db: Database;
  readonly now: Instant;
}): Promise<{ readonly opened: readonly OpenedAlert[]; readonly open: number }> {
  const at = sql`${toTimestamp(now)}::timestamptz`;
  return transact(db, async (tx) => {
    const opened = await tx.execute<OpenedAlert & Record<string, unknown>>(sql`
      with stock as (
        select i.sku, case when i.tracked then i.alert_threshold end as threshold,
          coalesce(sum(greatest(l.on_hand - l.reserved - l.allocated - l.buffer, 0)), 0) as available
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
      on conflict (sku) where closed_at is null do nothing
      returning sku, threshold, available`);
    return { opened: [...opened], open: await tx.$count(stockAlert, isNull(stockAlert.closedAt)) };
  });
}
