import { type GiftCardId, type OrderId, problem } from "@stoa/kernel";
import { and, desc, eq, getTableColumns, inArray, sql } from "drizzle-orm";
import type { Actor } from "../../../platform/rpc/index.ts";
import type { VerbContext } from "../attempt.ts";
import { creditTender, giftCard, giftCardEntry } from "../tables.ts";
import type { CreditKind } from "./credit.ts";
import { giveBackToSources, type OwedByPayment } from "./credit-sources.ts";
import { releaseCredits } from "./hold-credits.ts";
import { prolong } from "./prolong.ts";
import { addToBalance } from "./write-entry.ts";

export interface RefundToCredits {
  readonly orderId: OrderId;
  /** Minor units of the order's currency; null for all that is left. */
  readonly amount: number | null;
  /** What it is for; the same cause pays once. */
  readonly cause: string;
  readonly reason: string | null;
  readonly actor: Actor;
  /** Only what goods that came back have paid, or only what the others have; left out, all. */
  readonly only?: "exchange" | "cards" | undefined;
}

export interface GivenBack {
  /** In all, minor units. */
  readonly amount: number;
  /** The part of it that payments may have refunded again; their providers have yet to be asked. */
  readonly owed: readonly OwedByPayment[];
}

/**
 * Gives back to gift cards and store credit what an order has taken from them, the last tender first; what goods that were exchanged
 * had paid goes back to what those were paid by. The same cause answers the same amount again, and does nothing. A card that has
 * ended meanwhile gets a fresh year; one that was disabled stays disabled.
 * @throws problem `state_conflict` when less than that is left of what they paid.
 */
export async function refundToCredits(context: VerbContext, input: RefundToCredits): Promise<GivenBack> {
  const { cause } = input;
  const tenders = await lockTenders(context, input);
  const known = await refundedUnder(
    context,
    tenders.map((tender) => tender.giftCardId),
    cause,
  );
  if (known > 0) return { amount: known, owed: [] };
  const left = tenders.reduce((sum, tender) => sum + tender.amount - tender.refunded, 0);
  const wanted = input.amount ?? left;
  if (wanted > left) throw problem("state_conflict", { detail: "more than what is left of the gift cards' part" });
  const owed: OwedByPayment[] = [];
  for (const { giftCardId, amount, kind } of partsOf(tenders, wanted)) {
    await giveBack(context, input, giftCardId, amount);
    if (kind === "exchange") owed.push(...(await giveBackToSources(context, { ...input, giftCardId, amount })));
  }
  return { amount: wanted, owed };
}

/** What an order took from cards and exchanges and has not let go of, the last first. */
export async function lockTenders({ tx }: VerbContext, { orderId, only }: Pick<RefundToCredits, "orderId" | "only">) {
  const kind = sql<CreditKind>`(select card.kind from payments.gift_card card where card.id = ${creditTender.giftCardId})`;
  const rows = await tx
    .select({ ...getTableColumns(creditTender), kind })
    .from(creditTender)
    .where(and(eq(creditTender.orderId, orderId), eq(creditTender.state, "redeemed")))
    .orderBy(desc(creditTender.position))
    .for("update");
  return rows.filter((row) => only === undefined || (row.kind === "exchange") === (only === "exchange"));
}

/** How much goes to which card, in the order in which cards are locked everywhere. */
function partsOf(tenders: Awaited<ReturnType<typeof lockTenders>>, wanted: number) {
  let open = wanted;
  const parts = tenders.map(({ giftCardId, amount, refunded, kind }) => {
    const part = Math.min(open, amount - refunded);
    open -= part;
    return { giftCardId, amount: part, kind };
  });
  return parts.filter((part) => part.amount > 0).sort((left, right) => (left.giftCardId < right.giftCardId ? -1 : 1));
}

/** What gift cards, store credit and exchanged goods have paid of an order, or only the last; null when they paid nothing of it. */
export async function creditsLeft(tx: VerbContext["tx"], orderId: OrderId, only?: "exchange") {
  const rows = await tx
    .select({ amount: creditTender.amount, refunded: creditTender.refunded, currency: giftCard.currency })
    .from(creditTender)
    .innerJoin(giftCard, eq(giftCard.id, creditTender.giftCardId))
    .where(and(eq(creditTender.orderId, orderId), eq(creditTender.state, "redeemed"), only && eq(giftCard.kind, only)));
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
  const { currency } = await prolong(context, giftCardId);
  await addToBalance(context, { giftCardId, type: "refunded", amount, currency, cause, orderId, reason, actor });
}

/**
 * The order is cancelled: what is held is let go of, what was spent comes back. Answers the minor units that came back. What exchanged
 * goods have paid is left to a refund with `only`, because providers have to send it.
 */
export async function returnCredits(
  context: VerbContext,
  { orderId, actor }: Pick<RefundToCredits, "orderId" | "actor">,
): Promise<number> {
  await releaseCredits(context, { orderId });
  const cause = `${orderId}/cancelled`;
  const all = { orderId, amount: null, cause, reason: "order_cancelled", actor, only: "cards" } as const;
  return (await refundToCredits(context, all)).amount;
}
