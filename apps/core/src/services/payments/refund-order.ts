import { type Instant, type Money, money, type OrderId, type PaymentId, problem, type RefundId } from "@stoa/kernel";
import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { DescribedActor } from "../../platform/rpc/index.ts";
import { attemptOf, type PaymentsDeps, providerOf, type RemoteVerb, type VerbContext } from "./attempt.ts";
import { creditsLeft } from "./credits/refund-credits.ts";
import { lockWithOrdersBehind } from "./orders-behind.ts";
import type { ProviderName, RefundState } from "./payment.ts";
import type { ProviderAttempt, RefundOrder } from "./providers/provider.ts";
import type { RefundReport } from "./providers/provider-report.ts";
import { readFacts } from "./read-facts.ts";
import { openRefund } from "./refund-request.ts";
import { lockCaptured, startParts } from "./start-parts.ts";
import { settleRefund } from "./start-refund.ts";
import { payment, refund, refundRequest } from "./tables.ts";

export interface RefundOfOrder {
  readonly orderId: OrderId;
  readonly amount: Money;
  readonly reason: string | null;
  /** What it is given back for: the same cause is the same refund. Such as `return/<id>`. */
  readonly cause: string;
  /** This payment is refunded before the others. */
  readonly prefer?: PaymentId | undefined;
  /** Only what exchanged goods have paid. */
  readonly only?: "exchange" | undefined;
  /** Where less is left than is missing of it, gives that and counts as done: the rest went back in another way. */
  readonly settlesForLess?: boolean | undefined;
  /** Who gives it by hand; left out for what follows by itself. */
  readonly by?: DescribedActor | undefined;
  /** Asks after what was begun before, and begins nothing in place of what a provider has refused: that is for whoever asked for it. */
  readonly isFollowUp?: boolean | undefined;
}

export interface PreparedRefundPart {
  readonly provider: ProviderName;
  readonly attempt: ProviderAttempt;
  readonly order: RefundOrder;
  readonly state: RefundState;
}

export interface PreparedRefund {
  readonly orderId: OrderId;
  readonly refundId: RefundId;
  readonly parts: readonly PreparedRefundPart[];
}

/**
 * How a refund stands as a whole. `failed`: the provider would not give part of it back; what it did give is `refunded`, and the
 * same cause again tries what is missing anew. Amounts are in the order's currency.
 */
export interface RefundedOfOrder {
  readonly kind: "refunded" | "pending" | "failed";
  readonly refundId: RefundId;
  readonly refunded: Money;
  readonly pending: Money;
  readonly until: Instant | null;
  readonly code: string | null;
  /** Other orders whose payments have given a part, because their goods were exchanged for this one's. */
  readonly besides: readonly OrderId[];
}

export type RefundOrderVerb = RemoteVerb<
  VerbContext,
  RefundOfOrder,
  PreparedRefund,
  readonly RefundReport[],
  RefundedOfOrder
>;

const PENDING_POLL_MS = 60 * 60 * 1_000;

/**
 * Gives part or all of an order's money back: what was captured first, from its newest payment on, and then what gift cards and store
 * credit paid, which is done at once. What exchanged goods paid comes from the payments that those were paid by. Every part is on record with its key, and set
 * aside from what is left, before the provider hears of it; so two refunds at once can never pass what was captured.
 * Preparing throws problem `state_conflict` when less than the amount is left or the cause has been used for something else.
 */
export function createRefundOrder(deps: PaymentsDeps): RefundOrderVerb {
  return {
    prepare: (context, input) => prepare(deps, context, input),
    async call({ parts }) {
      const reports: RefundReport[] = [];
      for (const part of parts) reports.push(await callPart(deps, part));
      return reports;
    },
    async settle(context, { orderId, refundId, parts }, reports) {
      await lockWithOrdersBehind(deps, context.tx, orderId);
      let code: string | null = null;
      for (const [index, part] of parts.entries()) {
        const report = reports[index];
        if (!report) continue;
        await settleRefund(context, part.attempt.paymentId, part.order, report);
        code ??= report.state === "failed" ? (report.refusal ?? "failed") : null;
      }
      return standingOfRefund(context, refundId, code);
    },
  };
}

async function callPart(
  deps: PaymentsDeps,
  { provider: name, attempt, order }: PreparedRefundPart,
): Promise<RefundReport> {
  return providerOf(deps, { provider: name, amount: attempt.amount.amount }).refund(attempt, order);
}

async function prepare(deps: PaymentsDeps, context: VerbContext, input: RefundOfOrder): Promise<PreparedRefund> {
  const { tx } = context;
  await lockWithOrdersBehind(deps, tx, input.orderId);
  if (input.amount.amount <= 0) throw problem("validation_failed", { detail: "a refund is more than nothing" });
  const rows = input.only === undefined ? await lockCaptured(tx, input.orderId) : [];
  const [first = await creditsLeft(tx, input.orderId)] = rows;
  if (!first) throw problem("state_conflict", { detail: "nothing was captured for this order" });
  if (first.currency !== input.amount.currency) throw problem("currency_mismatch");
  const { id: refundId, creditAmount } = await openRefund(context, input);
  const known = await tx.select().from(refund).where(eq(refund.requestId, refundId)).orderBy(asc(refund.createdAt));
  const promised = known.filter((one) => one.state !== "failed").reduce((sum, one) => sum + one.amount, 0);
  const missing = input.amount.amount - promised - creditAmount;
  if (missing > 0 && !input.isFollowUp)
    await startParts(deps, context, { input, refundId, rows, missing, known: known.length });
  return { orderId: input.orderId, refundId, parts: await takeUpParts(context, refundId) };
}

/** The parts whose end is not known: those begun just now, and those of an earlier call whose answer is out. */
async function takeUpParts({ tx, now }: VerbContext, requestId: RefundId): Promise<PreparedRefundPart[]> {
  const open = await tx
    .update(refund)
    .set({ tries: sql`${refund.tries} + 1`, updatedAt: now })
    .where(and(eq(refund.requestId, requestId), inArray(refund.state, ["requested", "pending"])))
    .returning();
  const ids = open.map((one) => one.paymentId);
  const rows = ids.length === 0 ? [] : await tx.select().from(payment).where(inArray(payment.id, ids));
  const parts: PreparedRefundPart[] = [];
  for (const { id: refundId, paymentId, amount, currency, reason, captureReference, tries, state } of open) {
    const row = rows.find((one) => one.id === paymentId);
    if (!row) throw new Error(`refund ${refundId} is of no payment`);
    const order = { refundId, amount: money(amount, currency), reason, captureReference, tries: tries - 1 };
    parts.push({ provider: row.provider, attempt: attemptOf(row, await readFacts(tx, row.id)), order, state });
  }
  return parts;
}

async function standingOfRefund({ tx, now }: VerbContext, refundId: RefundId, code: string | null) {
  const [request] = await tx.select().from(refundRequest).where(eq(refundRequest.id, refundId));
  if (!request) throw new Error(`no refund ${refundId}`);
  const parts = await tx
    .select({ state: refund.state, amount: refund.amount, orderId: payment.orderId })
    .from(refund)
    .innerJoin(payment, eq(payment.id, refund.paymentId))
    .where(eq(refund.requestId, refundId));
  const sumOf = (...states: RefundState[]) =>
    parts.filter((part) => states.includes(part.state)).reduce((sum, part) => sum + part.amount, 0);
  const [refunded, open] = [sumOf("succeeded") + request.creditAmount, sumOf("requested", "pending")];
  const kind = open > 0 ? "pending" : refunded >= request.amount ? "refunded" : "failed";
  return {
    kind,
    refundId,
    refunded: money(refunded, request.currency),
    pending: money(open, request.currency),
    until: kind === "pending" ? ((now + PENDING_POLL_MS) as Instant) : null,
    code: kind === "failed" ? (code ?? "failed") : null,
    besides: [...new Set(parts.map((part) => part.orderId))].filter((id) => id !== request.orderId),
  } as const;
}
