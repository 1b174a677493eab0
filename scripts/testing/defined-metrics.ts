import { resolve } from "node:path";
import { Glob } from "bun";

const root = resolve(import.meta.dir, "../..");

/** The texts of the files of the project that a pattern matches, without tests and what serves them. */
export async function textsOf(pattern: string): Promise<string[]> {
  const found: string[] = [];
  for await (const file of new Glob(pattern).scan({ cwd: root })) {
    if (!/\.test\.ts$|\/testing\//.test(file)) found.push(await Bun.file(resolve(root, file)).text());
  }
  return found;
}

/** What a pattern's first group matches in any of the texts. */
export function namesIn(texts: readonly string[], pattern: RegExp): Set<string> {
  return new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name]) => name ?? "")));
}

/** `metrics.counter({ name: "…"`, or a short form of its own with the name first; the HTTP histogram has its name in a constant. */
const DEFINED = /(?:\b(?:counter|gauge|histogram)\(\s*(?:\{\s*name: )?|const NAME = )"([a-z]+(?:_[a-z]+)+)"/g;

/** The names of all metrics of the apps. */
export async function definedMetrics(): Promise<Set<string>> {
  const sources = [...(await textsOf("apps/*/src/**/*.ts")), ...(await textsOf("packages/runtime/src/**/*.ts"))];
  return namesIn(sources, DEFINED);
}
