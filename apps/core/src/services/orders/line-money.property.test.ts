import { expect, test } from "bun:test";
import { type Currency, money } from "@stoa/kernel";
import fc from "fast-check";
import { type PaidLine, paidFor, paidForUnits, shippingShares } from "./line-money.ts";

const currencies: readonly Currency[] = ["USD", "JPY", "KWD", "HUF"];

const line = fc.record({
  quantity: fc.integer({ min: 1, max: 12 }),
  total: fc.integer({ min: 0, max: 500_000 }),
  tax: fc.integer({ min: 0, max: 90_000 }),
  taxIncluded: fc.boolean(),
});
const order = fc.record({
  currency: fc.constantFrom(...currencies),
  lines: fc.array(line, { minLength: 1, maxLength: 8 }),
  shipping: fc.integer({ min: 0, max: 20_000 }),
  /** In which pieces a line's units leave. */
  cuts: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 12 }),
});

function priced({ lines, shipping, currency }: typeof order extends fc.Arbitrary<infer O> ? O : never) {
  const total = lines.reduce((sum, one) => sum + paidFor(one), shipping);
  const shares = shippingShares(money(total, currency), lines);
  return { total, lines: lines.map((one, place): PaidLine => ({ ...one, shippingShare: shares[place] ?? 0 })) };
}

test("the parts of an order, however its lines are cut, add up to its total and none is below zero", () => {
  fc.assert(
    fc.property(order, (input) => {
      const { total, lines } = priced(input);
      let sum = 0;
      for (const one of lines) {
        for (let from = 0, turn = 0; from < one.quantity; turn += 1) {
          const count = Math.min(input.cuts[turn % input.cuts.length] ?? 1, one.quantity - from);
          const part = paidForUnits(one, { from, count }, { currency: input.currency, withShipping: true });
          expect(part).toBeGreaterThanOrEqual(0);
          sum += part;
          from += count;
        }
      }
      expect(sum).toBe(total);
    }),
    { numRuns: 500 },
  );
});

test("without shipping the parts of a line add up to what is paid for its goods", () => {
  fc.assert(
    fc.property(order, fc.nat(), (input, cut) => {
      const terms = { currency: input.currency, withShipping: false };
      for (const one of priced(input).lines) {
        const first = cut % (one.quantity + 1);
        const left = paidForUnits(one, { from: 0, count: first }, terms);
        const right = paidForUnits(one, { from: first, count: one.quantity - first }, terms);
        expect(left + right).toBe(paidFor(one));
      }
    }),
  );
});

test("shipping is borne by what is paid for; where nothing is, by the first line", () => {
  const free = { total: 0, tax: 0, taxIncluded: false };
  expect(shippingShares(money(500, "USD"), [free, free])).toEqual([500, 0]);
  const dear = { total: 300, tax: 57, taxIncluded: true };
  expect(shippingShares(money(800, "USD"), [free, dear])).toEqual([0, 500]);
});

test("where prices are such as providers take, so is every part that can be taken or given back alone", () => {
  const steps = fc.constantFrom({ currency: "KWD" as const, step: 10 }, { currency: "HUF" as const, step: 100 });
  fc.assert(
    fc.property(order, steps, fc.nat(), fc.nat(), ({ lines, shipping }, { currency, step }, at, more) => {
      const whole = (amount: number) => amount - (amount % step);
      const taken = lines.map((one) => ({ ...one, total: whole(one.total), tax: whole(one.tax) }));
      for (const one of priced({ lines: taken, shipping: whole(shipping), currency, cuts: [] }).lines) {
        const from = at % one.quantity;
        const count = 1 + (more % (one.quantity - from));
        for (const withShipping of [true, false]) {
          expect(paidForUnits(one, { from, count }, { currency, withShipping }) % step).toBe(0);
        }
      }
    }),
  );
});

test("a third of ten dinars is what a card can take and give back", () => {
  const one = { total: 10_000, tax: 0, taxIncluded: true, quantity: 3, shippingShare: 0 };
  const terms = { currency: "KWD", withShipping: true } as const;
  const of = (from: number) => paidForUnits(one, { from, count: 1 }, terms);
  expect([of(0), of(1), of(2)]).toEqual([3_340, 3_330, 3_330]);
  // What the whole has beyond it stays with the first.
  expect(paidForUnits({ ...one, total: 10_007 }, { from: 0, count: 1 }, terms)).toBe(3_347);
});
