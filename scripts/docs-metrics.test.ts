import { expect, test } from "bun:test";
import { definedMetrics, namesIn, textsOf } from "./testing/defined-metrics.ts";

/** In a page, with or without labels: what ends as only metrics do. */
const TOLD = /`([a-z]+(?:_[a-z]+)*_(?:total|seconds|bytes))(?:\{[^`]*\})?`/g;

test("every metric stands in a page of docs, and pages name no other", async () => {
  const defined = await definedMetrics();
  const pages = await textsOf("docs/**/*.md");
  expect(defined.size).toBeGreaterThan(40);
  expect([...defined].filter((name) => !pages.some((page) => new RegExp(`\`${name}[\`{]`).test(page)))).toEqual([]);
  expect([...namesIn(pages, TOLD).difference(defined)]).toEqual([]);
});
