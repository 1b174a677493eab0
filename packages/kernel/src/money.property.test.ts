import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Currency, chargeStep, currencyDigits, isCurrency } from "./currency.ts";
import {
  addMoney,
  allocate,
  allocateCharge,
  allocateWithin,
  fromDecimal,
  includedShareOf,
  money,
  refusesCharge,
  roundToCharge,
  shareOf,
  sumMoney,
  toDecimal,
} from "./money.ts";

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

  test("what is computed can be charged, in every currency: a share, a rounded amount, each part of a split", () => {
    const every = fc.constantFrom(...Object.keys(currencyDigits).filter(isCurrency));
    const weights = fc.array(fc.nat(100_000), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(amounts, every, fc.nat(10_000), weights, (amount, currency, basisPoints, parts) => {
        const step = chargeStep(currency);
        const exact = (amount * basisPoints) / 10_000;
        const share = shareOf(money(amount, currency), basisPoints);
        expect(refusesCharge(share)).toBeNull();
        expect(Math.abs(share.amount - exact)).toBeLessThanOrEqual(step / 2);
        const rounded = roundToCharge(money(amount, currency));
        expect(refusesCharge(rounded)).toBeNull();
        expect(allocateCharge(rounded, parts).map(refusesCharge)).toEqual(parts.map(() => null));
        const [, ...others] = allocateCharge(money(amount, currency), parts);
        expect(others.map(refusesCharge)).toEqual(others.map(() => null));
        expect(sumMoney(allocateCharge(money(amount, currency), parts), currency)).toEqual(money(amount, currency));
      }),
    );
  });

  test("no part of what things cost is more than one of them costs, and as long as all can be charged, so can each part", () => {
    fc.assert(
      fc.property(
        currencies,
        fc.array(fc.nat(2_000), { minLength: 1, maxLength: 8 }),
        fc.nat(16_000),
        (currency, costs, given) => {
          const sum = costs.reduce((all, one) => all + one, 0);
          const parts = allocateWithin(money(Math.min(given, sum), currency), costs);
          expect(sumMoney(parts, currency)).toEqual(money(Math.min(given, sum), currency));
          for (const [place, part] of parts.entries()) expect(part.amount).toBeLessThanOrEqual(costs[place] ?? 0);
          const charged = costs.map((one) => roundToCharge(money(one, currency)).amount);
          const whole = roundToCharge(money(given, currency));
          if (whole.amount > charged.reduce((all, one) => all + one, 0)) return;
          expect(allocateWithin(whole, charged).map(refusesCharge)).toEqual(charged.map(() => null));
        },
      ),
    );
  });

  test("half of what can be charged is rounded away from zero, and what cannot be charged says why", () => {
    expect([1_005, 1_004, -1_005].map((amount) => roundToCharge(money(amount, "KWD")).amount)).toEqual([
      1_010, 1_000, -1_010,
    ]);
    expect(roundToCharge(money(199_050, "HUF")).amount).toBe(199_100);
    expect([money(1_005, "BHD"), money(199_050, "TWD"), money(5, "JPY"), money(5, "USD")].map(refusesCharge)).toEqual([
      "the last digit of an amount in BHD must be 0: 1.010, not 1.005",
      "only whole amounts in TWD: 1991.00, not 1990.50",
      null,
      null,
    ]);
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
