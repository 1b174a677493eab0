import { expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { type PricingInput, type PricingLine, priceBasket } from "./pricing.ts";
import type { PromotionCondition, PromotionEffect } from "./promotion.ts";
import type { ShippingOption } from "./shipping.ts";
import { base, input, tea, usd } from "./testing/arbitrary-basket.ts";

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

test("a unit that is given away is worth what earlier promotions have left of it", () => {
  const half: PromotionEffect = { kind: "percent", target: "items", basisPoints: 5_000 };
  const second: PromotionEffect = { kind: "buy_x_get_y", buy: 1, get: 1, basisPoints: 10_000 };
  expect(price([half, second], [tea(2, 1_000)]).totals.discount.amount).toBe(1_500);
  expect(price([second, half], [tea(2, 1_000)]).totals.discount.amount).toBe(1_500);
  expect(price([second, second], [tea(4, 1_000)]).totals.discount.amount).toBe(3_000);
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
  const vat = { country: "DE", region: "", taxClass: "standard", name: "VAT", basisPoints: 1_900, isIncluded: true };
  const contained = price([], [tea(3, 333)], { taxRates: [vat] });
  expect(contained.totals).toMatchObject({ tax: usd(160), total: usd(999 + 999) });

  const added = price([], [tea(3, 333)], { taxRates: [{ ...vat, isIncluded: false }] });
  expect(added.totals).toMatchObject({ tax: usd(190), total: usd(999 + 190 + 999) });

  const city = { ...vat, region: "by", basisPoints: 2_500, isIncluded: false };
  const there = { taxRates: [vat, city], taxPlace: { country: "DE", region: "BY" } };
  expect(price([], [tea(1, 1_000)], there).totals.tax).toEqual(usd(250));
  const shipping = { ...vat, taxClass: "shipping", isIncluded: false, basisPoints: 1_000 };
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
