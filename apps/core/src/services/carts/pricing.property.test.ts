import { expect, test } from "bun:test";
import { AMOUNT_MAX, chargeStep, type Money, refusesCharge } from "@stoa/kernel";
import fc from "fast-check";
import { CART_AMOUNT_MAX, LINE_AMOUNT_MAX } from "./cart.ts";
import { type PricingLine, priceBasket } from "./pricing.ts";
import type { PromotionEffect } from "./promotion.ts";
import type { ShippingOption } from "./shipping.ts";
import { basket, input, shippingOption, tea, usd } from "./testing/arbitrary-basket.ts";

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
      const alone = applied.filter((one) => !one.promotion.isStackable);
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
  const rate = { country: "DE", region: "", name: "Everything again", basisPoints: 10_000, isIncluded: false };
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
