import { describe, expect, test } from "bun:test";
import type { Json } from "@stoa/kernel";
import { newId, Problem } from "@stoa/kernel";
import fc from "fast-check";
import { aField as makeField } from "../../testing/index.ts";
import { type CustomField, fieldDefinitionSchema } from "./custom-field.ts";
import { definitionErrors } from "./definition-errors.ts";
import { changedValues, patched, shownToShoppers, valueError, valuesErrors, withDefaults } from "./values.ts";

const aField = (members: Record<string, unknown>) => makeField({ entity: "product", key: "it", ...members });

function aDefinition(members: Record<string, unknown>) {
  return fieldDefinitionSchema.parse({ entity: "product", key: "it", label: { en: "It" }, ...members });
}

/** Of each kind: the field, what it takes, and what it refuses. */
const kinds: readonly [name: string, field: CustomField, good: readonly Json[], bad: readonly Json[]][] = [
  [
    "text",
    aField({ kind: "text", lengthMin: 2, lengthMax: 4, pattern: "[A-Z]+" }),
    ["AB", "ABCD"],
    ["A", "ABCDE", "ab", "", "  ", "A\nB", "A\u0000B", "\ud800A", 5, true, ["AB"], {}],
  ],
  ["long text", aField({ kind: "long_text", lengthMax: 9 }), ["a\n\tb", "ünï"], ["0123456789", "\u0007", 1]],
  ["integer", aField({ kind: "integer", min: -1, max: 3 }), [-1, 0, 3], [-2, 4, 1.5, 2 ** 60, "1", true]],
  ["decimal", aField({ kind: "decimal", digits: 2, max: 10 }), [0.1, 1.25, 10, -3], [1.255, 10.01, 1e13, "1.0"]],
  ["boolean", aField({ kind: "boolean" }), [true, false], [0, "true", [true]]],
  [
    "date",
    aField({ kind: "date", min: "2026-01-01", max: "2026-12-31" }),
    ["2026-02-28"],
    ["2026-02-30", "2025-12-31", "2027-01-01", "28.02.2026", 20260228],
  ],
  [
    "time",
    aField({ kind: "datetime", min: "2026-01-01T00:00:00Z" }),
    ["2026-01-01T00:00:00.000Z", "2030-05-05T12:00:00Z"],
    ["2025-12-31T23:59:59Z", "2026-01-01", "2026-01-01T00:00:00+01:00"],
  ],
  ["choice", aField({ kind: "choice", choices: [{ value: "s" }, { value: "m" }] }), ["s", "m"], ["l", "", 1, ["s"]]],
  [
    "choices",
    aField({ kind: "choice", countMax: 2, choices: [{ value: "s" }, { value: "m" }] }),
    [["s"], ["m", "s"]],
    ["s", [], ["s", "s"], ["l"]],
  ],
  ["list", aField({ kind: "integer", countMax: 2, min: 1 }), [[1], [2, 1]], [1, [], [0], [1, 2, 3], [1, "2"]]],
  ["reference", aField({ kind: "reference", to: "product" }), [newId("prod")], [newId("cat"), "prod_1", 1]],
  [
    "JSON",
    aField({ kind: "json", bytesMax: 60 }),
    [{ a: [1, { b: null }] }, "text", [], 5],
    [{ long: "x".repeat(60) }, { a: "\u0000" }, { $where: 1 }, { "a.b": 1 }, [[[[[[[[[[1]]]]]]]]]]],
  ],
];

describe("each kind takes what it is for and refuses all else with a sentence", () => {
  for (const [name, field, good, bad] of kinds) {
    test(name, () => {
      for (const value of good) expect([value, valueError(value, field)]).toEqual([value, null]);
      for (const value of bad) expect([value, typeof valueError(value, field)]).toEqual([value, "string"]);
    });
  }
});

test("a pattern that would keep other engines busy for ever is judged, and rightly", () => {
  const judged = (pattern: string) =>
    valueError("a".repeat(1_000), aField({ kind: "text", lengthMax: 1_000, pattern }));
  expect(judged("(a+)+b")).toContain("form");
  // Who tries one way after another comes to the second form never, or gives up before it.
  expect(judged("(a+)+b|a+")).toBeNull();
});

test("of a value of any shape it is told whether it may be, and why not", () => {
  fc.assert(
    fc.property(fc.constantFrom(...kinds.map(([, field]) => field)), fc.jsonValue(), (field, value) => {
      const told = valueError(value as Json, field);
      expect(told === null || told.length > 0).toBe(true);
    }),
  );
});

const fields = [
  aField({
    entity: "customer",
    key: "vat",
    kind: "text",
    visibility: "shoppers",
    isShopperEditable: true,
    isRequired: true,
  }),
  aField({ entity: "customer", key: "tier", kind: "choice", choices: [{ value: "gold" }], visibility: "shoppers" }),
  aField({ entity: "customer", key: "risk", kind: "integer", max: 5 }),
  aField({ entity: "customer", key: "old", kind: "text", archivedAt: 1, visibility: "shoppers" }),
  aField({
    entity: "customer",
    key: "lang",
    kind: "text",
    defaultValue: "en",
    visibility: "shoppers",
    isRequired: true,
  }),
];

function errorsOf(work: () => unknown): string[] {
  try {
    work();
    return [];
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    expect(error.code).toBe("validation_failed");
    return (error.members.errors ?? []).map(({ path, message }) => `${path} ${message}`);
  }
}

test("shoppers change what is theirs, and learn nothing of what is for staff", () => {
  const change = { fields, before: { risk: 3 }, by: "shopper" as const, isComplete: true };
  expect(changedValues({ ...change, patch: { vat: "DE1" } })).toEqual({ risk: 3, vat: "DE1" });
  expect(errorsOf(() => changedValues({ ...change, patch: { vat: "DE1", risk: 1, nope: 1, tier: "gold" } }))).toEqual([
    "customFields.risk there is no such field",
    "customFields.nope there is no such field",
    "customFields.tier is not for shoppers to change",
  ]);
  expect(errorsOf(() => changedValues({ ...change, patch: { nope: null } }))).toEqual([
    "customFields.nope there is no such field",
    "customFields.vat is required",
  ]);
});

test("a shopper who guesses what staff have written is told no more than one who guesses wrong", () => {
  const change = { fields, before: { risk: 3 }, by: "shopper" as const, isComplete: false };
  const told = (risk: Json) => errorsOf(() => changedValues({ ...change, patch: { risk } }));
  for (const guess of [3, 4, "x", null]) expect(told(guess)).toEqual(["customFields.risk there is no such field"]);
  expect(told(3)).toEqual(errorsOf(() => changedValues({ ...change, before: {}, patch: { risk: 3 } })));
});

test("what is required has to be there for whoever may say it, unless something holds in its place", () => {
  const change = { fields, before: {}, patch: {}, isComplete: true };
  expect(errorsOf(() => changedValues({ ...change, by: "staff" }))).toEqual(["customFields.vat is required"]);
  expect(errorsOf(() => changedValues({ ...change, by: "staff", isComplete: false }))).toEqual([]);
  expect(withDefaults(fields, { vat: "DE1" })).toEqual({ lang: "en", vat: "DE1" });
});

test("old values stay, whatever has become of their field, and only what changes is judged", () => {
  const before = { old: "kept", risk: 9, gone: "no field any more", vat: "DE1" };
  const after = { ...before, tier: "gold" };
  const change = { fields, before, by: "staff" as const, isComplete: true };
  expect(valuesErrors({ ...change, after })).toEqual([]);
  expect(valuesErrors({ ...change, after: { ...after, old: "new", risk: 8 } }).map(({ path }) => path)).toEqual([
    "customFields.old",
    "customFields.risk",
  ]);
  expect(changedValues({ ...change, patch: { old: null, gone: null } })).toEqual({ risk: 9, vat: "DE1" });
  expect(shownToShoppers(fields, before)).toEqual({ old: "kept", vat: "DE1" });
});

test("all values together have a limit", () => {
  const many = Array.from({ length: 10 }, (_, index) =>
    aField({ key: `t${index}`, kind: "long_text", lengthMax: 20_000 }),
  );
  const after = Object.fromEntries(many.map(({ key }) => [key, "x".repeat(20_000)]));
  const errors = valuesErrors({ fields: many, before: {}, after, by: "staff", isComplete: true });
  expect(errors).toEqual([{ path: "customFields", message: "must have at most 65536 bytes together" }]);
  // Bytes are counted, not characters.
  const wide = Object.fromEntries(many.slice(0, 2).map(({ key }) => [key, "€".repeat(15_000)]));
  expect(valuesErrors({ fields: many, before: {}, after: wide, by: "staff", isComplete: true })).toEqual(errors);
});

test("a patch leaves what it does not name and takes away what it names with null", () => {
  expect(patched({ a: 1, b: 2 }, { b: null, c: 3 })).toEqual({ a: 1, c: 3 });
});

test("a definition that cannot hold is refused by the member at fault", () => {
  const wrong: readonly [path: string, members: Record<string, unknown>][] = [
    ["max", { kind: "integer", min: 2, max: 1 }],
    ["lengthMax", { kind: "text", lengthMin: 5, lengthMax: 4 }],
    ["pattern", { kind: "text", pattern: "(?<=a)b" }],
    ["pattern", { kind: "text", pattern: "(" }],
    ["choices", { kind: "choice", choices: [{ value: "a" }, { value: "a" }] }],
    ["choices", { kind: "choice", choices: [{ value: "a\nb" }] }],
    ["choices", { kind: "choice", choices: [{ value: " a" }] }],
    ["max", { kind: "datetime", min: "2026-01-01T00:00:00.500Z", max: "2026-01-01T00:00:00Z" }],
    ["isShopperEditable", { kind: "text", isShopperEditable: true, visibility: "shoppers" }],
    ["isShopperEditable", { entity: "order", kind: "text", isShopperEditable: true }],
    ["isShopperEditable", { entity: "order", kind: "json", isShopperEditable: true, visibility: "shoppers" }],
    ["isFilterable", { kind: "text", isFilterable: true }],
    ["isFilterable", { kind: "json", isFilterable: true, visibility: "shoppers" }],
    ["isSearchable", { entity: "order", kind: "text", isSearchable: true, visibility: "shoppers" }],
    ["visibility", { kind: "reference", to: "customer", visibility: "shoppers" }],
    ["visibility", { entity: "order", kind: "reference", to: "product", visibility: "shoppers" }],
    ["defaultValue", { kind: "integer", defaultValue: "1" }],
  ];
  for (const [path, members] of wrong) {
    expect([members, definitionErrors(aDefinition(members)).map((error) => error.path)]).toEqual([members, [path]]);
  }
  expect(definitionErrors(aDefinition({ kind: "text", pattern: "[A-Z]{2}\\d+", defaultValue: "DE1" }))).toEqual([]);
  const times = { min: "2026-01-01T00:00:00Z", max: "2026-01-01T00:00:00.500Z" };
  expect(definitionErrors(aDefinition({ kind: "datetime", ...times }))).toEqual([]);
});

test("a definition has a name, and a key that is safe everywhere", () => {
  const make = (members: Record<string, unknown>) =>
    fieldDefinitionSchema.safeParse({ entity: "product", key: "it", label: { en: "It" }, kind: "boolean", ...members })
      .success;
  expect(make({})).toBe(true);
  for (const key of ["", "It", "1st", "a.b", "$a", "__proto__", "a-b", "x".repeat(41)])
    expect([key, make({ key })]).toEqual([key, false]);
  expect(make({ label: { en: " " } })).toBe(false);
  expect(make({ lengthMax: 5 })).toBe(false);
});
