import { expect, test } from "bun:test";
import type { Json } from "@stoa/kernel";
import fc from "fast-check";
import { valueError } from "../../../platform/custom-fields/index.ts";
import { aField } from "../../../testing/index.ts";
import { decodeCell, encodeCell } from "./cells.ts";
import { fieldCell, readFieldCells } from "./field-cells.ts";

const line = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
  fc.constantFrom("none", '"', '"quoted"', "[1]", "{}", "true", "007", "=1+1", "'", "a|b", "|", " x ", "@", '["a"]'),
);
const texts = line.filter((text) => text.trim() !== "" && text.isWellFormed() && !/\p{Cc}/u.test(text));
const field = (kind: string, more: object = {}) => aField({ entity: "product", key: "it", kind, ...more });
const choices = [{ value: "none" }, { value: "a|b" }, { value: '"' }];

/** A field with values that it takes. */
const pairs = fc.oneof(
  ...[
    [field("text"), texts] as const,
    [field("text", { countMax: 3 }), fc.array(texts, { minLength: 1, maxLength: 3 })] as const,
    [field("integer"), fc.maxSafeInteger()] as const,
    [field("integer", { countMax: 3 }), fc.array(fc.integer(), { minLength: 1, maxLength: 3 })] as const,
    [field("decimal", { digits: 3 }), fc.integer({ min: -1e6, max: 1e6 }).map((n) => n / 1_000)] as const,
    [field("boolean"), fc.boolean()] as const,
    [field("date"), fc.constant("2026-02-28")] as const,
    [field("choice", { choices }), fc.constantFrom("none", "a|b", '"')] as const,
    [field("choice", { choices, countMax: 3 }), fc.shuffledSubarray(["none", "a|b", '"'], { minLength: 1 })] as const,
    [field("json"), fc.jsonValue({ maxDepth: 2 }).filter((value) => value !== null)] as const,
  ].map(([one, values]) => values.map((value) => ({ field: one, value: value as Json }))),
);

test("whatever a field takes, its cell reads as the same value again", () => {
  fc.assert(
    fc.property(pairs, ({ field: one, value }) => {
      fc.pre(valueError(value, one) === null);
      // An empty cell says nothing; whatever is in a field fills it.
      const cell = encodeCell(fieldCell(value, one));
      expect(cell).not.toBe("");
      const plain = JSON.parse(JSON.stringify(value));
      expect(readFieldCells({ it: { cell: decodeCell(cell) } }, [one])).toEqual({ it: plain });
    }),
    { numRuns: 2_000 },
  );
});

test("the word for nothing takes a value away, and what a field does not take stays as it is for the check to name", () => {
  const one = field("integer");
  expect(readFieldCells({ it: { cell: "none" } }, [one])).toEqual({ it: null });
  expect(readFieldCells({ it: { cell: "seven" }, other: { cell: "7" } }, [one])).toEqual({ it: "seven", other: "7" });
  expect(readFieldCells({ it: { json: [1] } }, [one])).toEqual({ it: [1] });
});
