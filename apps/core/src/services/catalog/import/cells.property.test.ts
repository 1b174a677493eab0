import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Attribute } from "../documents.ts";
import { attributeFromCell, decodeCell, decodeList, encodeAttribute, encodeCell, encodeList } from "./cells.ts";

/** Texts that spreadsheets, parsers and this very encoding trip over, among any others. */
const awkward = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc.array(fc.constantFrom(..."=＝'+-@＠\"\\ \t\n|[]{10.", "true"), { maxLength: 8 }).map((parts) => parts.join("")),
);
const nested = awkward.chain((text) =>
  fc.constantFrom(text, JSON.stringify(text), JSON.stringify(JSON.stringify(text))),
);

test("whatever text goes into a cell comes out of it", () => {
  fc.assert(fc.property(nested, (text) => expect(decodeCell(encodeCell(text))).toBe(text)));
});

test("no cell begins as a formula does", () => {
  fc.assert(fc.property(nested, (text) => expect(encodeCell(text)).not.toMatch(/^[=+\-@\t\r＝＋－＠]/)));
});

test("whatever list goes into a cell comes out of it", () => {
  const list = fc.array(
    nested.filter((text) => text !== ""),
    { maxLength: 4 },
  );
  fc.assert(fc.property(list, (texts) => expect(decodeList(decodeCell(encodeCell(encodeList(texts))))).toEqual(texts)));
});

test("whatever an attribute is, it is the same of the same kind behind a cell", () => {
  const text = nested.filter((value) => value !== "");
  const attribute = fc.oneof(
    text.map((value): Attribute => ({ code: "a", type: "text", value })),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((value): Attribute => ({ code: "a", type: "number", value: value + 0 })),
    fc.boolean().map((value): Attribute => ({ code: "a", type: "boolean", value })),
    fc.array(text, { minLength: 1, maxLength: 4 }).map((value): Attribute => ({ code: "a", type: "list", value })),
    fc.constant<Attribute>({ code: "a", type: "date", value: "2026-02-28" }),
  );
  fc.assert(
    fc.property(attribute, (given) => {
      expect(attributeFromCell("a", decodeCell(encodeCell(encodeAttribute(given))))?.attribute).toEqual(given);
    }),
  );
});

test("what people type into cells is read as they mean it", () => {
  const read = (cell: string) => attributeFromCell("a", decodeCell(cell))?.attribute.value;
  expect([read("true"), read(" 3.50 "), read("007"), read("a | b"), read("'=x"), read('5" pipe')]).toEqual([
    true,
    3.5,
    "007",
    ["a", "b"],
    "=x",
    '5" pipe',
  ]);
  expect([decodeCell('"Quoted"'), decodeCell("it's"), decodeCell("'tis")]).toEqual(['"Quoted"', "it's", "'tis"]);
});
