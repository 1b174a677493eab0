import { describe, expect, test } from "bun:test";
import type { Instant } from "@stoa/kernel";
import fc from "fast-check";
import type { Price } from "../documents.ts";
import { lowestPriorPrice, type PriceVersion, priceSteps, publicPriceAt, stepAt } from "./timeline.ts";

const DAY_MS = 86_400_000;
const DAYS = 120;
const day = (count: number) => (count * DAY_MS) as Instant;
const usd = { currency: "USD" } as const;

const dayOf = fc.integer({ min: 0, max: DAYS });
const priceOf: fc.Arbitrary<Price> = fc
  .record({
    currency: fc.constantFrom("USD" as const, "EUR" as const),
    amount: fc.integer({ min: 1, max: 6 }),
    reducedFrom: fc.option(fc.integer({ min: 7, max: 9 }), { nil: null, freq: 2 }),
    window: fc.option(fc.tuple(fc.option(dayOf, { nil: null }), fc.option(dayOf, { nil: null })), { nil: null }),
    minQuantity: fc.option(fc.constant(5), { nil: null, freq: 6 }),
    customerGroup: fc.option(fc.constant("trade"), { nil: null, freq: 6 }),
  })
  .map(({ currency, amount, reducedFrom, window, minQuantity, customerGroup }) => {
    const [startsAt, endsAt] = window ?? [null, null];
    return {
      currency,
      amount,
      ...(reducedFrom !== null && { compareAt: reducedFrom }),
      ...(startsAt !== null && { startsAt: day(startsAt) }),
      ...(endsAt !== null && { endsAt: day(endsAt) }),
      ...(minQuantity !== null && { minQuantity }),
      ...(customerGroup !== null && { customerGroup }),
    };
  });
const historyOf: fc.Arbitrary<PriceVersion[]> = fc.uniqueArray(dayOf, { minLength: 1, maxLength: 6 }).chain((starts) =>
  fc.tuple(
    ...starts
      .sort((left, right) => left - right)
      .map((start) =>
        fc.record({
          from: fc.constant(day(start)),
          until: fc.option(
            dayOf.map((end) => day(Math.max(start, end))),
            { nil: null, freq: 5 },
          ),
          prices: fc.array(priceOf, { maxLength: 5 }),
        }),
      ),
  ),
);

/** Every edge lies on a day, so a day is alike from its first moment to its last: one look a day sees all. */
function onDay(versions: readonly PriceVersion[], count: number) {
  const now = day(count);
  const version = versions.filter((one) => one.from <= now).at(-1);
  if (!version || (version.until !== null && version.until <= now)) return null;
  const open = version.prices.filter(
    (price) =>
      price.currency === "USD" &&
      price.minQuantity === undefined &&
      price.customerGroup === undefined &&
      (price.startsAt ?? Number.NEGATIVE_INFINITY) <= now &&
      now < (price.endsAt ?? Number.POSITIVE_INFINITY),
  );
  const [best] = open.toSorted((left, right) => left.amount - right.amount);
  if (!best) return null;
  const isLasting = (price: Price) => price.startsAt === undefined && price.endsAt === undefined;
  const regular = Math.min(...open.filter(isLasting).map((price) => price.amount));
  const before = best.compareAt ?? (isLasting(best) || !Number.isFinite(regular) ? 0 : regular);
  return { amount: best.amount, ...(before > best.amount && { compareAt: before }) };
}

function priorOnDay(versions: readonly PriceVersion[], count: number): number | null {
  const today = onDay(versions, count);
  if (today?.compareAt === undefined) return null;
  const isSame = (other: number) => {
    const price = other < 0 ? null : onDay(versions, other);
    return price?.compareAt !== undefined && price.amount === today.amount;
  };
  let began = count;
  while (isSame(began - 1)) began -= 1;
  const amounts = Array.from({ length: 30 }, (_, back) => onDay(versions, began - 1 - back)?.amount ?? null);
  const known = amounts.filter((amount) => amount !== null);
  return known.length === 0 ? null : Math.min(...known);
}

describe("against a model that looks at every day by itself", () => {
  test("the steps say what a SKU costs on each day, and the lowest price of the 30 days before its reduction", () => {
    fc.assert(
      fc.property(historyOf, (versions) => {
        const steps = priceSteps(versions, "USD");
        for (let count = 0; count <= DAYS + 1; count += 1) {
          const place = stepAt(steps, day(count));
          expect([count, steps[place]?.price ?? null]).toEqual([count, onDay(versions, count)]);
          expect([count, lowestPriorPrice(steps, place)]).toEqual([count, priorOnDay(versions, count)]);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("steps follow each other in time and each differs from the one before", () => {
    fc.assert(
      fc.property(historyOf, (versions) => {
        const steps = priceSteps(versions, "USD");
        for (const [index, step] of steps.entries()) {
          const before = steps[index - 1];
          if (!before) continue;
          expect(step.from).toBeGreaterThan(before.from);
          expect(step.price).not.toEqual(before.price);
        }
      }),
    );
  });
});

const since = (from: number, prices: readonly Price[]): PriceVersion => ({ from: day(from), until: null, prices });
const priorAt = (versions: readonly PriceVersion[], count: number, ms = 0) => {
  const steps = priceSteps(versions, "USD");
  return lowestPriorPrice(steps, stepAt(steps, (day(count) + ms) as Instant));
};

test("a window is a reduction of the lasting price, opens at its first moment and is over at its end", () => {
  const prices = [
    { ...usd, amount: 1_000 },
    { ...usd, amount: 800, startsAt: day(10), endsAt: day(20) },
  ];
  const at = (count: number, ms: number) => publicPriceAt(prices, usd, (day(count) + ms) as Instant);
  expect(at(10, -1)).toEqual({ amount: 1_000 });
  expect(at(10, 0)).toEqual({ amount: 800, compareAt: 1_000 });
  expect(at(20, -1)).toEqual({ amount: 800, compareAt: 1_000 });
  expect(at(20, 0)).toEqual({ amount: 1_000 });
});

test("a price that was raised before its sale shows what it cost before it was raised", () => {
  const versions = [
    since(0, [{ ...usd, amount: 700 }]),
    since(40, [{ ...usd, amount: 1_200 }]),
    since(50, [{ ...usd, amount: 900, compareAt: 1_200 }]),
  ];
  expect(priorAt(versions, 45)).toBeNull();
  expect(priorAt(versions, 50)).toBe(700);
});

test("what it cost more than 30 days before does not count, to the moment", () => {
  const versions = (raisedOn: number, ms: number): PriceVersion[] => [
    since(0, [{ ...usd, amount: 500 }]),
    { from: (day(raisedOn) + ms) as Instant, until: null, prices: [{ ...usd, amount: 1_000 }] },
    since(60, [{ ...usd, amount: 900, compareAt: 1_000 }]),
  ];
  expect(priorAt(versions(30, 1), 60)).toBe(500);
  expect(priorAt(versions(30, 0), 60)).toBe(1_000);
});

test("a further reduction is told with the one before it, and the end of the first does not change what is told", () => {
  const versions = [
    since(0, [{ ...usd, amount: 1_000 }]),
    since(10, [{ ...usd, amount: 900, compareAt: 1_000 }]),
    since(15, [{ ...usd, amount: 800, compareAt: 1_000 }]),
    since(80, [{ ...usd, amount: 800, compareAt: 1_100 }]),
  ];
  expect([priorAt(versions, 12), priorAt(versions, 15), priorAt(versions, 79), priorAt(versions, 90)]).toEqual([
    1_000, 900, 900, 900,
  ]);
});

test("what a group or a larger number cost is no price before, and a new product has none", () => {
  const rows = [
    { ...usd, amount: 1_000 },
    { ...usd, amount: 300, customerGroup: "trade" },
    { ...usd, amount: 200, minQuantity: 10 },
    { currency: "EUR" as const, amount: 100 },
  ];
  const reduced = [{ ...usd, amount: 900, compareAt: 1_000 }];
  expect(priorAt([since(0, rows), since(5, reduced)], 6)).toBe(1_000);
  expect(priorAt([since(5, reduced)], 6)).toBeNull();
});
