import type { Currency, Instant } from "@stoa/kernel";
import type { Price } from "./documents.ts";

export interface PriceQuestion {
  readonly currency: Currency;
  readonly now: Instant;
  /** Defaults to 1. */
  readonly quantity?: number;
  /** Codes of the groups the buyer belongs to. */
  readonly customerGroups?: readonly string[];
}

/** Why a price does not hold. */
export type PriceRefusal = "other_currency" | "needs_more_units" | "needs_customer_group" | "not_started" | "ended";

/** The lowest price that holds for the question, or null when the variant is not sold so. */
export function priceInForce(prices: readonly Price[], question: PriceQuestion): Price | null {
  let best: Price | null = null;
  for (const price of prices) {
    if (priceRefusal(price, question) === null && (best === null || price.amount < best.amount)) best = price;
  }
  return best;
}

/** When a price of these starts or ends next after `now`: until then, what `priceInForce` says stays true. */
export function nextPriceChange(prices: readonly Price[], now: Instant): Instant | null {
  let next: Instant | null = null;
  for (const { startsAt, endsAt } of prices) {
    for (const at of [startsAt, endsAt]) {
      if (at !== undefined && at > now && (next === null || at < next)) next = at;
    }
  }
  return next;
}

/** Why a price does not hold for the question, or null when it does. */
export function priceRefusal(price: Price, question: PriceQuestion): PriceRefusal | null {
  const { currency, customerGroup, minQuantity = 1, startsAt, endsAt } = price;
  if (currency !== question.currency) return "other_currency";
  if (customerGroup !== undefined && !question.customerGroups?.includes(customerGroup)) return "needs_customer_group";
  if (minQuantity > (question.quantity ?? 1)) return "needs_more_units";
  if (startsAt !== undefined && startsAt > question.now) return "not_started";
  return endsAt === undefined || endsAt > question.now ? null : "ended";
}

/** Whether a price holds only for a group, an amount or a time: such prices are the shop's own, and no file names them. */
export function isConditional({ minQuantity, customerGroup, startsAt, endsAt }: Price): boolean {
  return [minQuantity, customerGroup, startsAt, endsAt].some((condition) => condition !== undefined);
}
