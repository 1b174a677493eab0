import { type Currency, type Instant, type OrderId, type PaymentId, type PaymentRequestId, toUuid } from "@stoa/kernel";
import type { NextAction, OrderPaymentState } from "@stoa/read-models";
import { asc, eq, sql } from "drizzle-orm";
import { anyOf, type Database, prepared, type Transaction, type ValueOf } from "../../platform/db/index.ts";
import { openStates, orderPaymentStateOf, type ProviderName } from "./payment.ts";
import { payment } from "./tables.ts";

/** How an order has been paid, over all of its payments; amounts are minor units of `currency`. */
export interface PaymentView {
  /** The latest payment that holds or has taken money; the latest attempt when none does. */
  readonly paymentId: PaymentId;
  readonly orderId: OrderId;
  readonly provider: ProviderName;
  readonly state: OrderPaymentState;
  readonly currency: Currency;
  /** What the payments that hold or have taken money are for. */
  readonly amount: number;
  readonly authorizedAmount: number;
  readonly capturedAmount: number;
  /** What went back, by the provider or the shop's own hand, and what became credit in place of that. */
  readonly refundedAmount: number;
  /** What is still held and can be captured. */
  readonly heldAmount: number;
  /** What the shopper has to do for the payment that is under way. */
  readonly nextAction: NextAction | null;
  readonly declineCode: string | null;
  /** When the first of the holds ends. */
  readonly authorizedUntil: Instant | null;
  readonly expiresAt: Instant;
}

/** The payments of each order as one; orders without any are missing from the answer. One statement. */
export async function paymentsOfOrders(
  db: Database | Transaction,
  orderIds: readonly OrderId[],
): Promise<Map<OrderId, PaymentView>> {
  if (orderIds.length === 0) return new Map();
  const rows = await attempts(db, { orderIds: orderIds.map(toUuid) });
  const views = new Map<OrderId, PaymentView>();
  for (const [orderId, attempts] of Map.groupBy(rows, (row) => row.orderId)) {
    const view = viewOf(attempts);
    if (view) views.set(orderId, view);
  }
  return views;
}

const attempts = prepared((db, value: ValueOf<{ readonly orderIds: readonly string[] }>) =>
  db
    .select()
    .from(payment)
    .where(sql`${payment.orderId} = ${anyOf(value("orderIds"), "uuid")}`)
    .orderBy(asc(payment.attempt)),
);

/** How an order has been paid, or null when nothing was tried. */
export async function paymentOfOrder(db: Database | Transaction, orderId: OrderId): Promise<PaymentView | null> {
  return (await paymentsOfOrders(db, [orderId])).get(orderId) ?? null;
}

/** How a request has been paid so far, or null when nobody has begun to. */
export async function paymentOfRequest(
  db: Database | Transaction,
  requestId: PaymentRequestId,
): Promise<PaymentView | null> {
  const rows = await db.select().from(payment).where(eq(payment.requestId, requestId)).orderBy(asc(payment.attempt));
  return viewOf(rows);
}

type Row = typeof payment.$inferSelect;

/** Attempts that came to nothing do not count beside one that holds or has taken money. */
function viewOf(attempts: readonly Row[]): PaymentView | null {
  const latest = attempts.at(-1);
  if (!latest) return null;
  const paid = attempts.filter((row) => row.state === "authorized" || row.state === "captured");
  const counted = paid.length > 0 ? paid : [latest];
  const main = counted.at(-1) ?? latest;
  const sum = (of: (row: Row) => number) => counted.reduce((total, row) => total + of(row), 0);
  const [captured, held] = [sum((row) => row.captured), sum((row) => row.held)];
  const refunded = sum((row) => row.refunded + row.credited + row.givenOutside);
  const isCaptured = counted.some((row) => row.state === "captured");
  const asking = attempts.findLast((row) => openStates.some((state) => state === row.state));
  const untils = counted.flatMap((row) => row.authorizedUntil ?? []);
  return {
    paymentId: main.id,
    orderId: main.orderId,
    provider: main.provider,
    state: orderPaymentStateOf({ state: isCaptured ? "captured" : main.state, held, captured, refunded }),
    currency: main.currency,
    amount: sum((row) => row.amount),
    authorizedAmount: sum((row) => row.authorized),
    capturedAmount: captured,
    refundedAmount: refunded,
    heldAmount: held,
    nextAction: asking?.nextAction ?? null,
    declineCode: main.declineCode,
    authorizedUntil: untils.length > 0 ? (Math.min(...untils) as Instant) : null,
    expiresAt: (asking ?? main).expiresAt,
  };
}
