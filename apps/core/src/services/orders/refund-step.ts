import type { Instant, OrderId, RefundId } from "@stoa/kernel";
import type { Transaction } from "../../platform/db/index.ts";
import { done, type Outcome, refused, waiting } from "../../platform/saga/index.ts";
import type { PaymentVerbs, PreparedRefund } from "../payments/index.ts";
import { orderRefunded } from "./messages.ts";
import { checkoutActor, noteInTimeline, touchOrder } from "./timeline.ts";

type RefundResult = Awaited<ReturnType<PaymentVerbs["refundOrder"]["call"]>>;

export interface RefundEnd {
  readonly orderId: OrderId;
  readonly prepared: PreparedRefund;
  readonly result: RefundResult;
  /** What else is written down once the money is back. */
  readonly refunded: () => Promise<void>;
}

/** How a saga's refund ends: written in the timeline and announced once, or shown as stuck with the provider's word for why. */
export async function settleRefundStep(
  { refundOrder }: PaymentVerbs,
  { tx, now }: { readonly tx: Transaction; readonly now: Instant },
  { orderId, prepared, result, refunded }: RefundEnd,
): Promise<Outcome<{ readonly refundId: RefundId }>> {
  const refund = await refundOrder.settle({ tx, now }, prepared, result);
  if (refund.kind === "pending") return waiting(refund.until ?? now);
  await touchOrder(tx, now, orderId);
  if (refund.kind === "failed") {
    const entries = [{ type: "refund_failed", detail: refund.code }] as const;
    await noteInTimeline(tx, now, { orderId, actor: checkoutActor, entries });
    return refused("state_conflict", { detail: `The provider will not refund: ${refund.code}` });
  }
  await refunded();
  const { refundId } = refund;
  await noteInTimeline(tx, now, {
    orderId,
    actor: checkoutActor,
    entries: [{ type: "payment_refunded" }],
    announce: [orderRefunded.of(orderId, { orderId, refundId })],
  });
  return done({ refundId });
}
