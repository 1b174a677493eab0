import type { Currency, GiftCardId } from "@stoa/kernel";
import type { VerbContext } from "../attempt.ts";
import type { CreditAccount, LedgerPosting } from "../ledger.ts";
import { ledgerEntry, ledgerPosting } from "../tables.ts";
import type { GiftCardEntryType } from "./credit.ts";

/** An entry as the ledger sees it; amounts are minor units, negative for an adjustment downwards, and for what is converted back. */
export interface BookedEntry {
  readonly giftCardId: GiftCardId;
  readonly type: GiftCardEntryType;
  readonly amount: number;
  readonly currency: Currency;
  readonly cause: string;
}

/** Where the other side of a change of what the shop owes is booked; null where nothing moves. */
const otherSide = {
  issued: "granted",
  adjusted: "granted",
  refunded: "refunds",
  converted: "refunds",
  redeemed: "sales",
  expired: "expired",
  held: null,
  released: null,
} as const satisfies Record<GiftCardEntryType, CreditAccount | null>;

const takesAway: ReadonlySet<GiftCardEntryType> = new Set(["redeemed", "expired"]);

/** The posting that an entry calls for, or null when no money moves. What the shop owes is a credit, so negative. */
export function postingOf({ giftCardId, type, amount, currency, cause }: BookedEntry): LedgerPosting | null {
  const other = otherSide[type];
  if (other === null) return null;
  const owedMore = takesAway.has(type) ? -amount : amount;
  return {
    key: `${giftCardId}/${type}/${cause}`,
    lines: [
      { account: `credits.${other}`, amount: owedMore, currency },
      { account: "credits.liability", amount: -owedMore, currency },
    ],
  };
}

/** Books entries that have just been written, in the same transaction. */
export async function postEntries({ tx, now }: VerbContext, entries: readonly BookedEntry[]): Promise<void> {
  const booked = entries.flatMap((entry) => {
    const posting = postingOf(entry);
    return posting ? [{ ...posting, giftCardId: entry.giftCardId }] : [];
  });
  if (booked.length === 0) return;
  await tx.insert(ledgerPosting).values(booked.map(({ key, giftCardId }) => ({ key, giftCardId, postedAt: now })));
  await tx
    .insert(ledgerEntry)
    .values(booked.flatMap(({ key, lines }) => lines.map((entry, line) => ({ ...entry, postingKey: key, line }))));
}
