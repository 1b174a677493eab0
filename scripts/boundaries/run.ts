import { resolve } from "node:path";
import { Glob } from "bun";
import { type Violation, violationsOf } from "./check.ts";

/** Checks every source file below a root. */
export async function checkTree(root: string): Promise<Violation[]> {
  const found: Violation[] = [];
  for (const pattern of ["apps/*/**/*.{ts,tsx}", "packages/*/**/*.{ts,tsx}", "tests/**/*.ts", "scripts/**/*.ts"]) {
    for await (const file of new Glob(pattern).scan({ cwd: root })) {
      if (/node_modules|\/dist\/|\/generated\/|\.d\.ts$|boundaries\.test\.ts$/.test(file)) continue;
      found.push(...violationsOf(file, await Bun.file(resolve(root, file)).text()));
    }
  }
  return found;
}

if (import.meta.main) {
  const found = await checkTree(resolve(import.meta.dir, "../.."));
  for (const { file, reason } of found) console.error(`${file}: ${reason}`);
  process.exit(found.length === 0 ? 0 : 1);
}
