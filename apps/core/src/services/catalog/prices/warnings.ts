import type { Currency, Instant } from "@stoa/kernel";
import type { Price, Variant } from "../documents.ts";
import { isWindow } from "./timeline.ts";

/** What about a variant's prices is allowed and hardly meant. */
export interface PriceWarning {
  readonly sku: string;
  readonly currency: Currency;
  /** `overlap`: two hold at once, and the lower is taken. `never_lowest`: a lasting price is as low, so this one is never taken. */
  readonly kind: "overlap" | "never_lowest";
  /** Places in the variant's list of prices. */
  readonly places: readonly number[];
  /** While both hold; absent for one that is never taken. */
  readonly from?: Instant | undefined;
  readonly until?: Instant | undefined;
}

/** Looks at the windows of each currency, group and tier by themselves. */
export function priceWarnings({ sku, prices }: Variant): PriceWarning[] {
  const placed = prices.map((price, place) => ({ price, place }));
  const lists = Map.groupBy(placed, ({ price }) => listOf(price));
  return [...lists.values()].flatMap((list) => {
    const windows = list.filter(({ price }) => isWindow(price));
    const lasting = Math.min(...list.filter(({ price }) => !isWindow(price)).map(({ price }) => price.amount));
    const vain = windows
      .filter(({ price }) => price.amount >= lasting)
      .map(({ price, place }) => ({ sku, currency: price.currency, kind: "never_lowest" as const, places: [place] }));
    return [...overlaps(sku, windows), ...vain];
  });
}

interface Placed {
  readonly price: Price;
  readonly place: number;
}

function overlaps(sku: string, windows: readonly Placed[]): PriceWarning[] {
  return windows.flatMap((left, index) =>
    windows.slice(index + 1).flatMap((right) => {
      const from = Math.max(startOf(left.price), startOf(right.price));
      const until = Math.min(endOf(left.price), endOf(right.price));
      if (from >= until) return [];
      const { currency } = left.price;
      const places = [left.place, right.place];
      return [{ sku, currency, kind: "overlap" as const, places, from: instant(from), until: instant(until) }];
    }),
  );
}

function listOf({ currency, customerGroup = "", minQuantity = 1 }: Price): string {
  return JSON.stringify([currency, customerGroup, minQuantity]);
}

function startOf({ startsAt }: Price): number {
  return startsAt ?? Number.NEGATIVE_INFINITY;
}

function endOf({ endsAt }: Price): number {
  return endsAt ?? Number.POSITIVE_INFINITY;
}

function instant(at: number): Instant | undefined {
  return Number.isFinite(at) ? (at as Instant) : undefined;
}
