import { type OrderId, problem, type RefundId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { retrySaga, sagasOf, wakeSaga } from "../../platform/saga/index.ts";
import { type RefundSettlement, settleRefundOtherwise, unsettledRefunds } from "../payments/index.ts";
import { CANCEL_LINES } from "./cancel-lines.saga.ts";
import { CANCEL_ORDER } from "./cancel-order.saga.ts";
import type { ActContext, OrdersDeps } from "./deps.ts";
import { EDIT_ORDER } from "./edit-order.saga.ts";
import { REFUND_EXCHANGE } from "./exchanges/refund-exchange.saga.ts";
import { REFUND_RETURN } from "./refund-return.saga.ts";
import { order } from "./tables.ts";

export interface SettleRefund {
  readonly orderId: OrderId;
  readonly refundId: RefundId;
  readonly by: RefundSettlement["by"];
  /** Such as the number of a bank transfer. */
  readonly reason: string;
}

const refunding: ReadonlySet<string> = new Set([CANCEL_LINES, EDIT_ORDER, REFUND_EXCHANGE, REFUND_RETURN]);

/** What was to go back for an order, and what of it a provider has finally refused. */
export const stuckRefunds = ({ db }: Pick<OrdersDeps, "db">, orderId: OrderId) => unsettledRefunds(db, orderId);

/**
 * The way out of a refund that its provider will not give: store credit for the order's customer, or a note that the shop has given it
 * by its own hand. The saga that is stuck over it goes on and finds it given.
 * @throws problem `not_found`; `state_conflict` when nothing of it is missing, or a guest is to get store credit.
 */
export async function settleRefund(context: ActContext, input: SettleRefund): Promise<void> {
  const { tx, now, actor } = context;
  const { orderId, refundId, by, reason } = input;
  const [row] = await tx
    .select({ customerId: order.customerId })
    .from(order)
    .where(eq(order.id, orderId))
    .for("update");
  if (!row) throw problem("not_found");
  const { customerId } = row;
  if (by === "store_credit" && customerId === null) {
    throw problem("state_conflict", { detail: "A guest has no store credit." });
  }
  const settlement: RefundSettlement = by === "store_credit" && customerId ? { by, customerId } : { by: "outside" };
  await settleRefundOtherwise({ tx, now }, { orderId, refundId, settlement, reason, actor });
  for (const { id, type, state } of await sagasOf(tx, orderId)) {
    if (state === "stuck" && refunding.has(type)) await retrySaga(tx, now, id);
  }
  // What lets go of a whole order waits until nothing of it is owed any more.
  await wakeSaga(tx, now, CANCEL_ORDER, orderId);
}
