import { money, type OrderId, problem, type RefundId } from "@stoa/kernel";
import { and, asc, eq, gt, inArray, ne, sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { type PaymentsDeps, providerOf, type VerbContext } from "./attempt.ts";
import { creditsLeft, refundToCredits } from "./credits/refund-credits.ts";
import { readFacts } from "./read-facts.ts";
import type { PaymentRow } from "./record-news.ts";
import { lotsOf, type Refundable, sharesOfRefund } from "./refund-lots.ts";
import type { RefundOfOrder } from "./refund-order.ts";
import { startRefund } from "./start-refund.ts";
import { payment, refund, refundRequest } from "./tables.ts";

/** Newest first, but locked in the order of their attempts, as captures lock them. */
export async function lockCaptured(tx: Transaction, orderId: OrderId): Promise<PaymentRow[]> {
  const rows = await tx
    .select()
    .from(payment)
    .where(and(eq(payment.orderId, orderId), gt(payment.captured, 0)))
    .orderBy(asc(payment.attempt))
    .for("update");
  return rows.toReversed();
}

/** Payments, of whatever order, that have refused a part of a refund. */
async function lockRefused(tx: Transaction, refundId: RefundId): Promise<PaymentRow[]> {
  const refused = tx
    .select({ id: refund.paymentId })
    .from(refund)
    .where(and(eq(refund.requestId, refundId), eq(refund.state, "failed")));
  return tx
    .select()
    .from(payment)
    .where(inArray(payment.id, refused))
    .orderBy(asc(payment.orderId), asc(payment.attempt))
    .for("update");
}

export interface Parts {
  readonly input: RefundOfOrder;
  readonly refundId: RefundId;
  readonly rows: readonly PaymentRow[];
  readonly missing: number;
  readonly known: number;
}

/**
 * Begins what is missing of a refund: from the payments first, and then from what gift cards and exchanged goods paid.
 * @throws problem `state_conflict` when less than that is left.
 */
export async function startParts(deps: PaymentsDeps, context: VerbContext, parts: Parts): Promise<void> {
  const { tx, now } = context;
  const { input, refundId, rows, missing, known } = parts;
  const preferred = rows.toSorted(
    (left, right) => Number(right.id === input.prefer) - Number(left.id === input.prefer),
  );
  // What an exchange had paid is the payments' own again since the first try; whoever refused it then is asked once more.
  const others = (await lockRefused(tx, refundId)).filter(({ id }) => !rows.some((row) => row.id === id));
  const lots = [];
  for (const row of [...preferred, ...others]) lots.push(...(await lotsOfPayment(deps, tx, row)));
  const captured = lots.reduce((sum, lot) => sum + lot.left, 0);
  const byCredits = (await creditsLeft(tx, input.orderId, input.only))?.left ?? 0;
  const short = Math.max(0, missing - captured - byCredits);
  if (short > 0 && !input.settlesForLess) throw tooLittleLeft();
  if (short > 0) await lowerRequest(tx, refundId, short);
  const due = missing - short;
  const shares = sharesOfRefund(lots, Math.min(due, captured)) ?? [];
  if (due > captured) shares.push(...(await startCreditPart(deps, context, parts, due - captured)));
  for (const [index, { lot, amount }] of shares.entries()) {
    await startRefund(tx, now, {
      paymentId: lot.payment.id,
      key: `${refundId}/${known + index + 1}`,
      amount: money(amount, lot.payment.currency),
      reason: input.reason,
      captureReference: lot.captureReference,
      requestId: refundId,
    });
  }
}

/** The rest of it went back in another way, since the provider refused it. */
async function lowerRequest(tx: Transaction, refundId: RefundId, by: number): Promise<void> {
  await tx
    .update(refundRequest)
    .set({ amount: sql`${refundRequest.amount} - ${by}` })
    .where(eq(refundRequest.id, refundId));
}

/**
 * What providers have not got comes from the gift cards' part, in this very transaction; and what exchanged goods had paid, from the
 * payments behind those, as further shares.
 */
async function startCreditPart(deps: PaymentsDeps, context: VerbContext, parts: Parts, amount: number) {
  const { tx } = context;
  const { input, refundId, known } = parts;
  const { orderId, reason, only } = input;
  const actor = { kind: "system", name: "refund" } as const;
  const { owed } = await refundToCredits(context, {
    orderId,
    amount,
    cause: `${refundId}/${known}`,
    reason,
    actor,
    only,
  });
  const sum = owed.reduce((total, one) => total + one.amount, 0);
  await tx
    .update(refundRequest)
    .set({ creditAmount: sql`${refundRequest.creditAmount} + ${amount - sum}` })
    .where(eq(refundRequest.id, refundId));
  const shares = [];
  for (const { paymentId, amount: part } of owed) {
    const [row] = await tx.select().from(payment).where(eq(payment.id, paymentId)).for("update");
    const found = row ? sharesOfRefund(await lotsOfPayment(deps, tx, row), part) : null;
    if (!found) throw tooLittleLeft();
    shares.push(...found);
  }
  return shares;
}

const tooLittleLeft = () => problem("state_conflict", { detail: "more than what is left of the captured amount" });

/** What of one payment can go back. The caller holds its row. */
export async function lotsOfPayment(deps: PaymentsDeps, tx: Transaction, row: PaymentRow) {
  const promised = await tx
    .select()
    .from(refund)
    .where(and(eq(refund.paymentId, row.id), ne(refund.state, "failed")));
  const refundable: PaymentRow & Refundable = { ...row, facts: await readFacts(tx, row.id), promised };
  return lotsOf(refundable, { refundsCaptures: providerOf(deps, row).refundsCaptures ?? false });
}
