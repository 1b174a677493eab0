import { problem, type StockTransferId, toUuid } from "@stoa/kernel";
import { and, eq, notExists, sql } from "drizzle-orm";
import type { StockContext } from "./post-movements.ts";
import { stockTransfer, stockTransferLine } from "./tables.ts";

/** Locked, so that two receipts of one transfer follow each other. @throws problem `not_found`. */
export async function lockTransfer({ tx }: StockContext, id: StockTransferId) {
  const [found] = await tx.select().from(stockTransfer).where(eq(stockTransfer.id, id)).for("update");
  if (!found) throw problem("not_found");
  return found;
}

/** The transfer's key as it stands in its lines. */
export const transferLine = (id: StockTransferId) => sql`${toUuid(id)}::uuid`;

/** Ends a transfer: at once when it is cancelled, and when nothing is left on its way when something was received. */
export async function closeTransfer(
  { tx, now }: StockContext,
  id: StockTransferId,
  state: "received" | "cancelled",
): Promise<void> {
  const open = tx
    .select({ one: sql`1` })
    .from(stockTransferLine)
    .where(
      and(
        eq(stockTransferLine.transferId, id),
        sql`${stockTransferLine.received} + ${stockTransferLine.lost} < ${stockTransferLine.quantity}`,
      ),
    );
  await tx
    .update(stockTransfer)
    .set({ state, closedAt: now, updatedAt: now })
    .where(
      and(
        eq(stockTransfer.id, id),
        eq(stockTransfer.state, "in_transit"),
        state === "received" ? notExists(open) : undefined,
      ),
    );
}
