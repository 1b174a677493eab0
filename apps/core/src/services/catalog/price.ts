import { type Currency, DEFAULT_CHANNEL, type Instant } from "@stoa/kernel";
import type { OfferedPrice, Price, ProductDocument, Variant } from "./documents.ts";

export interface PriceQuestion {
  readonly currency: Currency;
  readonly now: Instant;
  /** Defaults to 1. */
  readonly quantity?: number;
  /** Codes of the groups the buyer belongs to. */
  readonly customerGroups?: readonly string[];
  /** Where it is asked; the default channel when left out. */
  readonly channel?: string;
}

/** Why a price does not hold. */
export type PriceRefusal =
  | "other_channel"
  | "other_currency"
  | "needs_more_units"
  | "needs_customer_group"
  | "not_started"
  | "ended";

/** Every price of a variant: its own first, then those of price lists. */
export function pricesOf(
  { listPrices = [] }: Pick<ProductDocument, "listPrices">,
  { sku, prices }: Pick<Variant, "sku" | "prices">,
): readonly OfferedPrice[] {
  const listed = listPrices.filter((price) => price.sku === sku);
  return listed.length === 0 ? prices : [...prices, ...listed];
}

/**
 * The price of the question, or null when the variant is not sold so: of all that hold, those of the highest priority decide, and of
 * these the lowest. This is the one place where it is decided.
 */
export function priceInForce(prices: readonly OfferedPrice[], question: PriceQuestion): OfferedPrice | null {
  let best: OfferedPrice | null = null;
  for (const price of prices) {
    if (priceRefusal(price, question) === null && (best === null || goesBefore(price, best))) best = price;
  }
  return best;
}

function goesBefore(price: OfferedPrice, other: OfferedPrice): boolean {
  const ahead = priorityOf(price) - priorityOf(other);
  return ahead === 0 ? price.amount < other.amount : ahead > 0;
}

export function priorityOf({ priority = 0 }: OfferedPrice): number {
  return priority;
}

/** Codes of the groups that a price is for; none: everybody. */
export function groupsOf({ customerGroup, customerGroups = [] }: OfferedPrice): readonly string[] {
  return customerGroup === undefined ? customerGroups : [customerGroup, ...customerGroups];
}

/** Whether a price holds in a channel. */
export function holdsIn({ channels }: OfferedPrice, channel: string): boolean {
  return channels === undefined || channels.includes(channel);
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
export function priceRefusal(price: OfferedPrice, question: PriceQuestion): PriceRefusal | null {
  const { currency, minQuantity = 1, startsAt, endsAt } = price;
  const groups = groupsOf(price);
  if (!holdsIn(price, question.channel ?? DEFAULT_CHANNEL)) return "other_channel";
  if (currency !== question.currency) return "other_currency";
  if (groups.length > 0 && !groups.some((group) => question.customerGroups?.includes(group))) {
    return "needs_customer_group";
  }
  if (minQuantity > (question.quantity ?? 1)) return "needs_more_units";
  if (startsAt !== undefined && startsAt > question.now) return "not_started";
  return endsAt === undefined || endsAt > question.now ? null : "ended";
}

/** Whether a price holds only for a group, an amount or a time: such prices are the shop's own, and no file names them. */
export function isConditional({ minQuantity, customerGroup, startsAt, endsAt }: Price): boolean {
  return [minQuantity, customerGroup, startsAt, endsAt].some((condition) => condition !== undefined);
}
