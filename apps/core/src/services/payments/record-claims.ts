import { type Instant, isId, newId, statesBefore } from "@stoa/kernel";
import { and, eq, inArray, ne, or, sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { disputeStateOf, disputeStates, isAboutDispute, isOfDispute } from "./dispute-facts.ts";
import { type FactType, isAboutRefund, type PaymentFact, type RefundState, refundStates } from "./payment.ts";
import type { PaymentRow } from "./record-news.ts";
import { dispute, payment, refund } from "./tables.ts";

/** Brings the refunds in line with what was told about them; one that was begun at the provider's own desk gets its row here. */
export async function recordRefunds(
  tx: Transaction,
  now: Instant,
  row: PaymentRow,
  facts: { readonly fresh: readonly PaymentFact[]; readonly all: readonly PaymentFact[] },
): Promise<void> {
  const told = facts.fresh.filter(isAboutRefund);
  for (const fact of told) await recordRefund(tx, now, row, { fact, all: facts.all });
  // News of a refund may have overtaken that of the capture, which it could not be held against then.
  const wasOvertaken = facts.fresh.some((fact) => fact.type === "captured") && facts.all.some(isAboutRefund);
  if (told.length > 0 || wasOvertaken) await holdRefunds(tx, row);
}

interface ToldRefund {
  readonly fact: PaymentFact;
  readonly all: readonly PaymentFact[];
}

/** Where all that was told of one refund leaves it, in any order: given, unless what was given has failed. */
function refundStateOf({ fact, all }: ToldRefund): RefundState {
  const isSame = (other: PaymentFact) =>
    other.reference === fact.reference || (isId("ref", fact.refundId) && other.refundId === fact.refundId);
  const of = (type: FactType) =>
    all.filter((other) => other.type === type && isSame(other)).map((one) => one.reference);
  return new Set(of("refunded")).difference(new Set(of("refund_failed"))).size > 0 ? "succeeded" : "failed";
}

async function recordRefund(tx: Transaction, now: Instant, row: PaymentRow, told: ToldRefund): Promise<void> {
  const { fact } = told;
  if (!fact.amount) return;
  const state = refundStateOf(told);
  const known = await findRefund(tx, row, fact);
  if (known) {
    await tx
      .update(refund)
      .set({ state, providerReference: fact.reference, updatedAt: now })
      .where(and(eq(refund.id, known), inArray(refund.state, statesBefore(refundStates, state))));
    return;
  }
  await tx.insert(refund).values({
    id: newId("ref"),
    paymentId: row.id,
    key: `${row.provider}/${fact.reference}`,
    providerReference: fact.reference,
    state,
    amount: fact.amount.amount,
    currency: fact.amount.currency,
    captureReference: fact.captureReference ?? null,
    reason: null,
    createdAt: now,
    updatedAt: now,
  });
}

/**
 * By the provider's reference or our own id, which both of them tell back. Never by the amount: two refunds of the same amount may be
 * under way at once, and somebody at the provider's desk may make a third.
 */
async function findRefund(tx: Transaction, row: PaymentRow, fact: PaymentFact) {
  const isOurs = isId("ref", fact.refundId) ? eq(refund.id, fact.refundId) : undefined;
  const [found] = await tx
    .select({ id: refund.id })
    .from(refund)
    .where(and(eq(refund.paymentId, row.id), or(isOurs, eq(refund.providerReference, fact.reference))))
    .orderBy(sql`${refund.providerReference} = ${fact.reference} desc nulls last`)
    .limit(1);
  return found?.id ?? null;
}

/**
 * What is promised to shoppers, counted anew, with what they have got by disputes that the shop has lost; the payment's row is locked by
 * the caller.
 */
async function holdRefunds(tx: Transaction, row: Pick<PaymentRow, "id" | "currency">): Promise<void> {
  const promised = tx
    .select({ sum: sql`coalesce(sum(${refund.amount}), 0)` })
    .from(refund)
    .where(and(eq(refund.paymentId, row.id), ne(refund.state, "failed")));
  const lost = tx
    .select({ sum: sql`coalesce(sum(${dispute.amount}), 0)` })
    .from(dispute)
    .where(and(eq(dispute.paymentId, row.id), eq(dispute.state, "lost"), eq(dispute.currency, row.currency)));
  await tx
    .update(payment)
    // Somebody at the provider's desk may have sent back what has become credit here.
    .set({ refundHeld: sql`least(${payment.captured} - ${payment.credited}, (${promised}) + (${lost}))` })
    .where(eq(payment.id, row.id));
}

/**
 * Opens a dispute, or writes down how it ended, and ended anew; news of the end may come first. What was taken back without one stands
 * among them, unless it turns out to be a dispute's.
 */
export async function recordDisputes(
  tx: Transaction,
  now: Instant,
  row: PaymentRow,
  { fresh, all }: { readonly fresh: readonly PaymentFact[]; readonly all: readonly PaymentFact[] },
): Promise<void> {
  const isNews = fresh.some(isAboutDispute);
  // What is new of one may say of another whose money it is.
  for (const fact of isNews ? eachDispute(all) : []) {
    if (!fact.amount || isOfDispute(fact, all)) continue;
    const state = disputeStateOf(fact.reference, all);
    await tx
      .insert(dispute)
      .values({
        provider: row.provider,
        reference: fact.reference,
        paymentId: row.id,
        state,
        amount: fact.amount.amount,
        currency: fact.amount.currency,
        reason: fact.reason ?? null,
        dueAt: fact.until ?? null,
        openedAt: now,
        updatedAt: now,
      })
      .onConflictDoUpdate({
        target: [dispute.provider, dispute.reference],
        set: { state, updatedAt: now },
        setWhere: inArray(dispute.state, statesBefore(disputeStates, state)),
      });
  }
  if (isNews) await dropTold(tx, row, all);
  // Only what is lost is gone; the capture that it is of may be told after it.
  const isOver = all.some(({ type }) => type === "dispute_lost");
  if (isOver && (isNews || fresh.some(({ type }) => type === "captured"))) await holdRefunds(tx, row);
}

/** One fact of each dispute: that it was opened, where that has been told. */
function eachDispute(all: readonly PaymentFact[]): PaymentFact[] {
  const told = all.filter(isAboutDispute);
  const opened = new Map(told.map((fact) => [fact.reference, fact]));
  for (const fact of told) if (fact.type === "disputed") opened.set(fact.reference, fact);
  return [...opened.values()];
}

/** What was taken back is a dispute's after all, and stands there. */
async function dropTold(tx: Transaction, row: PaymentRow, all: readonly PaymentFact[]): Promise<void> {
  const others = all.filter((fact) => isOfDispute(fact, all)).map(({ reference }) => reference);
  if (others.length === 0) return;
  await tx.delete(dispute).where(and(eq(dispute.paymentId, row.id), inArray(dispute.reference, others)));
}
