import type { OrderId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { creditsLeft } from "../payments/index.ts";
import { paidForKept } from "./line-money.ts";
import { linesOf } from "./lock-order.ts";
import { order } from "./tables.ts";

/**
 * What payment providers are to have taken for an order in all, in minor units: what its units cost that are not cancelled, less what
 * gift cards have paid. 0 for an order that is over; null for one that is not there.
 */
export async function dueOfOrder(tx: Transaction, orderId: OrderId): Promise<number | null> {
  const [row] = await tx.select().from(order).where(eq(order.id, orderId)).for("update");
  if (!row) return null;
  if (row.state === "refused" || row.state === "cancelled") return 0;
  const kept = paidForKept(await linesOf(tx, orderId), row.currency);
  return Math.max(0, kept - ((await creditsLeft(tx, orderId))?.paid ?? 0));
}
