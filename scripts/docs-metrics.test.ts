import { expect, test } from "bun:test";
import { resolve } from "node:path";
import { Glob } from "bun";

const root = resolve(import.meta.dir, "..");

async function textsOf(pattern: string): Promise<string[]> {
  const found: string[] = [];
  for await (const file of new Glob(pattern).scan({ cwd: root })) {
    if (!/\.test\.ts$|\/testing\//.test(file)) found.push(await Bun.file(resolve(root, file)).text());
  }
  return found;
}

function namesIn(texts: readonly string[], pattern: RegExp): Set<string> {
  return new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name]) => name ?? "")));
}

/** `metrics.counter({ name: "…"`, or a short form of its own with the name first; the HTTP histogram has its name in a constant. */
const DEFINED = /(?:\b(?:counter|gauge|histogram)\(\s*(?:\{\s*name: )?|const NAME = )"([a-z]+(?:_[a-z]+)+)"/g;
/** In a page, with or without labels: what ends as only metrics do. */
const TOLD = /`([a-z]+(?:_[a-z]+)*_(?:total|seconds|bytes))(?:\{[^`]*\})?`/g;

test("every metric stands in a page of docs, and pages name no other", async () => {
  const sources = [...(await textsOf("apps/*/src/**/*.ts")), ...(await textsOf("packages/runtime/src/**/*.ts"))];
  const defined = namesIn(sources, DEFINED);
  const pages = await textsOf("docs/**/*.md");
  expect(defined.size).toBeGreaterThan(40);
  expect([...defined].filter((name) => !pages.some((page) => new RegExp(`\`${name}[\`{]`).test(page)))).toEqual([]);
  expect([...namesIn(pages, TOLD).difference(defined)]).toEqual([]);
});
