import { expect, test } from "bun:test";
import { Binary, Long, MaxKey, MinKey, ObjectId, Timestamp } from "bson";
import fc from "fast-check";
import { compareValues } from "./compare.ts";
import { afterPrefix, encodeKey } from "./key.ts";

const scalars = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double(),
  fc.integer(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value)),
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("a", "b", "\0", "\u0001", "\ud83d\ude00", "\uffee") }),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => new Binary(bytes)),
  fc.tuple(fc.nat(), fc.nat()).map(([t, i]) => new Timestamp({ t, i })),
  fc.constantFrom(new MinKey(), new MaxKey()),
);

const values: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: "small" }, scalars, tie("list"), tie("document")),
  list: fc.array(tie("value"), { maxLength: 3 }),
  document: fc.dictionary(fc.constantFrom("a", "b", "ab"), tie("value"), { maxKeys: 3 }),
})).value;

test("keys sort as their values do", () => {
  fc.assert(
    fc.property(values, values, (left, right) => {
      expect<number>(Buffer.compare(encodeKey([left]), encodeKey([right]))).toBe(compareValues(left, right));
    }),
    { numRuns: 2_000 },
  );
});

test("a descending field turns the order round and leaves the next field alone", () => {
  fc.assert(
    fc.property(values, values, fc.integer(), fc.integer(), (left, right, a, b) => {
      const order = Buffer.compare(encodeKey([left, a], [-1, 1]), encodeKey([right, b], [-1, 1]));
      const first = compareValues(right, left);
      expect<number>(order).toBe(first !== 0 ? first : compareValues(a, b));
    }),
    { numRuns: 2_000 },
  );
});

test("every key of several fields lies between its first field and the end of that prefix", () => {
  fc.assert(
    fc.property(values, values, (first, second) => {
      const prefix = encodeKey([first]);
      const key = encodeKey([first, second]);
      expect(Buffer.compare(key, prefix)).toBeGreaterThanOrEqual(0);
      expect(Buffer.compare(key, afterPrefix(prefix))).toBe(-1);
    }),
    { numRuns: 1_000 },
  );
});
