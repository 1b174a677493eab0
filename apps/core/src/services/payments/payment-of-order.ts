import type { Currency, Instant, OrderId, PaymentId } from "@stoa/kernel";
import type { NextAction, OrderPaymentState } from "@stoa/read-models";
import { asc, inArray } from "drizzle-orm";
import type { Database, Transaction } from "../../platform/db/index.ts";
import { orderPaymentStateOf, type ProviderName } from "./payment.ts";
import { payment } from "./tables.ts";

/** The payment of an order as others see it; amounts are minor units of `currency`. */
export interface PaymentView {
  readonly paymentId: PaymentId;
  readonly orderId: OrderId;
  readonly provider: ProviderName;
  readonly state: OrderPaymentState;
  readonly currency: Currency;
  readonly amount: number;
  readonly authorizedAmount: number;
  readonly capturedAmount: number;
  readonly refundedAmount: number;
  readonly nextAction: NextAction | null;
  readonly declineCode: string | null;
  readonly authorizedUntil: Instant | null;
  readonly expiresAt: Instant;
}

/** The latest attempt of each order; orders without one are missing from the answer. One statement. */
export async function paymentsOfOrders(
  db: Database | Transaction,
  orderIds: readonly OrderId[],
): Promise<Map<OrderId, PaymentView>> {
  if (orderIds.length === 0) return new Map();
  const rows = await db
    .select()
    .from(payment)
    .where(inArray(payment.orderId, [...orderIds]))
    .orderBy(asc(payment.attempt));
  return new Map(rows.map((row) => [row.orderId, viewOf(row)]));
}

/** The latest attempt to pay for an order, or null when there was none. */
export async function paymentOfOrder(db: Database | Transaction, orderId: OrderId): Promise<PaymentView | null> {
  return (await paymentsOfOrders(db, [orderId])).get(orderId) ?? null;
}

function viewOf(row: typeof payment.$inferSelect): PaymentView {
  return {
    paymentId: row.id,
    orderId: row.orderId,
    provider: row.provider,
    state: orderPaymentStateOf(row),
    currency: row.currency,
    amount: row.amount,
    authorizedAmount: row.authorized,
    capturedAmount: row.captured,
    refundedAmount: row.refunded,
    nextAction: row.nextAction,
    declineCode: row.declineCode,
    authorizedUntil: row.authorizedUntil,
    expiresAt: row.expiresAt,
  };
}
