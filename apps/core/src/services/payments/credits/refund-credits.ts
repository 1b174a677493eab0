import { type GiftCardId, type OrderId, problem, toUuid } from "@stoa/kernel";
import { and, desc, eq, inArray, sql } from "drizzle-orm";
import type { Actor } from "../../../platform/rpc/index.ts";
import type { VerbContext } from "../attempt.ts";
import { creditTender, giftCard, giftCardEntry } from "../tables.ts";
import { releaseCredits } from "./hold-credits.ts";
import { addToBalance, timestamp } from "./write-entry.ts";

/** A card that ended before its money came back can be spent for so long again. */
export const REFUND_VALIDITY_MS = 365 * 24 * 60 * 60 * 1_000;

export interface RefundToCredits {
  readonly orderId: OrderId;
  /** Minor units of the order's currency; null for all that is left. */
  readonly amount: number | null;
  /** What it is for; the same cause pays once. */
  readonly cause: string;
  readonly reason: string | null;
  readonly actor: Actor;
}

/**
 * Gives back to gift cards and store credit what an order has taken from them, the last tender first. Answers how much, in minor units;
 * the same cause answers the same again. A card that has ended meanwhile gets a fresh year; one that was disabled stays disabled.
 * @throws problem `state_conflict` when less than that is left of what they paid.
 */
export async function refundToCredits(context: VerbContext, input: RefundToCredits): Promise<number> {
  const { tx } = context;
  const { orderId, cause } = input;
  const tenders = await tx
    .select()
    .from(creditTender)
    .where(and(eq(creditTender.orderId, orderId), eq(creditTender.state, "redeemed")))
    .orderBy(desc(creditTender.position))
    .for("update");
  const known = await refundedUnder(
    context,
    tenders.map((tender) => tender.giftCardId),
    cause,
  );
  if (known > 0) return known;
  const left = tenders.reduce((sum, tender) => sum + tender.amount - tender.refunded, 0);
  const wanted = input.amount ?? left;
  if (wanted > left) throw problem("state_conflict", { detail: "more than what is left of the gift cards' part" });
  for (const { giftCardId, amount } of partsOf(tenders, wanted)) await giveBack(context, input, giftCardId, amount);
  return wanted;
}

/** How much goes to which card, in the order in which cards are locked everywhere. */
function partsOf(tenders: readonly (typeof creditTender.$inferSelect)[], wanted: number) {
  let open = wanted;
  const parts = tenders.map(({ giftCardId, amount, refunded }) => {
    const part = Math.min(open, amount - refunded);
    open -= part;
    return { giftCardId, amount: part };
  });
  return parts.filter((part) => part.amount > 0).sort((left, right) => (left.giftCardId < right.giftCardId ? -1 : 1));
}

/** What gift cards and store credit have paid of an order and not got back; null when they paid nothing of it. */
export async function creditsLeft(tx: VerbContext["tx"], orderId: OrderId) {
  const rows = await tx
    .select({ amount: creditTender.amount, refunded: creditTender.refunded, currency: giftCard.currency })
    .from(creditTender)
    .innerJoin(giftCard, eq(giftCard.id, creditTender.giftCardId))
    .where(and(eq(creditTender.orderId, orderId), eq(creditTender.state, "redeemed")));
  const [first] = rows;
  if (!first) return null;
  const sumOf = (what: "amount" | "refunded") => rows.reduce((sum, row) => sum + row[what], 0);
  return { currency: first.currency, paid: sumOf("amount"), left: sumOf("amount") - sumOf("refunded") };
}

/** How much a cause has given back before. The order's tenders are locked by the caller. */
async function refundedUnder({ tx }: VerbContext, cards: readonly GiftCardId[], cause: string): Promise<number> {
  if (cards.length === 0) return 0;
  const [row] = await tx
    .select({ sum: sql<string>`coalesce(sum(${giftCardEntry.amount}), 0)` })
    .from(giftCardEntry)
    .where(
      and(
        inArray(giftCardEntry.giftCardId, [...cards]),
        eq(giftCardEntry.type, "refunded"),
        eq(giftCardEntry.cause, cause),
      ),
    );
  return Number(row?.sum ?? 0);
}

async function giveBack(
  context: VerbContext,
  { orderId, cause, reason, actor }: RefundToCredits,
  giftCardId: GiftCardId,
  amount: number,
): Promise<void> {
  const { tx, now } = context;
  const counted = await tx
    .update(creditTender)
    .set({ refunded: sql`${creditTender.refunded} + ${amount}`, updatedAt: now })
    .where(
      and(
        eq(creditTender.orderId, orderId),
        eq(creditTender.giftCardId, giftCardId),
        eq(creditTender.state, "redeemed"),
        sql`${creditTender.refunded} + ${amount} <= ${creditTender.amount}`,
      ),
    )
    .returning({ giftCardId: creditTender.giftCardId });
  if (counted.length === 0) throw problem("state_conflict", { detail: "given back meanwhile" });
  const fresh = timestamp(now + REFUND_VALIDITY_MS);
  const [card] = await tx
    .update(giftCard)
    .set({
      expiresAt: sql`case when ${giftCard.expiresAt} <= ${timestamp(now)} then ${fresh} else ${giftCard.expiresAt} end`,
    })
    .where(sql`${giftCard.id} = ${toUuid(giftCardId)}::uuid`)
    .returning({ currency: giftCard.currency });
  if (!card) throw new Error(`no gift card ${giftCardId}`);
  await addToBalance(context, { giftCardId, type: "refunded", amount, ...card, cause, orderId, reason, actor });
}

/** The order is cancelled: what is held is let go of, what was spent comes back. Answers the minor units that came back. */
export async function returnCredits(
  context: VerbContext,
  { orderId, actor }: Pick<RefundToCredits, "orderId" | "actor">,
): Promise<number> {
  await releaseCredits(context, { orderId });
  const cause = `${orderId}/cancelled`;
  return refundToCredits(context, { orderId, amount: null, cause, reason: "order_cancelled", actor });
}
