import { cutPage, type Page, problem, type StockTransferId, toTimestamp } from "@stoa/kernel";
import { and, asc, desc, eq, inArray, sql } from "drizzle-orm";
import { type Database, isBehind, type Transaction } from "../../platform/db/index.ts";
import type { TransferState } from "./stock.ts";
import { stockTransfer, stockTransferLine } from "./tables.ts";

type TransferRow = typeof stockTransfer.$inferSelect;
export type TransferView = Omit<TransferRow, "sentAt" | "closedAt" | "updatedAt"> & {
  readonly sentAt: string;
  readonly closedAt: string | null;
  readonly updatedAt: string;
  readonly lines: readonly Omit<typeof stockTransferLine.$inferSelect, "transferId">[];
};

export interface TransferFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly states?: readonly TransferState[] | undefined;
}

/** Transfers with their lines, the last sent first. @throws problem `validation_failed` for a cursor that is none of ours. */
export async function listTransfers(db: Database, filter: TransferFilter): Promise<Page<TransferView>> {
  const { states } = filter;
  const matching = states && states.length > 0 ? inArray(stockTransfer.state, [...states]) : undefined;
  const behind = isBehind(filter.cursor, { at: stockTransfer.sentAt, id: stockTransfer.id, prefix: "trf" });
  const [rows, counted] = await Promise.all([
    db
      .select()
      .from(stockTransfer)
      .where(and(matching, behind))
      .orderBy(desc(stockTransfer.sentAt), desc(stockTransfer.id))
      .limit(filter.limit + 1),
    db.select({ total: sql<number>`count(*)::int` }).from(stockTransfer).where(matching),
  ]);
  const { shown, nextCursor } = cutPage(rows, filter.limit, ({ sentAt, id }) => [sentAt, id]);
  return { items: await withLines(db, shown), nextCursor, total: counted[0]?.total ?? 0 };
}

/** @throws problem `not_found`. */
export async function readTransfer(db: Database | Transaction, id: StockTransferId): Promise<TransferView> {
  const [transfer] = await withLines(db, await db.select().from(stockTransfer).where(eq(stockTransfer.id, id)));
  if (!transfer) throw problem("not_found");
  return transfer;
}

async function withLines(db: Database | Transaction, transfers: readonly TransferRow[]): Promise<TransferView[]> {
  if (transfers.length === 0) return [];
  const ids = transfers.map((transfer) => transfer.id);
  const rows = await db
    .select()
    .from(stockTransferLine)
    .where(inArray(stockTransferLine.transferId, ids))
    .orderBy(asc(stockTransferLine.sku));
  const lines = Map.groupBy(rows, (row) => row.transferId);
  return transfers.map((transfer) => ({
    ...transfer,
    sentAt: toTimestamp(transfer.sentAt),
    closedAt: transfer.closedAt && toTimestamp(transfer.closedAt),
    updatedAt: toTimestamp(transfer.updatedAt),
    lines: (lines.get(transfer.id) ?? []).map(({ transferId: _, ...line }) => line),
  }));
}
