import { expect, test } from "bun:test";
import fc from "fast-check";
import { corpusOf } from "./corpus.ts";
import { stretchesOf, termsWanted } from "./highlight.ts";
import { planQuery } from "./query.ts";
import { readQuery } from "./read-query.ts";

const wanted = (text: string) => termsWanted(planQuery(readQuery(text), corpusOf(new Map()), new Map()));
const matches = (text: string, query: string) =>
  stretchesOf(text, wanted(query))
    ?.filter(({ isMatch }) => isMatch)
    .map((stretch) => stretch.text);

test("what was looked for is marked as it is written in the text", () => {
  expect(matches('Headphones, wireless, 24" screen', "headphone 24 inch")).toEqual(["Headphones", '24"']);
  expect(matches("Wool T-Shirt", "tshirts")).toEqual(["T-Shirt"]);
  expect(matches("Oak desk", "lamp")).toBeUndefined();
});

test("stretches put together are the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), fc.string({ maxLength: 10 }), (text, query) => {
      const stretches = stretchesOf(text, wanted(`${query} ${text.slice(0, 5)}`));
      if (stretches) expect(stretches.map((stretch) => stretch.text).join("")).toBe(text);
    }),
  );
});
