import { type Currency, DEFAULT_CHANNEL, type Instant } from "@stoa/kernel";
import type { OfferedPrice } from "../documents.ts";
import { groupsOf, priceInForce } from "../price.ts";

/** How far before a reduction the lowest price is looked for, as the EU's Omnibus directive asks. */
export const PRIOR_MS = 30 * 86_400_000;

/** The prices that a SKU was offered at from an instant on: until its end, and no longer than until the next version begins. */
export interface PriceVersion {
  readonly from: Instant;
  readonly until: Instant | null;
  readonly prices: readonly OfferedPrice[];
}

/** For one unit to anybody, in minor units. */
export interface PublicPrice {
  readonly amount: number;
  /** Shown struck through: the price is announced as reduced. */
  readonly compareAt?: number;
}

/** What holds from an instant until the next step begins; null while the SKU is not sold so. */
export interface PriceStep {
  readonly from: Instant;
  readonly price: PublicPrice | null;
}

/** A price for one unit to anybody: tiers and what was agreed with a group are announced to nobody. */
export function isPublic(price: OfferedPrice): boolean {
  return price.minQuantity === undefined && groupsOf(price).length === 0;
}

/** Where a price is asked for. */
export interface Place {
  readonly currency: Currency;
  readonly channel?: string;
}

/**
 * The public price at an instant. One that holds for a time only and is below the price that would hold without it is a reduction
 * of that, unless it says itself what it reduces.
 */
export function publicPriceAt(prices: readonly OfferedPrice[], place: Place, now: Instant): PublicPrice | null {
  const price = priceInForce(prices, { ...place, now });
  if (!price) return null;
  const { amount } = price;
  const compareAt = price.compareAt ?? (isWindow(price) ? lastingAmount(prices, place, now) : undefined);
  return compareAt !== undefined && compareAt > amount ? { amount, compareAt } : { amount };
}

export function isWindow({ startsAt, endsAt }: OfferedPrice): boolean {
  return startsAt !== undefined || endsAt !== undefined;
}

function lastingAmount(prices: readonly OfferedPrice[], place: Place, now: Instant): number | undefined {
  const lasting = prices.filter((price) => !isWindow(price));
  return priceInForce(lasting, { ...place, now })?.amount;
}

/** What a SKU cost in a currency and is known to cost, in steps. Versions come oldest first. */
export function priceSteps(
  versions: readonly PriceVersion[],
  currency: Currency,
  channel: string = DEFAULT_CHANNEL,
): PriceStep[] {
  const steps: PriceStep[] = [];
  versions.forEach((version, index) => {
    const end = Math.min(
      versions[index + 1]?.from ?? Number.POSITIVE_INFINITY,
      version.until ?? Number.POSITIVE_INFINITY,
    );
    for (const from of edgesOf(version, currency, end)) {
      append(steps, { from, price: publicPriceAt(version.prices, { currency, channel }, from) });
    }
    if (end === version.until) append(steps, { from: version.until, price: null });
  });
  return steps;
}

/** Every instant at which a version's price may become another one, its beginning first. */
function edgesOf({ from, prices }: PriceVersion, currency: Currency, end: number): Instant[] {
  const own = prices.filter((price) => price.currency === currency);
  const edges = own.flatMap(({ startsAt, endsAt }) => [startsAt ?? from, endsAt ?? from]);
  const within = edges.filter((edge) => edge > from && edge < end);
  return end > from ? [from, ...new Set(within.sort((left, right) => left - right))] : [];
}

function append(steps: PriceStep[], step: PriceStep): void {
  const last = steps.at(-1);
  if (last && isSame(last.price, step.price)) return;
  steps.push(step);
}

function isSame(left: PublicPrice | null, right: PublicPrice | null): boolean {
  return left?.amount === right?.amount && left?.compareAt === right?.compareAt;
}

/** The step that holds at an instant, by its place; -1 before the first. */
export function stepAt(steps: readonly PriceStep[], now: Instant): number {
  return steps.findLastIndex((step) => step.from <= now);
}

/**
 * The lowest price of the 30 days before the reduction that a step belongs to; null when it is none, or when the SKU was not sold
 * in that time. A reduction lasts as long as the amount stays and is announced as reduced: each further reduction is one of its own.
 */
export function lowestPriorPrice(steps: readonly PriceStep[], place: number): number | null {
  const amount = reducedAmount(steps[place]);
  if (amount === null) return null;
  let first = place;
  while (reducedAmount(steps[first - 1]) === amount) first -= 1;
  const since = (steps[first]?.from ?? 0) - PRIOR_MS;
  let lowest: number | null = null;
  for (let before = first - 1; before >= 0 && (steps[before + 1]?.from ?? 0) > since; before -= 1) {
    const price = steps[before]?.price ?? null;
    if (price && (lowest === null || price.amount < lowest)) lowest = price.amount;
  }
  return lowest;
}

function reducedAmount(step: PriceStep | undefined): number | null {
  return step?.price?.compareAt === undefined ? null : step.price.amount;
}
