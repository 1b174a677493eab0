import { expect, test } from "bun:test";
import type { Json } from "@stoa/kernel";
import { draftOf, type FieldShape, mergedValues, readDraft, shownValue } from "./field.ts";
import { errorsByKey } from "./use-field-drafts.ts";

const choices = [{ value: "s", label: { en: "Small" } }, { value: "m" }];

/** Of each kind, a value and what it looks like in its input. */
const pairs: readonly [field: FieldShape, value: Json, draft: string][] = [
  [{ kind: "text" }, "Wool", "Wool"],
  [{ kind: "text", countMax: 3 }, ["a", "b c"], "a\nb c"],
  [{ kind: "long_text" }, "one\n two", "one\n two"],
  [{ kind: "integer" }, -7, "-7"],
  [{ kind: "integer", countMax: 2 }, [1, 2], "1\n2"],
  [{ kind: "decimal" }, 1.25, "1.25"],
  [{ kind: "boolean" }, false, "false"],
  [{ kind: "date" }, "2026-12-31", "2026-12-31"],
  [{ kind: "datetime" }, "2026-12-31T12:30:00Z", "2026-12-31T12:30"],
  [{ kind: "datetime" }, "2026-12-31T12:30:05Z", "2026-12-31T12:30:05"],
  [{ kind: "choice", choices }, "s", "s"],
  [{ kind: "choice", choices, countMax: 2 }, ["m", "s"], "m\ns"],
  [{ kind: "reference", to: "product" }, "prod_1", "prod_1"],
  [{ kind: "json" }, { a: [1] }, '{\n  "a": [\n    1\n  ]\n}'],
];

test("a value is typed as its kind has it, and read as the same again", () => {
  for (const [field, value, draft] of pairs) {
    expect([field.kind, draftOf(value, field)]).toEqual([field.kind, draft]);
    expect(readDraft(draft, field)).toEqual({ kind: "value", value });
  }
});

test("an empty input is no value, and what cannot be read says so", () => {
  for (const [field] of pairs) expect(readDraft("  ", field)).toEqual({ kind: "value", value: null });
  expect(readDraft("1,5", { kind: "decimal" })).toEqual({ kind: "value", value: 1.5 });
  const wrong: readonly [FieldShape, string][] = [
    [{ kind: "integer" }, "1.5"],
    [{ kind: "decimal" }, "abc"],
    [{ kind: "json" }, "{"],
    [{ kind: "integer", countMax: 2 }, "1\nx"],
  ];
  for (const [field, draft] of wrong) expect([draft, readDraft(draft, field).kind]).toEqual([draft, "wrong"]);
});

test("who only looks reads words", () => {
  expect(shownValue(["s", "m", "gone"], { kind: "choice", choices, countMax: 3 }, "en")).toBe("Small, m, gone");
  expect(shownValue(true, { kind: "boolean" }, "en")).toBe("Yes");
  expect(shownValue(undefined, { kind: "text" }, "en")).toBe("–");
});

test("what core takes whole has neither what was taken away nor what was never there", () => {
  expect(mergedValues({ a: 1, b: 2 }, { b: null, c: 3 })).toEqual({ a: 1, c: 3 });
});

test("core's words stand at the field that they are about", () => {
  const told = new Map([
    ["customFields.care", "must be a text"],
    ["variants.2.customFields.bin", "is required"],
    ["title", "is missing"],
  ]);
  expect([...errorsByKey(told)]).toEqual([
    ["care", "must be a text"],
    ["bin", "is required"],
  ]);
});
