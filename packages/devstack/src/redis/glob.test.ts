import { expect, test } from "bun:test";
import { globPattern } from "./glob.ts";

test.each([
  ["v1:*", "v1:shop", true],
  ["v1:*", "v2:shop", false],
  ["h?llo", "hello", true],
  ["h?llo", "hllo", false],
  ["h[ae]llo", "hallo", true],
  ["h[^e]llo", "hello", false],
  ["h[a-c]llo", "hbllo", true],
  ["h[c-a]llo", "hbllo", true],
  ["a\\*b", "a*b", true],
  ["a\\*b", "axb", false],
  ["a.c", "abc", false],
  ["a**c", "a\nc", true],
  ["[", "[", false],
])("pattern %p on %p answers %p", (glob, text, matches) => {
  expect(globPattern(glob).test(text)).toBe(matches);
});
