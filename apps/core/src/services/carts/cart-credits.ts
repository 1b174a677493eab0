import { type CustomerId, chargeStep, type GiftCardId, type Instant, type Money, problem } from "@stoa/kernel";
import type { Database, Transaction } from "../../platform/db/index.ts";
import type { CartsDeps } from "./context.ts";
import type { CartRow } from "./find-cart.ts";

/** How many gift cards, store credit included, a cart takes. */
export const CREDITS_MAX = 5;

/** What a cart keeps of a gift card or of store credit that is to pay for it. */
export interface StoredCredit {
  readonly id: GiftCardId;
  /** At most this much of it, in minor units of the cart's currency; null for as much as it can. */
  readonly limit: number | null;
}

/** A gift card or store credit as it stands now; how much of it can be spent, in minor units. */
export interface Credit {
  readonly id: GiftCardId;
  readonly kind: "gift_card" | "store_credit";
  readonly last4: string | null;
  readonly currency: Money["currency"];
  readonly available: number;
  /** Whose store credit it is; null for a gift card. */
  readonly ownerId: CustomerId | null;
}

/** What the payments side answers about gift cards and store credit. */
export interface CreditSource {
  readonly byIds: (reading: CreditReading, ids: readonly GiftCardId[]) => Promise<readonly Credit[]>;
  /** Null for a code that is unknown or has ended. */
  readonly byCode: (reading: CreditReading, code: string) => Promise<Credit | null>;
  readonly ofCustomer: (reading: CreditReading, customerId: CustomerId) => Promise<readonly Credit[]>;
}

export interface CreditReading {
  readonly db: Database | Transaction;
  readonly now: Instant;
}

/** What one credit pays of a cart. */
export interface CreditShare {
  readonly credit: Credit;
  readonly amount: Money;
}

export interface Cover {
  readonly shares: readonly CreditShare[];
  /** Those on the cart that may not pay for it: of another currency, or somebody else's store credit. */
  readonly excluded?: readonly Credit[];
  /** What is left for a payment provider. */
  readonly due: Money;
}

/**
 * Spreads a total over credits, one after the other as they were taken; each gives what it has until nothing is due, but leaves no rest
 * that cannot be charged.
 */
export function coverTotal(
  total: Money,
  credits: readonly { readonly credit: Credit; readonly limit: number | null }[],
): Cover {
  const { currency } = total;
  let due = total.amount;
  const shares = credits.map(({ credit, limit }) => {
    const most = Math.min(due, credit.available, limit ?? credit.available);
    const amount = most === due ? most : most - (most % chargeStep(currency));
    due -= amount;
    return { credit, amount: { amount, currency } };
  });
  return { shares, due: { amount: due, currency } };
}

/** What a cart's credits pay of its total as they stand now. No statement for a cart that has none. */
export async function coverCart(
  deps: Pick<CartsDeps, "credits">,
  reading: CreditReading,
  { cart, total }: { readonly cart: Pick<CartRow, "credits" | "customerId">; readonly total: Money },
): Promise<Cover> {
  if (cart.credits.length === 0) return { shares: [], due: total };
  const found = await deps.credits.byIds(
    reading,
    cart.credits.map((stored) => stored.id),
  );
  const credits = cart.credits.flatMap(({ id, limit }) => {
    const credit = found.find((one) => one.id === id);
    return credit ? [{ credit, limit }] : [];
  });
  const [may, not] = [true, false].map((isMeant) =>
    credits.filter(({ credit }) => mayPay(credit, cart, total.currency) === isMeant),
  );
  return { ...coverTotal(total, may ?? []), excluded: not?.map(({ credit }) => credit) ?? [] };
}

/** Store credit pays for its own customer's carts only, whatever a cart has come to hold. */
function mayPay(credit: Credit, cart: Pick<CartRow, "customerId">, currency: Money["currency"]): boolean {
  return credit.currency === currency && (credit.ownerId === null || credit.ownerId === cart.customerId);
}

/** @throws problem `gift_card_not_applicable` when a credit that the shopper counts on gives nothing any more. */
export function refuseSpentCredits(cart: Pick<CartRow, "credits">, { shares }: Cover): void {
  for (const { id } of cart.credits) {
    const share = shares.find((one) => one.credit.id === id);
    if (share && share.credit.available > 0) continue;
    const detail = "A gift card or store credit on this cart can no longer be used; take it off the cart.";
    throw problem("gift_card_not_applicable", { detail, giftCardId: id, reason: "not_usable" });
  }
}
