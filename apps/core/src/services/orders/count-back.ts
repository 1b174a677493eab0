import { allocateWithin, money, type OrderId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { creditsOfOrders, paymentOfOrder } from "../payments/index.ts";
import { countUnits } from "./count-units.ts";
import { allBack } from "./line-money.ts";
import { linesOf } from "./lock-order.ts";
import { returnedToCredits } from "./order-tenders.ts";
import { order } from "./tables.ts";

/**
 * Counts on the lines of a cancelled order what its shopper has got back so far, each as far as it was paid for and has not got it yet.
 * Doing it again counts nothing twice. The caller holds the order's row.
 */
export async function countBack(tx: Transaction, orderId: OrderId): Promise<void> {
  const [row] = await tx
    .select({ setOff: order.setOff, currency: order.currency })
    .from(order)
    .where(eq(order.id, orderId));
  if (!row) return;
  const lines = await linesOf(tx, orderId);
  const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);
  const own = allBack(lines, row);
  const left = lines.map(({ refunded }, place) => Math.max(0, (own[place] ?? 0) - refunded));
  const byProviders = (await paymentOfOrder(tx, orderId))?.refundedAmount ?? 0;
  const toCredits = returnedToCredits((await creditsOfOrders(tx, [orderId])).get(orderId) ?? []);
  const uncounted = byProviders + toCredits - sum(lines.map(({ refunded }) => refunded));
  const due = Math.max(0, Math.min(uncounted, sum(left)));
  if (due === 0) return;
  const shares = allocateWithin(money(due, row.currency), left);
  const counts = lines.map(({ position }, place) => ({ position, refunded: shares[place]?.amount ?? 0 }));
  await countUnits(tx, orderId, counts);
}
