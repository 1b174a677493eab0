import { expect, test } from "bun:test";
import fc from "fast-check";
import { orderPart } from "./order.ts";

const compare = (one: number, other: number) => one - other;

test("a part stands as if all had been sorted, what is before and behind it is there, and none is lost", () => {
  const items = fc.uniqueArray(fc.integer(), { maxLength: 300 });
  fc.assert(
    fc.property(items, fc.nat({ max: 310 }), fc.nat({ max: 40 }), (all, from, count) => {
      const sorted = all.toSorted(compare);
      const ordered = orderPart([...all], from, from + count, compare);
      expect(ordered.slice(from, from + count)).toEqual(sorted.slice(from, from + count));
      expect(ordered.toSorted(compare)).toEqual(sorted);
    }),
  );
});

test("the first of many are chosen however they come, and pages far behind fit each other", () => {
  const places = Array.from({ length: 20_000 }, (_, at) => at);
  for (const all of [places, places.toReversed(), places.map((at) => (at * 7_919) % 20_000)]) {
    const page = (from: number) => orderPart([...all], from, from + 20, compare).slice(from, from + 20);
    for (const from of [0, 20, 980, 5_000, 19_980]) expect(page(from)).toEqual(places.slice(from, from + 20));
  }
});

test("few are compared more than once to choose the first, however they come", () => {
  const places = Array.from({ length: 50_000 }, (_, at) => at);
  for (const all of [places, places.toReversed()]) {
    let compared = 0;
    orderPart([...all], 0, 20, (one, other) => {
      compared += 1;
      return compare(one, other);
    });
    expect(compared).toBeLessThan(2 * all.length);
  }
});
