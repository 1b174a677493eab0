import {
  AMOUNT_MAX,
  type Currency,
  currencySchema,
  type Id,
  isCurrency,
  type Money,
  money,
  refusesCharge,
  roundToCharge,
} from "@stoa/kernel";
import { z } from "zod";
import { LINE_AMOUNT_MAX } from "./cart.ts";
import type { ShippingQuotes } from "./quotes/shipping-rates.ts";

export type ShippingOptionId = Id<"shp">;

const amount = z.int().min(0).max(LINE_AMOUNT_MAX);
const goods = z.int().min(0).max(AMOUNT_MAX);
const freeAbove = goods.optional();

/** Minor units. Tiers are tried in order; one without a bound takes the rest, and without it heavier or dearer carts cannot be shipped so. */
const rateSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("flat"), price: amount, freeAbove }),
  z.strictObject({
    kind: z.literal("by_weight"),
    tiers: z
      .array(z.strictObject({ upToGrams: z.int().min(0).optional(), price: amount }))
      .min(1)
      .max(50),
    freeAbove,
  }),
  z.strictObject({
    kind: z.literal("by_price"),
    tiers: z
      .array(z.strictObject({ upTo: goods.optional(), price: amount }))
      .min(1)
      .max(50),
    freeAbove,
  }),
  /**
   * What the shop's rate provider asks for `service`, its own name for it. Without an answer in time it costs the fallback, and
   * without a fallback it is not offered then.
   */
  z.strictObject({
    kind: z.literal("calculated"),
    service: z.string().trim().min(1).max(100),
    fallback: amount.nullable(),
    freeAbove,
  }),
]);

/** By currency. `freeAbove`: from this price of the goods on, shipping costs nothing. */
export const shippingRatesSchema = z.partialRecord(currencySchema, rateSchema);
export type ShippingRates = z.infer<typeof shippingRatesSchema>;

/** Prices that cannot be charged as they are, with the way to each. */
export function unchargedPrices(rates: ShippingRates): { path: (string | number)[]; message: string }[] {
  return Object.entries(rates).flatMap(([currency, rate]) => {
    const priced =
      "tiers" in rate
        ? rate.tiers.map(({ price }, place) => ({ price, path: ["tiers", place, "price"] }))
        : [
            rate.kind === "flat"
              ? { price: rate.price, path: ["price"] }
              : { price: rate.fallback ?? 0, path: ["fallback"] },
          ];
    return priced.flatMap(({ price, path }) => {
      const message = isCurrency(currency) ? refusesCharge(money(price, currency)) : null;
      return message === null ? [] : [{ path: [currency, ...path], message }];
    });
  });
}

export interface ShippingOption {
  readonly id: ShippingOptionId;
  readonly name: string;
  readonly rates: ShippingRates;
}

/** How a region of a country is written in a shipping zone, e.g. `US/ca`. */
export function regionKey(country: string, region: string): string {
  return `${country}/${region.trim().toLowerCase()}`;
}

export interface Parcel {
  readonly currency: Currency;
  /** Minor units of the goods after discounts on them. */
  readonly goods: number;
  readonly weightGrams: number;
  /** Null: there is no rate provider, or it did not answer in time. */
  readonly quotes: ShippingQuotes | null;
}

/** The services that options ask the rate provider for, in a fixed order. */
export function servicesOf(options: readonly ShippingOption[], currency: Currency): string[] {
  const services = options.flatMap(({ rates }) => {
    const rate = rates[currency];
    return rate?.kind === "calculated" ? [rate.service] : [];
  });
  return [...new Set(services)].sort();
}

/** What it costs to ship the parcel so, or null when it cannot be. */
export function shippingPrice(option: ShippingOption, parcel: Parcel): Money | null {
  const rate = option.rates[parcel.currency];
  if (!rate) return null;
  const price = tierPrice(rate, parcel);
  if (price === null) return null;
  const isFree = rate.freeAbove !== undefined && parcel.goods >= rate.freeAbove;
  return roundToCharge(money(isFree ? 0 : price, parcel.currency));
}

function tierPrice(rate: z.infer<typeof rateSchema>, parcel: Parcel): number | null {
  switch (rate.kind) {
    case "flat":
      return rate.price;
    case "by_weight":
      return (
        rate.tiers.find((tier) => tier.upToGrams === undefined || parcel.weightGrams <= tier.upToGrams)?.price ?? null
      );
    case "calculated":
      return parcel.quotes === null ? rate.fallback : (parcel.quotes.get(rate.service) ?? null);
    case "by_price":
      return rate.tiers.find((tier) => tier.upTo === undefined || parcel.goods <= tier.upTo)?.price ?? null;
  }
}
