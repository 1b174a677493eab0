import type { GiftCardId, PaymentId } from "@stoa/kernel";
import { and, asc, eq, sql } from "drizzle-orm";
import type { Actor } from "../../../platform/rpc/index.ts";
import type { VerbContext } from "../attempt.ts";
import { creditSource, creditTender, payment } from "../tables.ts";
import { prolong } from "./prolong.ts";
import { addToBalance } from "./write-entry.ts";

/** Captured money of one payment; minor units. */
export interface OwedByPayment {
  readonly paymentId: PaymentId;
  readonly amount: number;
}

export interface GiveBackToSources {
  readonly giftCardId: GiftCardId;
  /** Minor units, of what stands on it. */
  readonly amount: number;
  /** Once for each account. */
  readonly cause: string;
  readonly reason: string | null;
  readonly actor: Actor;
}

/**
 * Takes an exchange's value off its account, and gives it back to what it came from: payments first, as refunds do, then gift cards.
 * What came from an earlier exchange goes on to what that one came from. Answers what payments may have refunded again; their
 * providers have yet to be asked.
 */
export async function giveBackToSources(context: VerbContext, input: GiveBackToSources): Promise<OwedByPayment[]> {
  const { giftCardId, cause, reason, actor } = input;
  const owed: OwedByPayment[] = [];
  for (const { orderId, paymentId, fromCardId, amount } of await takeOffAccount(context, input)) {
    if (paymentId !== null) {
      await freePayment(context, { paymentId, amount });
      owed.push({ paymentId, amount });
    }
    if (fromCardId === null) continue;
    const { currency, kind } = await prolong(context, fromCardId);
    const note = { giftCardId: fromCardId, amount, currency, cause: `${giftCardId}/${cause}`, orderId, reason, actor };
    await addToBalance(context, { ...note, type: "refunded" });
    if (kind === "exchange") owed.push(...(await giveBackToSources(context, note)));
  }
  return owed;
}

/**
 * The order that was to be paid by an exchange was not made: everything is as if nobody had converted anything. The order has let go
 * of what it held.
 */
export async function closeExchange(context: VerbContext, input: GiveBackToSources): Promise<void> {
  for (const { orderId, paymentId, fromCardId, amount } of await takeOffAccount(context, input)) {
    if (paymentId !== null) await freePayment(context, { paymentId, amount });
    if (fromCardId === null) continue;
    await context.tx
      .update(creditTender)
      .set({ refunded: sql`${creditTender.refunded} - ${amount}`, updatedAt: context.now })
      .where(and(eq(creditTender.orderId, orderId), eq(creditTender.giftCardId, fromCardId)));
  }
}

/** Books the amount off the account, and answers how it is shared by its sources. */
async function takeOffAccount(context: VerbContext, input: GiveBackToSources) {
  const { tx } = context;
  const { giftCardId, amount, cause, reason, actor } = input;
  const { currency } = await prolong(context, giftCardId);
  const note = {
    giftCardId,
    type: "converted",
    amount: -amount,
    cause: `${cause}/back`,
    currency,
    reason,
    actor,
  } as const;
  if (!(await addToBalance(context, note))) throw new Error(`${cause} has been given back`);
  const sources = await tx
    .select()
    .from(creditSource)
    .where(eq(creditSource.giftCardId, giftCardId))
    .orderBy(sql`${creditSource.paymentId} is null`, asc(creditSource.seq))
    .for("update");
  let missing = amount;
  const shares = sources.flatMap(({ amount: whole, returned, ...source }) => {
    const share = Math.min(missing, whole - returned);
    missing -= share;
    return share > 0 ? [{ ...source, amount: share }] : [];
  });
  if (missing > 0) throw new Error(`${giftCardId} holds ${missing} more than it was given`);
  for (const { seq, amount: share } of shares) {
    await tx
      .update(creditSource)
      .set({ returned: sql`${creditSource.returned} + ${share}` })
      .where(eq(creditSource.seq, seq));
  }
  return shares;
}

async function freePayment({ tx, now }: VerbContext, { paymentId, amount }: OwedByPayment): Promise<void> {
  await tx
    .update(payment)
    .set({ credited: sql`${payment.credited} - ${amount}`, updatedAt: now })
    .where(eq(payment.id, paymentId));
}
