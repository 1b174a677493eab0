import { type GiftCardId, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { VerbContext } from "../attempt.ts";
import { giftCard } from "../tables.ts";
import { timestamp } from "./write-entry.ts";

/** A card that ended before its money came back can be spent for so long again. */
export const REFUND_VALIDITY_MS = 365 * 24 * 60 * 60 * 1_000;

/** Gives a card that has ended a fresh year, for money comes back to it. @throws Error when there is no such card. */
export async function prolong({ tx, now }: VerbContext, giftCardId: GiftCardId) {
  const fresh = timestamp(now + REFUND_VALIDITY_MS);
  const [card] = await tx
    .update(giftCard)
    .set({
      expiresAt: sql`case when ${giftCard.expiresAt} <= ${timestamp(now)} then ${fresh} else ${giftCard.expiresAt} end`,
    })
    .where(sql`${giftCard.id} = ${toUuid(giftCardId)}::uuid`)
    .returning({ currency: giftCard.currency, kind: giftCard.kind });
  if (!card) throw new Error(`no gift card ${giftCardId}`);
  return card;
}
