import { type CustomerId, type GiftCardId, type Money, newId, type OrderId, problem } from "@stoa/kernel";
import { and, asc, eq, gt, sql } from "drizzle-orm";
import type { Actor } from "../../../platform/rpc/index.ts";
import type { VerbContext } from "../attempt.ts";
import { creditSource, creditTender, giftCard, payment } from "../tables.ts";
import type { OwedByPayment } from "./credit-sources.ts";
import type { HeldCredit } from "./hold-credits.ts";
import { lockTenders } from "./refund-credits.ts";
import { addToBalance } from "./write-entry.ts";

export interface ConvertToCredit {
  /** Whose money it is. */
  readonly orderId: OrderId;
  readonly amount: Money;
  readonly into: GiftCardId;
  /** Once for each account. */
  readonly cause: string;
  readonly reason: string | null;
  readonly actor: Actor;
}

/**
 * What was paid for an order becomes credit instead of going back: what providers have captured first, its newest payment first, then
 * what gift cards paid. All of it or nothing, and never more than is left of what was paid: guarded statements decide.
 * @throws problem `state_conflict` when less than that is left.
 */
export async function convertToCredit(context: VerbContext, input: ConvertToCredit): Promise<void> {
  const { orderId, into: giftCardId, cause, reason, actor } = input;
  const { amount, currency } = input.amount;
  let missing = amount;
  for (const row of await lockCaptured(context, input)) {
    const part = Math.min(missing, row.captured - row.refundHeld - row.credited);
    if (part > 0) await takeFromPayment(context, input, { paymentId: row.id, amount: part });
    missing -= Math.max(0, part);
  }
  const tenders = missing > 0 ? await lockTenders(context, { orderId }) : [];
  for (const tender of tenders) {
    const part = Math.min(missing, tender.amount - tender.refunded);
    if (part > 0) await takeFromTender(context, input, { giftCardId: tender.giftCardId, amount: part });
    missing -= part;
  }
  if (missing > 0) throw tooLittleLeft();
  await addToBalance(context, { giftCardId, type: "converted", amount, currency, cause, orderId, reason, actor });
}

/** The same from these payments alone, whosever order they are of. */
export async function creditFromPayments(
  context: VerbContext,
  input: ConvertToCredit,
  parts: readonly OwedByPayment[],
): Promise<void> {
  const { orderId, into: giftCardId, cause, reason, actor } = input;
  const { amount, currency } = input.amount;
  if (parts.reduce((sum, part) => sum + part.amount, 0) !== amount) throw tooLittleLeft();
  for (const part of parts) await takeFromPayment(context, input, part);
  await addToBalance(context, { giftCardId, type: "converted", amount, currency, cause, orderId, reason, actor });
}

const tooLittleLeft = () => problem("state_conflict", { detail: "more than what is left of what was paid" });

/** Newest first, but locked in the order of their attempts, as refunds lock them. */
async function lockCaptured({ tx }: VerbContext, { orderId, amount }: ConvertToCredit) {
  const rows = await tx
    .select()
    .from(payment)
    .where(and(eq(payment.orderId, orderId), gt(payment.captured, 0), eq(payment.currency, amount.currency)))
    .orderBy(asc(payment.attempt))
    .for("update");
  return rows.toReversed();
}

async function takeFromPayment(context: VerbContext, input: ConvertToCredit, part: OwedByPayment): Promise<void> {
  const { tx, now } = context;
  const { paymentId, amount } = part;
  const taken = await tx
    .update(payment)
    .set({ credited: sql`${payment.credited} + ${amount}`, updatedAt: now })
    .where(
      and(
        eq(payment.id, paymentId),
        eq(payment.state, "captured"),
        sql`${payment.refundHeld} + ${payment.credited} + ${amount} <= ${payment.captured}`,
      ),
    )
    .returning({ id: payment.id });
  if (taken.length === 0) throw tooLittleLeft();
  await noteSource(context, input, part);
}

async function takeFromTender(
  context: VerbContext,
  input: ConvertToCredit,
  { giftCardId: fromCardId, amount }: HeldCredit,
): Promise<void> {
  const { tx, now } = context;
  const taken = await tx
    .update(creditTender)
    .set({ refunded: sql`${creditTender.refunded} + ${amount}`, updatedAt: now })
    .where(
      and(
        eq(creditTender.orderId, input.orderId),
        eq(creditTender.giftCardId, fromCardId),
        eq(creditTender.state, "redeemed"),
        sql`${creditTender.refunded} + ${amount} <= ${creditTender.amount}`,
      ),
    )
    .returning({ orderId: creditTender.orderId });
  if (taken.length === 0) throw tooLittleLeft();
  await noteSource(context, input, { fromCardId, amount });
}

async function noteSource(
  { tx, now }: VerbContext,
  { orderId, into, cause }: ConvertToCredit,
  from: Pick<typeof creditSource.$inferInsert, "paymentId" | "fromCardId" | "amount">,
): Promise<void> {
  await tx.insert(creditSource).values({ ...from, giftCardId: into, orderId, cause, createdAt: now });
}

export interface OpenExchange {
  /** The order whose goods came back. */
  readonly orderId: OrderId;
  readonly amount: Money;
  readonly customerId: CustomerId | null;
  /** The order that the value will pay for. */
  readonly replacementId: OrderId;
  readonly actor: Actor;
}

/**
 * Turns the value of goods that came back into an account that pays for the order which replaces them, and for nothing else.
 * @throws problem as `convertToCredit`.
 */
export async function openExchange(context: VerbContext, input: OpenExchange): Promise<GiftCardId> {
  const { tx, now } = context;
  const { orderId, amount, customerId, replacementId, actor } = input;
  const id = newId("gft");
  const { currency } = amount;
  await tx.insert(giftCard).values({ id, kind: "exchange", customerId, currency, createdAt: now, updatedAt: now });
  await convertToCredit(context, { orderId, amount, into: id, cause: replacementId, reason: "exchange", actor });
  return id;
}
