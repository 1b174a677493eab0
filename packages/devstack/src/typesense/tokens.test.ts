import { expect, test } from "bun:test";
import { tokenize, words } from "./tokens.ts";

test.each([
  ["Größe XL", ["große", "xl"]],
  ["T-Shirt, crème!", ["tshirt", "creme"]],
  ["A.B-12/3", ["ab123"]],
  ["  ", []],
  ["価格 100", ["価格", "100"]],
])("%p has the words %j", (text, expected) => {
  expect(words(text)).toEqual(expected.map((word) => word.normalize("NFKD").replace(/\p{M}/gu, "")));
});

test("separators part words and symbols stay in them", () => {
  const rules = { separators: new Set(["-"]), symbols: new Set(["+"]) };
  expect(words("C++ T-Shirt", rules)).toEqual(["c++", "t", "shirt"]);
});

test("a word knows where it stands in the text", () => {
  const text = "Ein T-Shirt, neu";
  const [, shirt] = tokenize(text);
  expect(text.slice(shirt?.start, shirt?.end)).toBe("T-Shirt,");
});
