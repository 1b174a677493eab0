import type { Instant, StateTable } from "@stoa/kernel";

/** `exchange` carries the value of goods that came back to the order that replaces them; nobody can spend it on anything else. */
export const creditKinds = ["gift_card", "store_credit", "exchange"] as const;
export type CreditKind = (typeof creditKinds)[number];
/** What shoppers can pay with. */
export type SpendableKind = Exclude<CreditKind, "exchange">;

/** What each kind of entry does to a card, by unit of its amount. */
export const entryEffects = {
  issued: { balance: 1, held: 0 },
  held: { balance: 0, held: 1 },
  released: { balance: 0, held: -1 },
  redeemed: { balance: -1, held: -1 },
  refunded: { balance: 1, held: 0 },
  adjusted: { balance: 1, held: 0 },
  converted: { balance: 1, held: 0 },
  expired: { balance: -1, held: 0 },
} as const;
export type GiftCardEntryType = keyof typeof entryEffects;

/** `held` while its order is pending; `redeemed` is spent, and is given back by refunds; `released` never was. */
export const creditTenderStates = {
  held: ["redeemed", "released"],
  redeemed: [],
  released: [],
} as const satisfies StateTable;
export type CreditTenderState = keyof typeof creditTenderStates;

/** As many as a cart takes. */
export const CREDITS_PER_ORDER_MAX = 5;

/** Whether anything may be spent from it; how much is another question. */
export function isUsable(
  card: { readonly expiresAt: Instant | null; readonly disabledAt: Instant | null },
  now: Instant,
): boolean {
  return card.disabledAt === null && (card.expiresAt === null || card.expiresAt > now);
}
