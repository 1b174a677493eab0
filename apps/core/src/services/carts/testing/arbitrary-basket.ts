import { type Money, newId } from "@stoa/kernel";
import fc from "fast-check";
import type { PricingInput, PricingLine } from "../pricing.ts";
import type { Promotion, PromotionCondition, PromotionEffect } from "../promotion.ts";
import type { ShippingOption } from "../shipping.ts";
import type { TaxRate } from "../tax.ts";

export const usd = (amount: number): Money => ({ amount, currency: "USD" });

/** Two, no and three digits: what is exact for these is exact for all. */
const currencies = ["USD", "JPY", "KWD"] as const;
type Tested = (typeof currencies)[number];

const line = fc.record({
  productId: fc.constantFrom("p1", "p2", "p3"),
  categoryIds: fc.subarray(["c1", "c2"]),
  quantity: fc.integer({ min: 1, max: 999 }),
  unitPrice: fc.integer({ min: 0, max: 1_000_000 }),
  taxClass: fc.constantFrom("standard", "reduced", "none"),
  weightGrams: fc.option(fc.integer({ min: 0, max: 5_000 })),
});
const share = fc.integer({ min: 1, max: 10_000 });
const amounts = fc.integer({ min: 1, max: 200_000 }).map((amount) => ({ USD: amount, JPY: amount, KWD: amount }));
const target = fc.constantFrom("items" as const, "order" as const, "shipping" as const);
const effect: fc.Arbitrary<PromotionEffect> = fc.oneof(
  fc.record({ kind: fc.constant("percent" as const), target, basisPoints: share }),
  fc.record({ kind: fc.constant("fixed" as const), target, amounts }),
  fc.record({
    kind: fc.constant("buy_x_get_y" as const),
    buy: fc.integer({ min: 1, max: 5 }),
    get: fc.integer({ min: 1, max: 3 }),
    basisPoints: share,
    repetitionsMax: fc.integer({ min: 1, max: 50 }),
  }),
  fc.constant({ kind: "free_shipping" as const }),
);
const condition: fc.Arbitrary<PromotionCondition> = fc.oneof(
  fc.record({ kind: fc.constant("minimum_subtotal" as const), amounts }),
  fc.record({ kind: fc.constant("products" as const), productIds: fc.subarray(["p1", "p2"], { minLength: 1 }) }),
  fc.record({ kind: fc.constant("categories" as const), categoryIds: fc.constant<string[]>(["c1"]) }),
);
const promotion: fc.Arbitrary<Promotion> = fc
  .record({
    effect,
    conditions: fc.array(condition, { maxLength: 2 }),
    priority: fc.nat({ max: 3 }),
    isStackable: fc.boolean(),
  })
  .map((one) => ({ ...base(), ...one }));
const rate: fc.Arbitrary<TaxRate> = fc.record({
  country: fc.constant("DE"),
  region: fc.constant(""),
  taxClass: fc.constantFrom("standard", "reduced", "shipping"),
  name: fc.constant("VAT"),
  basisPoints: fc.integer({ min: 0, max: 3_000 }),
  isIncluded: fc.boolean(),
});
const flat = { kind: "flat", price: 999, freeAbove: 1_000_000 } as const;
export const shippingOption: ShippingOption = {
  id: newId("shp"),
  name: "Standard",
  rates: { USD: flat, JPY: flat, KWD: flat },
};

/** A promotion without conditions that takes nothing off. */
export function base(): Promotion {
  return {
    id: newId("prm"),
    code: null,
    name: "any",
    effect: { kind: "free_shipping" },
    conditions: [],
    priority: 100,
    isStackable: true,
    startsAt: null,
    endsAt: null,
    usageLimit: null,
    usageLimitPerCustomer: null,
    used: 0,
    isActive: true,
    version: 1,
    usedByCustomer: 0,
  };
}

export function input(some: Partial<PricingInput>): PricingInput {
  return {
    currency: "USD",
    lines: [],
    promotions: [],
    shopper: { isSignedIn: false, groups: [], hasOrdered: false },
    shippingOption,
    quotes: null,
    taxPlace: { country: "DE" },
    taxRates: [],
    quotedTaxes: () => null,
    ...some,
  };
}

export const basket = fc
  .record({
    currency: fc.constantFrom<Tested[]>(...currencies),
    lines: fc.array(line, { maxLength: 12 }),
    promotions: fc.array(promotion, { maxLength: 4 }),
    taxRates: fc.uniqueArray(rate, { selector: (one) => one.taxClass }),
  })
  .map(({ currency, lines, ...rest }) =>
    input({
      ...rest,
      currency,
      lines: lines.map(
        (one, index): PricingLine => ({
          ...one,
          sku: `sku-${index}`,
          unitPrice: { amount: one.unitPrice, currency },
        }),
      ),
    }),
  );

/** So many packets of tea at that price. */
export const tea = (quantity: number, price: number, more: Partial<PricingLine> = {}): PricingLine => ({
  sku: "tea",
  productId: "p1",
  categoryIds: [],
  quantity,
  unitPrice: usd(price),
  taxClass: "standard",
  weightGrams: null,
  ...more,
});
