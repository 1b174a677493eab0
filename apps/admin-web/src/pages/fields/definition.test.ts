import { expect, test } from "bun:test";
import type { CustomField } from "../../fields/field.ts";
import { choicesText, definitionOf, emptyForm, formOf, keyFrom, offeredRights, readChoices } from "./definition.ts";

const stamps = { archivedAt: null, version: 3, createdAt: 0, updatedAt: 0 };
const shared = {
  entity: "product",
  key: "it",
  label: { en: "It", de: "Es" },
  help: {},
  isRequired: true,
  visibility: "shoppers",
  isShopperEditable: false,
  isFilterable: true,
  isSearchable: false,
  isPersonal: true,
};
const choices = [
  { value: "s", label: { en: "Small", de: "Klein" } },
  { value: "m", label: {} },
];
const kinds = [
  { kind: "text", countMax: 2, lengthMin: 1, lengthMax: 9, pattern: "[a-z]+", defaultValue: ["a"] },
  { kind: "long_text", lengthMax: 900 },
  { kind: "integer", countMax: 1, min: -1, max: 5, defaultValue: 0 },
  { kind: "decimal", countMax: 1, min: 0.5, digits: 3 },
  { kind: "boolean", defaultValue: false },
  { kind: "date", countMax: 1, min: "2026-01-01" },
  { kind: "datetime", countMax: 1, max: "2026-01-01T00:00:00Z" },
  { kind: "choice", countMax: 2, choices },
  { kind: "reference", countMax: 4, to: "category" },
  { kind: "json", bytesMax: 99, defaultValue: { a: 1 } },
];

test("a definition that is opened and saved untouched is the one it was, of every kind", () => {
  for (const members of kinds) {
    const before = { ...shared, ...stamps, ...members } as unknown as CustomField;
    expect<unknown>(definitionOf({ form: formOf(before, "en"), before, locale: "en" })).toEqual({
      ...shared,
      ...members,
    });
  }
});

test("what is no number, and a default that cannot be read, is told by its member", () => {
  const form = { ...emptyForm("product"), kind: "integer" as const, countMax: "many", min: "low", defaultValue: "x" };
  const wrong = definitionOf({ form, before: null, locale: "en" });
  expect(wrong instanceof Map && [...wrong.keys()].sort()).toEqual(["countMax", "defaultValue", "min"]);
});

test("choices are typed a line each and keep their names in other languages", () => {
  expect(choicesText(choices, "en")).toBe("s | Small\nm");
  expect(readChoices("m\n\n s | Little \nl | Large", choices, "en")).toEqual([
    { value: "m", label: {} },
    { value: "s", label: { en: "Little", de: "Klein" } },
    { value: "l", label: { en: "Large" } },
  ]);
});

test("a bar is part of a choice as well as of its name, and so is what writes it", () => {
  const barred = ["a|b", "|", "a\\|b", "a\\\\b", "\\", "C:\\new", "a\\"].map((value, index) => ({
    value,
    label: index % 2 === 0 ? { en: "left | right" } : {},
  }));
  expect(choicesText(barred.slice(0, 2), "en")).toBe("a\\|b | left | right\n\\|");
  expect(readChoices(choicesText(barred, "en"), barred, "en")).toEqual(barred);
});

test("a key is made of a name", () => {
  expect(keyFrom("Care & washing")).toBe("care_washing");
  expect(keyFrom("2nd Größe!")).toBe("nd_gro_e");
  expect(keyFrom("…")).toBe("");
});

test("only rights that can be are offered", () => {
  const form = { ...emptyForm("order"), isShown: true };
  expect(offeredRights(form)).toMatchObject({ shopperEditable: true, filterable: false, personal: true });
  expect(offeredRights({ ...form, isShown: false })).toMatchObject({ shopperEditable: false });
  expect(offeredRights({ ...form, kind: "reference" })).toMatchObject({ shown: false });
  expect(offeredRights({ ...form, entity: "variant" })).toMatchObject({ filterable: true, searchable: true });
});
