import { expect, test } from "bun:test";
import fc from "fast-check";
import { sortLeading } from "./sort.ts";

test("the first so many stand as if all had been sorted, and none is lost", () => {
  const compare = (one: readonly [number, number], other: readonly [number, number]) => one[0] - other[0];
  const items = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer()), { maxLength: 200 });
  fc.assert(
    fc.property(items, fc.nat({ max: 210 }), (all, wanted) => {
      const sorted = sortLeading(all, wanted, compare);
      expect(sorted.slice(0, wanted)).toEqual(all.toSorted(compare).slice(0, wanted));
      expect(new Set(sorted)).toEqual(new Set(all));
      expect(sorted).toHaveLength(all.length);
    }),
  );
});
