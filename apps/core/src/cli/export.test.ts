import { expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@stoa/kernel";
import { importCatalog } from "../services/catalog/index.ts";
import { testCatalog } from "../services/catalog/testing/catalog.ts";
import { noFields } from "../testing/index.ts";
import { runExport } from "./export.ts";

const fixtures = join(import.meta.dir, "../services/catalog/import/fixtures");

async function exportShop() {
  const shop = await testCatalog();
  const folder = await mkdtemp(join(tmpdir(), "stoa-export-"));
  const { catalog, files } = shop;
  const deps = {
    catalog,
    files,
    clock: systemClock,
    locale: "en-US",
    changed: () => undefined,
    readFields: noFields,
    setStock: async () => [],
  };
  const pieces: string[] = [];
  return {
    folder,
    text: () => pieces.join(""),
    bring: (file: string) => importCatalog(deps, { file, imagesDir: fixtures }),
    run: (args: readonly string[], signal?: AbortSignal) =>
      runExport(args, {
        catalog,
        readFields: noFields,
        clock: systemClock,
        output: { isTerminal: true, write: (piece) => void pieces.push(piece) },
        shop: async () => ({ locale: "en-US", defaultCurrency: "USD" as const }),
        ...(signal && { signal }),
      }),
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
      await shop[Symbol.asyncDispose]();
    },
  };
}

test("stoa export writes each kind of file, and stoa import finds nothing to change in any", async () => {
  await using shop = await exportShop();
  await shop.bring(join(fixtures, "shop.jsonl"));
  for (const name of ["all.jsonl", "all.csv", "all.jsonl.gz", "all.csv.gz"]) {
    const file = join(shop.folder, name);
    expect(await shop.run([file])).toBe(0);
    expect(await shop.bring(file)).toMatchObject({ created: 0, updated: 0, unchanged: 32, failed: 0 });
  }
  expect(shop.text()).toContain("\r32 of 32 products");
  expect(shop.text()).toMatch(/Exported 32 products to .*all\.jsonl in/);
});

test("stoa export says in a sentence that there is no such folder", async () => {
  await using shop = await exportShop();
  expect(await shop.run([join(shop.folder, "none", "all.jsonl")])).toBe(2);
  expect(shop.text()).toStartWith(`There is no folder ${join(shop.folder, "none")}.\n`);
});

test("stoa export leaves no half of a file, and the one that was there, when it is stopped", async () => {
  await using shop = await exportShop();
  await shop.bring(join(fixtures, "shop.jsonl"));
  const file = join(shop.folder, "all.jsonl");
  await Bun.write(file, "as it was");
  await expect(shop.run([file], AbortSignal.abort())).rejects.toThrow();
  expect(await readdir(shop.folder)).toEqual(["all.jsonl"]);
  expect(await Bun.file(file).text()).toBe("as it was");
});

test("stoa export takes a filter, and ends with 2 when it was asked wrongly", async () => {
  await using shop = await exportShop();
  await shop.bring(join(fixtures, "shop.jsonl"));
  const file = join(shop.folder, "some.jsonl");
  expect(await shop.run([file, "--search", "table 32", "--status", "published"])).toBe(0);
  expect((await Bun.file(file).text()).trim().split("\n")).toHaveLength(1);
  const wrong = [[], ["a.xml"], ["a.csv", "b.csv"], ["a.csv", "--status", "lost"], ["a.csv", "--no-such-option"]];
  for (const args of wrong) expect([args, await shop.run(args)]).toEqual([args, 2]);
  expect(await shop.run(["--help"])).toBe(0);
});
