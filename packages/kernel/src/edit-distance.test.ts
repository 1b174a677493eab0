import { expect, test } from "bun:test";
import { editDistance } from "./edit-distance.ts";

test.each([
  ["leather", "leather", 0],
  ["leahter", "leather", 1],
  ["lether", "leather", 1],
  ["jcaket", "jacket", 1],
  ["jaket", "jacket", 1],
  ["abcdef", "abdcfe", 2],
  ["lamp", "kettle", 3],
])("from %p to %p it is %p edits, or more than two", (one, other, edits) => {
  expect(editDistance(one, other, 2)).toBe(edits);
});
