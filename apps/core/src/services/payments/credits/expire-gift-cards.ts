import type { GiftCardId } from "@stoa/kernel";
import { and, asc, gt, lte } from "drizzle-orm";
import { transact } from "../../../platform/db/index.ts";
import type { PaymentsDeps } from "../attempt.ts";
import { giftCard } from "../tables.ts";
import { takeFromBalance } from "./write-entry.ts";

const SWEEP_BATCH = 100;
const sweeper = { kind: "system", name: "gift card expiry" } as const;

export interface ExpiredGiftCards {
  readonly expired: number;
  /** Those that could not be written off. */
  readonly failed: readonly { readonly giftCardId: GiftCardId; readonly error: unknown }[];
}

/**
 * Writes off what is left on cards past their date; what orders hold stays theirs. A card that cannot be written off keeps no other.
 * Any number of processes may sweep at once: what one has taken the other does not find.
 */
export async function expireGiftCards(deps: Pick<PaymentsDeps, "db" | "clock">): Promise<ExpiredGiftCards> {
  const { db, clock } = deps;
  const now = clock.now();
  const due = await db
    .select()
    .from(giftCard)
    .where(and(lte(giftCard.expiresAt, now), gt(giftCard.balance, giftCard.held)))
    .orderBy(asc(giftCard.expiresAt))
    .limit(SWEEP_BATCH);
  let expired = 0;
  const failed: ExpiredGiftCards["failed"][number][] = [];
  for (const { id: giftCardId, balance, held, currency, updatedAt } of due) {
    // The cause names the state that was looked at, so that two sweeps of one state write it off once.
    const cause = `expired/${updatedAt}`;
    const note = { giftCardId, type: "expired", amount: balance - held, currency, cause, actor: sweeper } as const;
    try {
      if (await transact(db, (tx) => takeFromBalance({ tx, now }, note))) expired += 1;
    } catch (error) {
      failed.push({ giftCardId, error });
    }
  }
  return { expired, failed };
}
