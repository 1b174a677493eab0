import {
  type CustomerId,
  isId,
  type Money,
  money,
  newId,
  type OrderId,
  problem,
  type RefundId,
  toUuid,
} from "@stoa/kernel";
import { and, eq, inArray, sql } from "drizzle-orm";
import { unionAll } from "drizzle-orm/pg-core";
import type { Database, Transaction } from "../../platform/db/index.ts";
import type { Actor, DescribedActor } from "../../platform/rpc/index.ts";
import type { VerbContext } from "./attempt.ts";
import { convertToCredit } from "./credits/convert-credits.ts";
import { storeCreditAccount } from "./credits/issue-gift-card.ts";
import { creditsLeft } from "./credits/refund-credits.ts";
import type { RefundTo } from "./payment.ts";
import { payment, refund, refundRequest } from "./tables.ts";

export type RefundRequestRow = typeof refundRequest.$inferSelect;

export interface OpenRefund {
  readonly orderId: OrderId;
  readonly amount: Money;
  readonly reason: string | null;
  /** What it is given back for: the same cause is the same refund. Such as `return/<id>`. */
  readonly cause: string;
  readonly refundTo?: RefundTo | undefined;
  /** Who gives it by hand; left out for what follows by itself. */
  readonly by?: DescribedActor | undefined;
}

/** Puts on record what is to be given back, once for each cause. @throws problem `state_conflict` when the cause stands for another amount. */
export async function openRefund({ tx, now }: VerbContext, input: OpenRefund): Promise<RefundRequestRow> {
  const { orderId, cause, amount, reason, refundTo = "original", by = null } = input;
  const [row] = await tx
    .insert(refundRequest)
    .values({
      ...{ id: newId("ref"), orderId, cause, reason, refundTo, askedBy: by, createdAt: now },
      ...{ amount: amount.amount, currency: amount.currency },
    })
    .onConflictDoUpdate({ target: refundRequest.cause, set: { cause } })
    .returning();
  if (!row) throw new Error(`no refund for ${cause}`);
  if (row.orderId !== orderId || row.amount !== amount.amount || row.refundTo !== refundTo) {
    throw problem("state_conflict", { detail: "this cause was refunded with another amount" });
  }
  return row;
}

/** What was asked to be given back for a cause, or null when nothing was. */
export async function refundOfCause(db: Database | Transaction, cause: string): Promise<Money | null> {
  const [row] = await db.select().from(refundRequest).where(eq(refundRequest.cause, cause));
  return row ? money(row.amount, row.currency) : null;
}

export interface FoundRefund {
  readonly amount: Money;
  readonly to: RefundTo;
}

/**
 * What a refund gives back, by the id that was announced: of the whole of it, gift cards and all, or of what one payment gave back by
 * itself. Null for an id that is none of ours.
 */
export async function findRefund(db: Database | Transaction, refundId: string): Promise<FoundRefund | null> {
  if (!isId("ref", refundId)) return null;
  const { amount, currency, refundTo } = refundRequest;
  const [row] = await unionAll(
    db.select({ amount, currency, refundTo }).from(refundRequest).where(eq(refundRequest.id, refundId)),
    db
      .select({ amount: refund.amount, currency: refund.currency, refundTo: sql<RefundTo>`'original'` })
      .from(refund)
      .where(eq(refund.id, refundId)),
  );
  return row ? { amount: money(row.amount, row.currency), to: row.refundTo } : null;
}

/**
 * What of an order's money can still go back, in minor units: what was captured or paid by gift cards, less what went back or is about
 * to. Or only what exchanged goods have paid of it.
 */
export async function leftToRefund(tx: Transaction, orderId: OrderId, only?: "exchange"): Promise<number> {
  const byCredits = (await creditsLeft(tx, orderId, only))?.left ?? 0;
  if (only !== undefined) return byCredits;
  const { captured, credited, refundHeld } = payment;
  const [row] = await tx
    .select({ left: sql<string>`coalesce(sum(${captured} - ${credited} - ${refundHeld}), 0)` })
    .from(payment)
    .where(eq(payment.orderId, orderId));
  return Number(row?.left ?? 0) + byCredits;
}

/**
 * What was given back of an order for other causes than those that begin with one of these, in minor units: by hand, or at the
 * provider's own desk. What lets go of a whole payment is not among it.
 */
export async function givenBackBesides(tx: Transaction, orderId: OrderId, causes: readonly string[]): Promise<number> {
  const [row] = await tx.execute<{ sum: string }>(sql`
    with meant as (
      select q.id, q.credit_amount from payments.refund_request q
      where q.order_id = ${toUuid(orderId)}::uuid and not q.cause ^@ any(${sql.param(causes)}::text[])
    )
    select coalesce((select sum(m.credit_amount) from meant m), 0) + coalesce((
      select sum(r.amount) from payments.refund r join payments.payment p on p.id = r.payment_id
      where r.state = 'succeeded' and (r.request_id in (select m.id from meant m)
        or (r.request_id is null and p.order_id = ${toUuid(orderId)}::uuid and not r.key ^@ (p.key || '/release/')))
    ), 0) as sum`);
  return Number(row?.sum ?? 0);
}

/** What was asked to be given back of an order for causes that begin with one of these, in minor units, whether it has arrived or not. */
export async function askedBackFor(tx: Transaction, orderId: OrderId, causes: readonly string[]): Promise<number> {
  const isMeant = sql`${refundRequest.cause} ^@ any(${sql.param(causes)}::text[])`;
  const [row] = await tx
    .select({ sum: sql<string>`coalesce(sum(${refundRequest.amount}), 0)` })
    .from(refundRequest)
    .where(and(eq(refundRequest.orderId, orderId), isMeant));
  return Number(row?.sum ?? 0);
}

export interface RefundToStoreCredit extends Omit<OpenRefund, "refundTo"> {
  readonly customerId: CustomerId;
  readonly actor: Actor;
}

/**
 * Gives part of what was paid for an order as the customer's store credit, in place of a refund: at once, and once for each cause. It
 * counts against what can be refunded.
 * @throws problem `state_conflict` when less than that is left of what was paid, or the cause stands for another refund.
 */
export async function refundToStoreCredit(context: VerbContext, input: RefundToStoreCredit): Promise<RefundId> {
  const { customerId, amount } = input;
  const { id, creditAmount } = await openRefund(context, { ...input, refundTo: "store_credit" });
  if (creditAmount > 0) return id;
  const into = await storeCreditAccount(context, customerId, amount.currency);
  await convertToCredit(context, { ...input, into });
  await settleAsCredit(context, id);
  return id;
}

/** What an exchange has paid of another order is what was given back for this one's goods; its money has been converted. */
export async function noteExchanged(context: VerbContext, input: Omit<OpenRefund, "refundTo">): Promise<void> {
  const { id } = await openRefund(context, { ...input, refundTo: "exchange" });
  await settleAsCredit(context, id);
}

async function settleAsCredit({ tx }: VerbContext, id: RefundId): Promise<void> {
  await tx.update(refundRequest).set({ creditAmount: refundRequest.amount }).where(eq(refundRequest.id, id));
}

/** Forgets why anything was given back of these orders, in the words of whoever did it. */
export async function forgetRefundReasons(tx: Transaction, orderIds: readonly OrderId[]): Promise<void> {
  const orders = [...orderIds];
  await tx.update(refundRequest).set({ reason: null }).where(inArray(refundRequest.orderId, orders));
  const payments = tx.select({ id: payment.id }).from(payment).where(inArray(payment.orderId, orders));
  await tx.update(refund).set({ reason: null }).where(inArray(refund.paymentId, payments));
}
