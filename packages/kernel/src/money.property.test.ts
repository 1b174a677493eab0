import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Currency, currencyDigits } from "./currency.ts";
import { addMoney, allocate, fromDecimal, includedShareOf, money, shareOf, sumMoney, toDecimal } from "./money.ts";

const currencies = fc.constantFrom<Currency>("USD", "JPY", "KWD");
const amounts = fc.integer({ min: -10_000_000_000, max: 10_000_000_000 });

describe("money", () => {
  test("a split loses no minor unit, whatever the weights", () => {
    fc.assert(
      fc.property(
        amounts,
        currencies,
        fc.array(fc.nat(100_000), { minLength: 1, maxLength: 20 }),
        (amount, currency, weights) => {
          const parts = allocate(money(amount, currency), weights);
          expect(sumMoney(parts, currency).amount).toBe(amount === 0 ? 0 : amount);
        },
      ),
    );
  });

  test("a share of a split is at most one minor unit from its exact part", () => {
    fc.assert(
      fc.property(
        fc.nat(1_000_000),
        fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 9 }),
        (amount, weights) => {
          const sum = weights.reduce((left, right) => left + right, 0);
          allocate(money(amount, "USD"), weights).forEach((part, index) => {
            expect(Math.abs(part.amount - (amount * (weights[index] ?? 0)) / sum)).toBeLessThan(1);
          });
        },
      ),
    );
  });

  test("decimal text survives the way there and back in every currency", () => {
    fc.assert(
      fc.property(amounts, currencies, (amount, currency) => {
        const value = money(amount, currency);
        expect(fromDecimal(toDecimal(value), currency)).toEqual(value);
      }),
    );
  });

  test("included tax and net always add up to gross", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(3000), (gross, rate) => {
        const tax = includedShareOf(money(gross, "EUR"), rate);
        expect(tax.amount).toBeGreaterThanOrEqual(0);
        expect(tax.amount).toBeLessThanOrEqual(gross);
      }),
    );
  });

  test("halves round away from zero", () => {
    expect(shareOf(money(50, "USD"), 100).amount).toBe(1);
    expect(shareOf(money(-50, "USD"), 100).amount).toBe(-1);
    expect(shareOf(money(49, "USD"), 100).amount).toBe(0);
  });

  test("currencies never mix", () => {
    expect(() => addMoney(money(1, "USD"), money(1, "EUR"))).toThrow(RangeError);
  });

  test("text with more digits than the currency has is refused", () => {
    expect(() => fromDecimal("1.005", "USD")).toThrow(RangeError);
    expect(() => fromDecimal("1.5", "JPY")).toThrow(RangeError);
    expect(fromDecimal("1.005", "KWD").amount).toBe(1005);
    expect(() => fromDecimal("1e3", "USD")).toThrow(RangeError);
    expect(currencyDigits.KWD).toBe(3);
  });

  test("fractions and sums beyond the limit are refused", () => {
    expect(() => money(1.5, "USD")).toThrow(RangeError);
    expect(() => money(Number.MAX_SAFE_INTEGER, "USD")).toThrow(RangeError);
  });
});
