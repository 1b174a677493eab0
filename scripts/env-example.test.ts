import { expect, test } from "bun:test";
import { resolve } from "node:path";

const root = resolve(import.meta.dir, "..");
const configs = [
  "apps/core/src/config.ts",
  "apps/edge/src/config.ts",
  "apps/admin-web/config.ts",
  "packages/devstack/src/config.ts",
];

const text = (file: string) => Bun.file(resolve(root, file)).text();

test("every variable that is read stands in .env.example, and no other", async () => {
  const read = new Set<string>();
  for (const file of configs)
    for (const [, name] of (await text(file)).matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm)) read.add(name ?? "");
  const written = new Set(
    [...(await text(".env.example")).matchAll(/^([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name ?? ""),
  );
  expect([...read.difference(written)]).toEqual([]);
  expect([...written.difference(read)]).toEqual([]);
});
