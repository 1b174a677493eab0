import { type Instant, type Money, type OrderId, type PaymentId, problem, type RefundId } from "@stoa/kernel";
import { and, desc, eq } from "drizzle-orm";
import { attemptOf, type KeyedContext, type PaymentsDeps, providerOf, type RemoteVerb } from "./attempt.ts";
import type { ProviderName, RefundState } from "./payment.ts";
import type { ProviderAttempt, RefundOrder, RefundReport } from "./providers/provider.ts";
import { readFacts } from "./record-news.ts";
import { settleRefund, startRefund } from "./start-refund.ts";
import { payment } from "./tables.ts";

export interface RefundPayment {
  readonly orderId: OrderId;
  readonly amount: Money;
  readonly reason: string | null;
}

export interface PreparedRefund {
  readonly provider: ProviderName;
  readonly attempt: ProviderAttempt;
  readonly order: RefundOrder;
  readonly state: RefundState;
}

export type Refund =
  | { readonly kind: "refunded"; readonly paymentId: PaymentId; readonly refundId: RefundId }
  | {
      readonly kind: "pending";
      readonly paymentId: PaymentId;
      readonly refundId: RefundId;
      readonly until: Instant;
    }
  | { readonly kind: "failed"; readonly paymentId: PaymentId; readonly refundId: RefundId; readonly code: string };

export type RefundVerb = RemoteVerb<KeyedContext, RefundPayment, PreparedRefund, RefundReport, Refund>;

const PENDING_POLL_MS = 60 * 60 * 1_000;

/**
 * Sends part or all of a captured amount back. The key names the refund: the same one never pays twice.
 * Preparing throws problem `state_conflict` when less than the amount is left, or nothing was captured.
 */
export function createRefundPayment(deps: PaymentsDeps): RefundVerb {
  return {
    prepare,
    async call({ provider: name, attempt, order, state }) {
      if (state === "succeeded") return { reference: null, state, refusal: null };
      if (state === "failed") return { reference: null, state, refusal: "failed" };
      return providerOf(deps, { provider: name, amount: attempt.amount.amount }).refund(attempt, order);
    },
    async settle(context, { attempt: { paymentId }, order, state }, report) {
      if (state === "requested" || state === "pending") await settleRefund(context, paymentId, order, report);
      const { refundId } = order;
      if (report.state === "succeeded") return { kind: "refunded", paymentId, refundId };
      if (report.state === "failed") return { kind: "failed", paymentId, refundId, code: report.refusal ?? "failed" };
      return { kind: "pending", paymentId, refundId, until: (context.now + PENDING_POLL_MS) as Instant };
    },
  };
}

async function prepare({ tx, now, key }: KeyedContext, input: RefundPayment): Promise<PreparedRefund> {
  const { orderId, amount, reason } = input;
  if (amount.amount <= 0) throw problem("validation_failed", { detail: "a refund is more than nothing" });
  const [row] = await tx
    .select()
    .from(payment)
    .where(and(eq(payment.orderId, orderId), eq(payment.state, "captured")))
    .orderBy(desc(payment.attempt))
    .limit(1);
  if (!row) throw problem("state_conflict", { detail: "nothing was captured for this order" });
  const started = await startRefund(tx, now, { paymentId: row.id, key, amount, reason });
  const attempt = attemptOf(row, await readFacts(tx, row.id));
  return { provider: row.provider, attempt, ...started };
}
