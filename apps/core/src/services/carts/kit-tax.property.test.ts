import { expect, test } from "bun:test";
import type { Currency } from "@stoa/kernel";
import fc from "fast-check";
import { type TaxRate, taxAt, taxedAmounts, taxLinesOf } from "./tax.ts";

const place = { country: "DE" };
const rate = (taxClass: string, basisPoints: number, included = true): TaxRate => {
  return { country: "DE", region: "", taxClass, name: taxClass, basisPoints, isIncluded: included };
};
const rates = [rate("standard", 1_900), rate("books", 700), rate("abroad", 500, false)];
const classes = fc.constantFrom("standard", "books", "abroad", "untaxed");
const shares = fc.array(fc.record({ taxClass: classes, worth: fc.nat({ max: 1_000_000 }) }), { maxLength: 10 });

test("whatever a kit is made of, what is taxed of it adds up to what it costs, in any currency, each class once", () => {
  const currencies = fc.constantFrom<Currency>("USD", "JPY", "KWD");
  fc.assert(
    fc.property(currencies, shares, fc.nat({ max: 10_000_000 }), (currency, taxShares, amount) => {
      const parts = taxedAmounts({ taxClass: "standard", taxShares, amount }, { rates, place, currency });
      expect(parts.reduce((sum, part) => sum + part.amount, 0)).toBe(amount);
      expect(new Set(parts.map((part) => part.taxClass)).size).toBe(parts.length);
      const question = { currency, place, rates, lines: [{ taxClass: "standard", taxShares, amount }], shipping: 0 };
      expect(new Set(taxLinesOf(question).map((line) => line.included)).size).toBeLessThanOrEqual(1);
    }),
  );
});

const taxOf = (taxShares: { readonly taxClass: string; readonly worth: number }[], amount: number) => {
  const line = { taxClass: "standard", taxShares, amount };
  const lines = taxLinesOf({ currency: "USD", place, rates, lines: [line], shipping: 0 });
  return {
    lines: lines.map(({ name, taxable, amount: tax }) => [name, taxable.amount, tax.amount]),
    ...taxAt(lines, 0, "USD"),
  };
};

test("a kit is taxed as what it is made of, each part for its share of the price by what it costs alone", () => {
  const made = [
    { taxClass: "books", worth: 3_000 },
    { taxClass: "standard", worth: 500 },
    { taxClass: "standard", worth: 500 },
  ];
  // Sold for less than its parts: 3/4 of 3,200 at 7 %, 1/4 at 19 %.
  expect(taxOf(made, 3_200)).toMatchObject({
    lines: [
      ["books", 2_400, 157],
      ["standard", 800, 128],
    ],
    tax: { amount: 285 },
    taxIncluded: true,
  });
});

test("a kit is taxed by its own class where its parts are worth nothing, or are taxed in two ways", () => {
  const whole = [["standard", 1_000, 160]];
  expect(taxOf([], 1_000).lines).toEqual(whole);
  expect(taxOf([{ taxClass: "books", worth: 0 }], 1_000).lines).toEqual(whole);
  const mixed = [
    { taxClass: "books", worth: 1 },
    { taxClass: "abroad", worth: 1 },
  ];
  expect(taxOf(mixed, 1_000).lines).toEqual(whole);
  const half = [
    { taxClass: "books", worth: 1 },
    { taxClass: "untaxed", worth: 1 },
  ];
  expect(taxOf(half, 1_000).lines).toEqual([["books", 500, 33]]);
});
