import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Glob } from "bun";

const root = resolve(import.meta.dir, "..");

async function pages(): Promise<string[]> {
  const found: string[] = [];
  for (const pattern of ["*.md", "docs/**/*.md"])
    for await (const page of new Glob(pattern).scan({ cwd: root })) found.push(page);
  return found;
}

test("every relative link of every page leads to a file", async () => {
  const found = await pages();
  // A pattern that matches nothing would let every link pass.
  expect(found).toContain("README.md");
  expect(found).toContain("docs/README.md");
  const broken: string[] = [];
  for (const page of found) {
    const source = await Bun.file(resolve(root, page)).text();
    for (const [, target = ""] of source.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:|^#/.test(target)) continue;
      if (!existsSync(resolve(root, dirname(page), target.split("#")[0] ?? ""))) broken.push(`${page} → ${target}`);
    }
  }
  expect(broken).toEqual([]);
});

/** Where a page may begin with a path of the code: at the root, or where the page has just said that it speaks of. */
const FOLDERS = ["", "apps/core/src", "apps/core/src/services", "apps/edge/src", "tests/faults"];

test("every file of the code that a page names is there", async () => {
  const missing: string[] = [];
  let named = 0;
  for (const page of await pages()) {
    const source = await Bun.file(resolve(root, page)).text();
    for (const [, file = ""] of source.matchAll(/`([\w.-]+(?:\/[\w.-]+)+\.tsx?)`/g)) {
      named += 1;
      if (!FOLDERS.some((folder) => existsSync(resolve(root, folder, file)))) missing.push(`${page} → ${file}`);
    }
  }
  expect(named).toBeGreaterThan(20);
  expect(missing).toEqual([]);
});
