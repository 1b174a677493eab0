import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Glob } from "bun";

const root = resolve(import.meta.dir, "..");

test("every relative link of every page leads to a file", async () => {
  const broken: string[] = [];
  for await (const page of new Glob("{*.md,docs/**/*.md}").scan({ cwd: root })) {
    const source = await Bun.file(resolve(root, page)).text();
    for (const [, target = ""] of source.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:|^#/.test(target)) continue;
      const file = resolve(root, dirname(page), target.split("#")[0] ?? "");
      if (!existsSync(file)) broken.push(`${page} → ${target}`);
    }
  }
  expect(broken).toEqual([]);
});
