import { type CustomerId, type Money, money, type OrderId, problem, type RefundId } from "@stoa/kernel";
import { and, asc, desc, eq, inArray, isNotNull, sql } from "drizzle-orm";
import type { Database, Transaction } from "../../platform/db/index.ts";
import type { Actor } from "../../platform/rpc/index.ts";
import type { VerbContext } from "./attempt.ts";
import { creditFromPayments } from "./credits/convert-credits.ts";
import type { OwedByPayment } from "./credits/credit-sources.ts";
import { storeCreditAccount } from "./credits/issue-gift-card.ts";
import { startRefund } from "./start-refund.ts";
import { ledgerEntry, ledgerPosting, payment, refund, refundRequest } from "./tables.ts";

/** How money is given back that a provider will not: as the customer's store credit, or by the shop's own hand, such as a bank transfer. */
export type RefundSettlement =
  | { readonly by: "store_credit"; readonly customerId: CustomerId }
  | { readonly by: "outside" };

export interface SettleRefund {
  readonly orderId: OrderId;
  /** What was asked to be given back. */
  readonly refundId: RefundId;
  readonly settlement: RefundSettlement;
  /** Such as the transfer's number. */
  readonly reason: string;
  readonly actor: Actor;
}

/** Money that was to go back for an order and has not; minor units. */
export interface UnsettledRefund {
  readonly refundId: RefundId;
  /** What for, such as `exchange/<order>`. */
  readonly cause: string;
  readonly amount: Money;
  /** What the providers have refused, or have not been asked for; no more than is left to give. */
  readonly missing: Money;
}

/** Refunds of an order of which something is missing, and of which nothing is on its way. */
export async function unsettledRefunds(db: Database | Transaction, orderId: OrderId): Promise<UnsettledRefund[]> {
  return [...(await unsettledRequests(db, orderId)), ...(await unsettledReleases(db, orderId))];
}

async function unsettledRequests(db: Database | Transaction, orderId: OrderId): Promise<UnsettledRefund[]> {
  const sumOf = (states: string) =>
    sql<string>`coalesce((select sum(r.amount) from payments.refund r
      where r.request_id = refund_request.id and r.state in (${sql.raw(states)})), 0)`;
  // Of the payments that it can come from; the rest may have gone back in another way.
  const room = sql<string>`(select coalesce(sum(p.captured - p.refund_held - p.credited), 0) from payments.payment p
    where p.order_id = refund_request.order_id
      or p.id in (select r.payment_id from payments.refund r where r.request_id = refund_request.id))`;
  const rows = await db
    .select({ row: refundRequest, given: sumOf("'succeeded'"), open: sumOf("'requested', 'pending'"), room })
    .from(refundRequest)
    .where(eq(refundRequest.orderId, orderId))
    .orderBy(asc(refundRequest.createdAt));
  return rows.flatMap(({ row: { id, cause, amount, creditAmount, currency }, given, open, room: left }) => {
    const missing = Math.min(amount - creditAmount - Number(given), Number(left));
    if (missing <= 0 || Number(open) > 0) return [];
    return [{ refundId: id, cause, amount: money(amount, currency), missing: money(missing, currency) }];
  });
}

/** What lets go of a whole order asks for nobody's refund: it is named by the last one that was refused. */
async function unsettledReleases(db: Database | Transaction, orderId: OrderId) {
  const left = sql<string>`${payment.captured} - ${payment.refundHeld} - ${payment.credited}`;
  const isRelease = sql`${refund.requestId} is null and starts_with(${refund.key}, ${payment.key} || '/release/')`;
  const isOut = sql`exists (select from payments.refund o where o.payment_id = ${payment.id} and o.state in ('requested', 'pending'))`;
  const rows = await db
    .selectDistinctOn([payment.id], { refundId: refund.id, paymentId: payment.id, left, currency: payment.currency })
    .from(refund)
    .innerJoin(payment, eq(payment.id, refund.paymentId))
    .where(
      and(
        eq(payment.orderId, orderId),
        isNotNull(payment.releaseRequestedAt),
        eq(refund.state, "failed"),
        sql`${isRelease} and not ${isOut} and ${left} > 0`,
      ),
    )
    .orderBy(payment.id, desc(refund.createdAt), desc(refund.id));
  return rows.map(({ refundId, paymentId, left: open, currency }) => {
    const missing = money(Number(open), currency);
    return { refundId, cause: `release/${paymentId}`, amount: missing, missing, paymentId };
  });
}

/**
 * Staff settle what a provider finally refuses to give back: the rest of a refund becomes store credit, or is noted as given outside.
 * It counts against what can be refunded of the payments that hold the money, and whatever waits for the refund finds it given.
 * @throws problem `not_found`; `state_conflict` when nothing of it is missing, or part of it is on its way.
 */
export async function settleRefundOtherwise(context: VerbContext, input: SettleRefund): Promise<Money> {
  const { tx } = context;
  const { orderId, refundId, settlement, reason, actor } = input;
  const isIt = and(eq(refundRequest.id, refundId), eq(refundRequest.orderId, orderId));
  const [request] = await tx.select().from(refundRequest).where(isIt).for("update");
  if (!request) return settleRelease(context, input);
  const found = (await unsettledRefunds(tx, orderId)).find((one) => one.refundId === refundId);
  if (!found)
    throw problem("state_conflict", { detail: "Nothing of this refund is missing, or part of it is on its way." });
  const { missing } = found;
  const parts = await holdersOf(context, { refundId, orderId, missing });
  if (settlement.by === "outside") {
    for (const [index, part] of parts.entries()) {
      await noteOutside(context, { part, missing, refundId, reason, key: `${refundId}/outside/${index + 1}` });
    }
    return missing;
  }
  const into = await storeCreditAccount(context, settlement.customerId, missing.currency);
  await creditFromPayments(
    context,
    { orderId, amount: missing, into, cause: `refund/${refundId}`, reason, actor },
    parts,
  );
  await tx
    .update(refundRequest)
    .set({ creditAmount: sql`${refundRequest.creditAmount} + ${missing.amount}` })
    .where(isIt);
  return missing;
}

/** The same for what was to let go of the order. Two who settle it at once meet at the payment's row. */
async function settleRelease(context: VerbContext, input: SettleRefund): Promise<Money> {
  const { tx } = context;
  const { orderId, refundId, settlement, reason, actor } = input;
  await tx.select().from(payment).where(eq(payment.orderId, orderId)).orderBy(asc(payment.attempt)).for("update");
  const [known] = await tx
    .select({ key: payment.key })
    .from(refund)
    .innerJoin(payment, eq(payment.id, refund.paymentId))
    .where(and(eq(refund.id, refundId), eq(payment.orderId, orderId)));
  if (!known) throw problem("not_found");
  const found = (await unsettledReleases(tx, orderId)).find((one) => one.refundId === refundId);
  if (!found) throw problem("state_conflict", { detail: "Nothing of this refund is missing, or it is on its way." });
  const { missing, paymentId } = found;
  const part = { paymentId, amount: missing.amount };
  if (settlement.by === "outside") {
    const key = `${known.key}/release/outside/${refundId}`;
    await noteOutside(context, { part, missing, refundId: null, reason, key });
    return missing;
  }
  const into = await storeCreditAccount(context, settlement.customerId, missing.currency);
  const credited = { orderId, amount: missing, into, cause: `refund/${refundId}`, reason, actor };
  await creditFromPayments(context, credited, [part]);
  return missing;
}

interface Missing {
  readonly refundId: RefundId;
  readonly orderId: OrderId;
  readonly missing: Money;
}

/** The payments that hold what is missing: those that refused first, then the order's others, newest first. Locked. */
async function holdersOf({ tx }: VerbContext, { refundId, orderId, missing }: Missing): Promise<OwedByPayment[]> {
  const asked = tx.select({ id: refund.paymentId }).from(refund).where(eq(refund.requestId, refundId));
  const rows = await tx
    .select()
    .from(payment)
    .where(sql`${inArray(payment.id, asked)} or ${eq(payment.orderId, orderId)}`)
    .orderBy(asc(payment.orderId), asc(payment.attempt))
    .for("update");
  const refused = new Set((await asked).map(({ id }) => id));
  const ordered = rows.toReversed().sort((left, right) => Number(refused.has(right.id)) - Number(refused.has(left.id)));
  let open = missing.amount;
  const parts = ordered.flatMap((row) => {
    const amount = Math.min(open, row.captured - row.refundHeld - row.credited);
    if (amount <= 0) return [];
    open -= amount;
    return [{ paymentId: row.id, amount }];
  });
  if (open > 0) throw problem("state_conflict", { detail: "more than what is left of what was captured" });
  return parts;
}

interface Outside {
  readonly part: OwedByPayment;
  readonly missing: Money;
  /** What it is part of; null where an order is let go of. */
  readonly refundId: RefundId | null;
  readonly reason: string;
  readonly key: string;
}

/** A refund of its own, done, that no provider knows; the shop's own money has gone. */
async function noteOutside(context: VerbContext, { part, missing, refundId, reason, key }: Outside): Promise<void> {
  const { tx, now } = context;
  const { paymentId, amount } = part;
  const { currency } = missing;
  const begun = {
    paymentId,
    key,
    amount: money(amount, currency),
    reason,
    captureReference: null,
    requestId: refundId,
  };
  await startRefund(tx, now, begun);
  await tx
    .update(refund)
    .set({ state: "succeeded", providerReference: key, updatedAt: now })
    .where(eq(refund.key, key));
  await tx
    .update(payment)
    .set({ givenOutside: sql`${payment.givenOutside} + ${amount}` })
    .where(eq(payment.id, paymentId));
  const posting = `${paymentId}/refunded/${key}`;
  await tx.insert(ledgerPosting).values({ key: posting, paymentId, postedAt: now });
  await tx.insert(ledgerEntry).values([
    { postingKey: posting, line: 0, account: "manual.refunds", currency, amount },
    { postingKey: posting, line: 1, account: "manual.balance", currency, amount: -amount },
  ]);
}
