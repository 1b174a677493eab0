import { type Instant, type Money, newId, type PaymentId, problem, type RefundId } from "@stoa/kernel";
import { and, eq, sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import type { PaymentFact, RefundState } from "./payment.ts";
import type { RefundOrder } from "./providers/provider.ts";
import type { RefundReport } from "./providers/provider-report.ts";
import { recordNews } from "./record-news.ts";
import { payment, refund } from "./tables.ts";

export interface StartRefund {
  readonly paymentId: PaymentId;
  readonly key: string;
  readonly amount: Money;
  readonly reason: string | null;
  /** The capture that it comes from, where the provider refunds captures. */
  readonly captureReference: string | null;
  /** The order's refund that it is part of; null when an order is let go of. */
  readonly requestId: RefundId | null;
}

export interface StartedRefund {
  readonly order: RefundOrder;
  readonly state: RefundState;
}

/**
 * Puts a refund on record and sets its amount aside, so that no other refund can promise it; the same key finds it again.
 * @throws problem `state_conflict` when less than this is left of what was captured.
 */
export async function startRefund(tx: Transaction, now: Instant, start: StartRefund): Promise<StartedRefund> {
  const { paymentId, key, amount, reason, captureReference, requestId } = start;
  const [row] = await tx
    .insert(refund)
    .values({
      id: newId("ref"),
      paymentId,
      key,
      state: "requested",
      amount: amount.amount,
      currency: amount.currency,
      reason,
      captureReference,
      requestId,
      tries: 1,
      createdAt: now,
      updatedAt: now,
    })
    .onConflictDoUpdate({ target: refund.key, set: { tries: sql`${refund.tries} + 1`, updatedAt: now } })
    .returning();
  if (!row) throw new Error(`no refund under ${key}`);
  if (row.tries === 1) await setAside(tx, start);
  const { id: refundId, tries, state } = row;
  return { order: { refundId, amount, reason, captureReference, tries }, state };
}

async function setAside(tx: Transaction, { paymentId, amount }: StartRefund): Promise<void> {
  const set = await tx
    .update(payment)
    .set({ refundHeld: sql`${payment.refundHeld} + ${amount.amount}` })
    .where(
      and(
        eq(payment.id, paymentId),
        eq(payment.state, "captured"),
        eq(payment.currency, amount.currency),
        sql`${payment.refundHeld} + ${payment.credited} + ${amount.amount} <= ${payment.captured}`,
      ),
    )
    .returning({ id: payment.id });
  if (set.length === 0) throw problem("state_conflict", { detail: "more than what is left of the captured amount" });
}

/** Writes down what became of a refund. */
export async function settleRefund(
  context: { readonly tx: Transaction; readonly now: Instant },
  paymentId: PaymentId,
  { refundId, amount, captureReference }: RefundOrder,
  report: RefundReport,
): Promise<void> {
  const { tx, now } = context;
  if (report.state === "pending") {
    await tx
      .update(refund)
      .set({ state: "pending", providerReference: report.reference, updatedAt: now })
      .where(and(eq(refund.id, refundId), eq(refund.state, "requested")));
    return;
  }
  const type: PaymentFact["type"] = report.state === "succeeded" ? "refunded" : "refund_failed";
  const reference = report.reference ?? refundId;
  await recordNews(context, paymentId, { facts: [{ type, reference, amount, refundId, captureReference }] });
}
