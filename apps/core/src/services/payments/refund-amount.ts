import { isId, type Money, money } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { unionAll } from "drizzle-orm/pg-core";
import type { Database, Transaction } from "../../platform/db/index.ts";
import { refund, refundRequest } from "./tables.ts";

/**
 * What a refund gives back, by the id that was announced: of the whole of it, gift cards and all, or of what one payment gave back by
 * itself. Null for an id that is none of ours.
 */
export async function refundAmount(db: Database | Transaction, refundId: string): Promise<Money | null> {
  if (!isId("ref", refundId)) return null;
  const [row] = await unionAll(
    db
      .select({ amount: refundRequest.amount, currency: refundRequest.currency })
      .from(refundRequest)
      .where(eq(refundRequest.id, refundId)),
    db.select({ amount: refund.amount, currency: refund.currency }).from(refund).where(eq(refund.id, refundId)),
  );
  return row ? money(row.amount, row.currency) : null;
}
