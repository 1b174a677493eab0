import type { Currency, Instant } from "@stoa/kernel";
import type { Price } from "./documents.ts";

export interface PriceQuestion {
  readonly currency: Currency;
  readonly now: Instant;
  /** Defaults to 1. */
  readonly quantity?: number;
  readonly customerGroup?: string;
}

/** The lowest price that holds for the question, or null when the variant is not sold so. */
export function priceInForce(prices: readonly Price[], question: PriceQuestion): Price | null {
  let best: Price | null = null;
  for (const price of prices) {
    if (holds(price, question) && (best === null || price.amount < best.amount)) best = price;
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

function holds(price: Price, question: PriceQuestion): boolean {
  if (price.currency !== question.currency) return false;
  if ((price.minQuantity ?? 1) > (question.quantity ?? 1)) return false;
  if (price.customerGroup !== undefined && price.customerGroup !== question.customerGroup) return false;
  if (price.startsAt !== undefined && price.startsAt > question.now) return false;
  return price.endsAt === undefined || price.endsAt > question.now;
}
