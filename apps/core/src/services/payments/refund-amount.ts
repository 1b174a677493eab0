import { isId, type Money, money } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import type { Database, Transaction } from "../../platform/db/index.ts";
import { refund } from "./tables.ts";

/** What one refund sends back; null for an id that is none of ours. */
export async function refundAmount(db: Database | Transaction, refundId: string): Promise<Money | null> {
  if (!isId("ref", refundId)) return null;
  const [row] = await db
    .select({ amount: refund.amount, currency: refund.currency })
    .from(refund)
    .where(eq(refund.id, refundId));
  return row ? money(row.amount, row.currency) : null;
}
