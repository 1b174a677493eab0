import { type Instant, money } from "@stoa/kernel";
import { and, asc, eq, inArray, isNotNull, lte } from "drizzle-orm";
import { announceNews } from "./announce-news.ts";
import type { PaymentEventDeps } from "./attempt.ts";
import { perform } from "./perform.ts";
import { createRefundOrder } from "./refund-order.ts";
import { newsOfRefund } from "./refunds-by-hand.ts";
import type { PaymentSweep } from "./sweep-payments.ts";
import { payment, refund, refundRequest } from "./tables.ts";

const SWEEP_BATCH = 20;
/** Whoever asked for a refund comes first, and the provider's own news. */
const GRACE_MS = 15 * 60 * 1_000;

/** Takes up refunds whose end nobody has heard: the provider is asked by the same keys. Nothing is given that was not begun. */
export async function sweepRefunds(deps: PaymentEventDeps): Promise<PaymentSweep> {
  const before = (deps.clock.now() - GRACE_MS) as Instant;
  const found = deps.db
    .selectDistinctOn([refundRequest.id], {
      requestId: refundRequest.id,
      paymentId: refund.paymentId,
      updatedAt: refund.updatedAt,
    })
    .from(refund)
    .innerJoin(refundRequest, eq(refundRequest.id, refund.requestId))
    .where(
      and(isNotNull(refund.requestId), inArray(refund.state, ["requested", "pending"]), lte(refund.updatedAt, before)),
    )
    .orderBy(refundRequest.id, asc(refund.updatedAt))
    .as("found");
  // Those that were asked about longest ago first, so that some that cannot be dealt with keep nobody else waiting.
  const due = await deps.db
    .select({ request: refundRequest, row: payment })
    .from(found)
    .innerJoin(refundRequest, eq(refundRequest.id, found.requestId))
    .innerJoin(payment, eq(payment.id, found.paymentId))
    .orderBy(asc(found.updatedAt))
    .limit(SWEEP_BATCH);
  const failed: PaymentSweep["failed"][number][] = [];
  for (const { request, row } of due) {
    const { orderId, cause, amount, currency, reason } = request;
    try {
      await perform(deps, {
        verb: createRefundOrder(deps),
        context: (base) => base,
        input: { orderId, cause, amount: money(amount, currency), reason, isFollowUp: true },
        // Of an order that others have paid for by exchanged goods, the payment may be another order's.
        settled: (context, outcome) =>
          announceNews(deps, context, { ...row, orderId }, { told: newsOfRefund(outcome) }),
      });
    } catch (error) {
      failed.push({ orderId, error });
    }
  }
  return { done: due.length - failed.length, failed };
}
