import { assertChargeable, assertCurrency, type GiftCardId, type Money, newId, problem } from "@stoa/kernel";
import { eq, type SQL, sql } from "drizzle-orm";
import type { Actor } from "../../../platform/rpc/index.ts";
import type { VerbContext } from "../attempt.ts";
import { giftCard } from "../tables.ts";
import { addToBalance, type EntryNote, takeFromBalance, timestamp } from "./write-entry.ts";

/**
 * From here on nothing can be spent from it; what is held for orders already is theirs. Doing it twice changes nothing.
 * @throws problem `not_found`.
 */
export function disableGiftCard(context: VerbContext, giftCardId: GiftCardId): Promise<void> {
  return setDisabled(context, giftCardId, sql`coalesce(${giftCard.disabledAt}, ${timestamp(context.now)})`);
}

/** The opposite of `disableGiftCard`. @throws problem `not_found`. */
export function enableGiftCard(context: VerbContext, giftCardId: GiftCardId): Promise<void> {
  return setDisabled(context, giftCardId, sql`null`);
}

async function setDisabled({ tx, now }: VerbContext, giftCardId: GiftCardId, disabledAt: SQL): Promise<void> {
  const changed = await tx
    .update(giftCard)
    .set({ disabledAt, updatedAt: now })
    .where(eq(giftCard.id, giftCardId))
    .returning({ id: giftCard.id });
  if (changed.length === 0) throw problem("not_found");
}

export interface AdjustGiftCard {
  readonly giftCardId: GiftCardId;
  /** To add, or to take away when negative; not 0. */
  readonly amount: Money;
  readonly reason: string;
  readonly actor: Actor;
}

/**
 * Corrects a balance. What is held for orders cannot be taken away.
 * @throws problem `not_found`, `currency_mismatch`, or `state_conflict` when less than that is free.
 */
export async function adjustGiftCard(context: VerbContext, input: AdjustGiftCard): Promise<void> {
  const { giftCardId, amount } = input;
  const [row] = await context.tx
    .select({ currency: giftCard.currency })
    .from(giftCard)
    .where(eq(giftCard.id, giftCardId));
  if (!row) throw problem("not_found");
  assertCurrency(amount, row.currency);
  // Taken away may be any amount, an odd rest for one.
  const isMore = amount.amount > 0;
  if (isMore) assertChargeable(amount, "amount");
  const note: EntryNote = { ...input, ...amount, type: "adjusted", cause: newId("evt") };
  const isDone = isMore ? await addToBalance(context, note) : await takeFromBalance(context, note);
  if (!isDone) throw problem("state_conflict", { detail: "Less than that is left that no order holds." });
}
