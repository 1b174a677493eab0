import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId, systemClock } from "@stoa/kernel";
import { openMediaStore } from "@stoa/runtime";
import type { RebuildResult } from "../projections/index.ts";
import { ensureCatalogIndexes, openCatalog } from "../services/catalog/index.ts";
import { noFields } from "../testing/index.ts";
import { type ImportCommandDeps, runImport } from "./import.ts";
import type { Output } from "./output.ts";
import { runRebuild } from "./rebuild.ts";

const mongoUrl = process.env.TEST_MONGODB_URL ?? "mongodb://127.0.0.1:27018";
const fixtures = join(import.meta.dir, "../services/catalog/import/fixtures");

function recorder(isTerminal = false) {
  const texts: string[] = [];
  const output: Output = { isTerminal, write: (text) => void texts.push(text) };
  return { output, text: () => texts.join("") };
}

async function importCommand(
  args: readonly string[],
  isTerminal = false,
  setStock: ImportCommandDeps["setStock"] = async () => [],
) {
  const name = `stoa_test_${newId("cat")}`;
  await using connection = openCatalog(mongoUrl, name);
  const { catalog } = connection;
  await ensureCatalogIndexes(catalog);
  const mediaDir = await mkdtemp(join(tmpdir(), "stoa-cli-"));
  const { output, text } = recorder(isTerminal);
  const deps = {
    catalog,
    clock: systemClock,
    output,
    files: openMediaStore({ folder: mediaDir }),
    locale: "en-US",
    changed: () => undefined,
    readFields: noFields,
    setStock,
  };
  try {
    const code = await runImport(
      args.map((argument) => argument.replace("{tmp}", mediaDir)),
      deps,
    ).catch((error: Error) => error.message);
    const report = Bun.file(join(mediaDir, "errors.jsonl"));
    const lines = (await report.exists()) ? (await report.text()).trim().split("\n") : [];
    return {
      code,
      text: text(),
      issues: lines.map((line) => JSON.parse(line)),
      products: await catalog.products.countDocuments(),
    };
  } finally {
    await rm(mediaDir, { recursive: true, force: true });
    await Promise.all([catalog.products.drop(), catalog.categories.drop(), catalog.sales.drop(), catalog.media.drop()]);
  }
}

test("stoa import keeps the good products, says what was left out and why, and writes it all to a file", async () => {
  const { code, text, issues, products } = await importCommand([
    join(fixtures, "shop.jsonl"),
    "--default-stock",
    "5",
    "--errors",
    "{tmp}/errors.jsonl",
  ]);
  expect([code, products]).toEqual([0, 32]);
  expect(text).toMatch(/new products +32\n/);
  expect(text).toContain("line 12: is no JSON\n");
  expect(issues.filter((issue) => issue.severity === "error")).toHaveLength(7);
  expect(issues.filter((issue) => issue.severity === "warning")).toEqual([
    { severity: "warning", line: 1, sku: "DISH-Red-S", message: "image missing.png is missing" },
  ]);
});

test("stoa import writes nothing when its report would have no folder", async () => {
  const file = join(fixtures, "shop.jsonl");
  const { code, text, products } = await importCommand([file, "--errors", "{tmp}/none/errors.jsonl"]);
  expect([code, products]).toEqual([2, 0]);
  expect(text).toMatch(/^There is no folder .*\/none\.\n/);
});

test("stoa import that breaks off says what is kept, and how to go on", async () => {
  const lost = async () => {
    throw new Error("the database is away");
  };
  const { code, text } = await importCommand([join(fixtures, "shop.jsonl"), "--default-stock", "5"], false, lost);
  expect(code).toBe("the database is away");
  expect(text).toContain("It broke off behind 0 products, which are kept. The same command goes on.\n");
});

test("stoa import --dry-run writes nothing and says so", async () => {
  const { code, text, products } = await importCommand([join(fixtures, "shop.csv"), "--dry-run"], true);
  expect([code, products]).toEqual([0, 0]);
  expect(text).toContain("Checked; nothing was written.");
  expect(text).toContain("\r100 %  3 products, 4 errors");
});

test("stoa import ends with 1 when nothing could be imported, with 2 when it was asked wrongly", async () => {
  expect((await importCommand([join(fixtures, "nothing.jsonl")])).code).toBe(1);
  expect((await importCommand(["picture.png"])).code).toBe(2);
  expect((await importCommand([])).code).toBe(2);
  expect((await importCommand(["a.jsonl", "--default-stock", "-1"])).code).toBe(2);
  expect((await importCommand(["a.jsonl", "--no-such-option"])).code).toBe(2);
  const help = await importCommand(["--help"]);
  expect([help.code, help.text.startsWith("Usage: stoa import <file>")]).toEqual([0, true]);
});

test("stoa rebuild tells what it did, or that another one is at it", async () => {
  const run = async (result: RebuildResult | null) => {
    const { output, text } = recorder();
    const clock = { now: () => 0 as never };
    const code = await runRebuild([], { projections: { rebuild: async () => result }, clock, output });
    return { code, text: text() };
  };
  const done = await run({ products: 12, removed: 3, documents: 11 });
  expect(done.code).toBe(0);
  expect(done.text).toMatch(/products +12\n.*search documents +11\n.*keys removed +3\n/s);
  expect((await run(null)).code).toBe(1);
});
