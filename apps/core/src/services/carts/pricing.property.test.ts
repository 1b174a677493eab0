import { expect, test } from "bun:test";
import { AMOUNT_MAX, chargeStep, type Money, newId, refusesCharge } from "@stoa/kernel";
import fc from "fast-check";
import { CART_AMOUNT_MAX, LINE_AMOUNT_MAX } from "./cart.ts";
import { type PricingInput, type PricingLine, priceBasket } from "./pricing.ts";
import type { Promotion, PromotionCondition, PromotionEffect } from "./promotion.ts";
import type { ShippingOption } from "./shipping.ts";
import type { TaxRate } from "./tax.ts";

const usd = (amount: number): Money => ({ amount, currency: "USD" });

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
    stackable: fc.boolean(),
  })
  .map((one) => ({ ...base(), ...one }));
const rate: fc.Arbitrary<TaxRate> = fc.record({
  country: fc.constant("DE"),
  region: fc.constant(""),
  taxClass: fc.constantFrom("standard", "reduced", "shipping"),
  name: fc.constant("VAT"),
  basisPoints: fc.integer({ min: 0, max: 3_000 }),
  included: fc.boolean(),
});
const flat = { kind: "flat", price: 999, freeAbove: 1_000_000 } as const;
const shippingOption: ShippingOption = {
  id: newId("shp"),
  name: "Standard",
  rates: { USD: flat, JPY: flat, KWD: flat },
};

function base(): Promotion {
  return {
    id: newId("prm"),
    code: null,
    name: "any",
    effect: { kind: "free_shipping" },
    conditions: [],
    priority: 100,
    stackable: true,
    startsAt: null,
    endsAt: null,
    usageLimit: null,
    usageLimitPerCustomer: null,
    used: 0,
    active: true,
    version: 1,
    usedByCustomer: 0,
  };
}

function input(some: Partial<PricingInput>): PricingInput {
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

const basket = fc
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

test("the parts of any basket add up to its total, to the minor unit of USD, JPY and KWD, and none is below zero", () => {
  fc.assert(
    fc.property(basket, (any) => {
      const { lines, totals, taxLines, applied, shippingDiscount } = priceBasket(any);
      const sum = (amounts: readonly Money[]) => amounts.reduce((total, one) => total + one.amount, 0);
      const all = [...Object.values(totals), ...lines.flatMap((one) => [one.discount, one.tax, one.total])];
      for (const amount of [...all, ...applied.map((one) => one.discount)]) {
        expect(Number.isSafeInteger(amount.amount) && amount.amount >= 0).toBe(true);
      }
      const added = sum(taxLines.filter((tax) => !tax.included).map((tax) => tax.amount));
      const { subtotal, discount, shipping, tax, total } = totals;
      expect(total.amount).toBe(subtotal.amount - discount.amount + shipping.amount + added);
      expect(sum(lines.map((one) => one.total))).toBe(subtotal.amount - sum(lines.map((one) => one.discount)));
      expect(sum(applied.map((one) => one.discount))).toBe(discount.amount);
      expect(sum(taxLines.map((one) => one.amount))).toBe(tax.amount);
      const onShipping = taxLines.filter((one) => one.position === null);
      expect(sum(lines.map((one) => one.tax)) + sum(onShipping.map((one) => one.amount))).toBe(tax.amount);
      // What is paid for each line and for shipping, as refunds and invoices count it, is the total again.
      const paid = lines.map((one) => one.total.amount + (one.taxIncluded ? 0 : one.tax.amount));
      const addedToShipping = sum(onShipping.filter((one) => !one.included).map((one) => one.amount));
      const paidForShipping = shipping.amount - shippingDiscount.amount + addedToShipping;
      expect(paid.reduce((all, one) => all + one, paidForShipping)).toBe(total.amount);
      expect(all.every((one) => one.currency === any.currency)).toBe(true);
      for (const one of lines) {
        expect(one.total.amount).toBe(one.unitPrice.amount * one.quantity - one.discount.amount);
      }
      const alone = applied.filter((one) => !one.promotion.stackable);
      if (alone.length > 0) expect(applied).toHaveLength(1);
    }),
    { numRuns: 2_000 },
  );
});

test("whatever promotions, shipping and taxes make of prices that can be charged can be charged, and each part of it", () => {
  const charged = fc
    .tuple(basket, fc.constantFrom("KWD" as const, "HUF" as const), fc.nat(5_000))
    .map(([any, currency, quote]) => {
      const step = chargeStep(currency);
      const calculated = { kind: "calculated", service: "parcel", fallback: 0 } as const;
      return {
        ...any,
        currency,
        shippingOption: { ...shippingOption, rates: { [currency]: calculated } },
        quotes: new Map([["parcel", quote]]),
        promotions: any.promotions.map((one) => ({ ...one, effect: inCurrency(one.effect, currency) })),
        lines: any.lines.map((one) => ({ ...one, unitPrice: { amount: one.unitPrice.amount * step, currency } })),
      };
    });
  fc.assert(
    fc.property(charged, (any) => {
      const { lines, totals, taxLines, applied, shippingDiscount } = priceBasket(any);
      const { subtotal, discount, shipping, total } = totals;
      const added = taxLines.filter((tax) => !tax.included).map((tax) => tax.amount);
      const ofLines = lines.flatMap((one) => [one.total, one.discount, ...(one.taxIncluded ? [] : [one.tax])]);
      const all = [subtotal, discount, shipping, total, shippingDiscount, ...added, ...ofLines];
      for (const amount of [...all, ...applied.map((one) => one.discount)]) expect(refusesCharge(amount)).toBeNull();
    }),
  );
});

function inCurrency(effect: PromotionEffect, currency: "KWD" | "HUF"): PromotionEffect {
  if (effect.kind !== "fixed") return effect;
  return { ...effect, amounts: { [currency]: (effect.amounts.KWD ?? 0) * chargeStep(currency) } };
}

test("the dearest cart there can be is still priced exactly", () => {
  const lines = Array.from({ length: 40 }, (_, index): PricingLine => {
    const unitPrice = usd(LINE_AMOUNT_MAX / 1_000);
    return { ...tea(1_000, 0), sku: `sku-${index}`, unitPrice };
  });
  const rate = { country: "DE", region: "", name: "Everything again", basisPoints: 10_000, included: false };
  const dear: ShippingOption = { ...shippingOption, rates: { USD: { kind: "flat", price: LINE_AMOUNT_MAX } } };
  const taxRates = [
    { ...rate, taxClass: "standard" },
    { ...rate, taxClass: "shipping" },
  ];
  const { totals } = priceBasket(input({ lines, taxRates, shippingOption: dear }));
  expect(totals.subtotal.amount).toBe(CART_AMOUNT_MAX);
  expect(totals.total.amount).toBe(2 * (CART_AMOUNT_MAX + LINE_AMOUNT_MAX));
  expect(totals.total.amount).toBeLessThan(AMOUNT_MAX);
});

const tea = (quantity: number, price: number, more: Partial<PricingLine> = {}): PricingLine => ({
  sku: "tea",
  productId: "p1",
  categoryIds: [],
  quantity,
  unitPrice: usd(price),
  taxClass: "standard",
  weightGrams: null,
  ...more,
});
const price = (effects: readonly PromotionEffect[], lines: readonly PricingLine[], more: Partial<PricingInput> = {}) =>
  priceBasket(input({ lines, promotions: effects.map((one) => ({ ...base(), effect: one })), ...more }));

test("a percentage of the order loses no cent over its lines", () => {
  const lines = [tea(1, 333), tea(1, 333), tea(1, 334)];
  const { totals, lines: priced } = price([{ kind: "percent", target: "order", basisPoints: 1_000 }], lines);
  expect(totals.discount.amount).toBe(100);
  expect(priced.map((one) => one.discount.amount)).toEqual([33, 33, 34]);
});

test("a fixed amount takes no more than there is, and on items it counts for each unit", () => {
  const all: PromotionEffect = { kind: "fixed", target: "order", amounts: { USD: 5_000 } };
  expect(price([all], [tea(1, 1_000)]).totals.discount.amount).toBe(1_000);
  const each: PromotionEffect = { kind: "fixed", target: "items", amounts: { USD: 150 } };
  expect(price([each], [tea(4, 1_000)]).totals.discount.amount).toBe(600);
  const inYen: PromotionEffect = { kind: "fixed", target: "order", amounts: { JPY: 100 } };
  expect([...price([inYen], [tea(1, 1_000)]).refused.values()]).toEqual(["not_in_this_currency"]);
});

test("buy two, get one: of every three units the cheapest is free", () => {
  const effect: PromotionEffect = { kind: "buy_x_get_y", buy: 2, get: 1, basisPoints: 10_000 };
  expect(price([effect], [tea(2, 1_000)]).totals.discount.amount).toBe(0);
  const { lines } = price([effect], [tea(4, 1_000), tea(3, 400)]);
  expect(lines.map((one) => one.discount.amount)).toEqual([0, 800]);
});

test("buy two, get one goes no further than its cap, and a share is rounded once for each line", () => {
  const effect = { kind: "buy_x_get_y", buy: 2, get: 1, basisPoints: 10_000 } as const;
  expect(price([{ ...effect, repetitionsMax: 2 }], [tea(12, 1_000)]).totals.discount.amount).toBe(2_000);
  expect(price([{ ...effect, repetitionsMax: 9 }], [tea(12, 1_000)]).totals.discount.amount).toBe(4_000);
  expect(price([{ ...effect, basisPoints: 5_000 }], [tea(9, 5)]).totals.discount.amount).toBe(8);
});

test("promotions are applied one after another, and free shipping covers what shipping costs", () => {
  const effects: PromotionEffect[] = [
    { kind: "percent", target: "items", basisPoints: 5_000 },
    { kind: "fixed", target: "order", amounts: { USD: 100 } },
    { kind: "free_shipping" },
  ];
  const { totals } = price(effects, [tea(1, 1_000)]);
  expect(totals).toMatchObject({ subtotal: usd(1_000), shipping: usd(999), discount: usd(1_599), total: usd(400) });
});

test("conditions confine a promotion to the lines they name, or refuse it with the reason", () => {
  const half: PromotionEffect = { kind: "percent", target: "items", basisPoints: 5_000 };
  const refusal = (condition: PromotionCondition) => {
    const one = { ...base(), effect: half, conditions: [condition] };
    return priceBasket(
      input({ lines: [tea(1, 1_000), tea(1, 600, { sku: "pot", productId: "p2" })], promotions: [one] }),
    );
  };
  expect(refusal({ kind: "skus", skus: ["pot"] }).totals.discount.amount).toBe(300);
  expect(refusal({ kind: "products", productIds: ["p1"] }).totals.discount.amount).toBe(500);
  const reasons = [
    refusal({ kind: "minimum_subtotal", amounts: { USD: 1_601 } }),
    refusal({ kind: "minimum_subtotal", amounts: { EUR: 1 } }),
    refusal({ kind: "signed_in" }),
    refusal({ kind: "categories", categoryIds: ["c1"] }),
  ].map((priced) => [...priced.refused.values()]);
  expect(reasons).toEqual([
    ["minimum_not_reached"],
    ["not_in_this_currency"],
    ["sign_in_required"],
    ["no_matching_items"],
  ]);
});

test("tax is added or contained, by class, and a region's rate goes before its country's", () => {
  const vat = { country: "DE", region: "", taxClass: "standard", name: "VAT", basisPoints: 1_900, included: true };
  const contained = price([], [tea(3, 333)], { taxRates: [vat] });
  expect(contained.totals).toMatchObject({ tax: usd(160), total: usd(999 + 999) });

  const added = price([], [tea(3, 333)], { taxRates: [{ ...vat, included: false }] });
  expect(added.totals).toMatchObject({ tax: usd(190), total: usd(999 + 190 + 999) });

  const city = { ...vat, region: "by", basisPoints: 2_500, included: false };
  const there = { taxRates: [vat, city], taxPlace: { country: "DE", region: "BY" } };
  expect(price([], [tea(1, 1_000)], there).totals.tax).toEqual(usd(250));
  const shipping = { ...vat, taxClass: "shipping", included: false, basisPoints: 1_000 };
  expect(price([], [tea(1, 1_000)], { taxRates: [shipping] }).taxLines).toEqual([
    { position: null, name: "VAT", basisPoints: 1_000, included: false, taxable: usd(999), amount: usd(100) },
  ]);
  expect(price([], [tea(1, 1_000)], { taxRates: [vat], taxPlace: null }).totals.tax).toEqual(usd(0));
});

test("shipping by weight and by price takes the tier, and refuses what no tier covers", () => {
  const option = (rates: ShippingOption["rates"]) => ({ id: newId("shp"), name: "Tiers", rates }) as const;
  const byWeight = option({
    USD: {
      kind: "by_weight",
      tiers: [
        { upToGrams: 1_000, price: 400 },
        { upToGrams: 5_000, price: 900 },
      ],
    },
  });
  const heavy = (weightGrams: number) => [tea(2, 1_000, { weightGrams })];
  const shippingOf = (lines: readonly PricingLine[], shippingOption: ShippingOption) =>
    price([], lines, { shippingOption }).shipping?.price.amount;
  expect(shippingOf(heavy(500), byWeight)).toBe(400);
  expect(shippingOf(heavy(501), byWeight)).toBe(900);
  expect(shippingOf(heavy(2_501), byWeight)).toBeUndefined();
  const byPrice = option({ USD: { kind: "by_price", tiers: [{ upTo: 2_000, price: 300 }, { price: 100 }] } });
  expect(shippingOf([tea(2, 1_000)], byPrice)).toBe(300);
  expect(shippingOf([tea(3, 1_000)], byPrice)).toBe(100);
  expect(shippingOf([tea(3, 1_000)], option({ EUR: { kind: "flat", price: 1 } }))).toBeUndefined();
});
