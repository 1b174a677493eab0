import { expect, test } from "bun:test";
import { join } from "node:path";
import { createProduct } from "../create-product.ts";
import { someProduct } from "../testing/catalog.ts";
import type { ImportOptions } from "./import-catalog.ts";
import { type ImportShop, importShop } from "./testing/import-shop.ts";

/** A line of an export: a product of one SKU, made of these parts if of any. */
function lineOf(sku: string, ...parts: string[]): string {
  const { categoryIds: _, ...content } = someProduct({ skus: [sku] });
  const kit = parts.length > 0 ? { kit: parts.map((part) => ({ sku: part, quantity: 1 })) } : {};
  const variants = content.variants.map((variant) => ({ ...variant, ...kit, prices: [] }));
  const product = { stoa: 1, key: sku, slug: sku.toLowerCase(), status: "published", categories: [] };
  return JSON.stringify({ ...product, content: { ...content, variants } });
}

async function run(shop: ImportShop, lines: readonly string[], options: Partial<ImportOptions> = {}) {
  const file = join(shop.mediaDir, "kits.jsonl");
  await Bun.write(file, lines.join("\n"));
  return shop.run("", { file, ...options });
}

test("a file holds its kits to what staff may write: no kit of kits, no SKU that becomes one or ceases to be one", async () => {
  await using shop = await importShop();
  await createProduct(shop.context(), someProduct({ skus: ["BOLT"] }));
  const made = await run(shop, [lineOf("SET", "BOLT"), lineOf("CASE", "SET"), lineOf("NUT")]);
  expect(made).toMatchObject({ created: 2, failed: 1 });
  expect(made.errors.map(({ line, message }) => [line, message])).toEqual([
    [2, "variants.0.kit.0.sku: a kit is no part of a kit"],
  ]);
  const turned = await run(shop, [lineOf("SET"), lineOf("NUT", "BOLT"), lineOf("BOLT", "NUT")]);
  expect(turned).toMatchObject({ updated: 0, failed: 3 });
  expect(turned.errors.map(({ message }) => message)).toEqual([
    "variants.0.kit: a SKU stays a kit, or none, for good; take a new SKU",
    "variants.0.kit: a SKU stays a kit, or none, for good; take a new SKU",
    "variants.0.kit: a SKU stays a kit, or none, for good; take a new SKU",
  ]);
});

test("a kit may stand before its parts, and has no stock of its own; one whose part is nowhere comes with a warning", async () => {
  await using shop = await importShop();
  const warnings: string[] = [];
  const issue: ImportOptions["issue"] = (_, { message }) => warnings.push(message);
  const lines = [lineOf("SET", "BOLT"), lineOf("BOLT"), lineOf("BOX", "NOWHERE")];
  expect(await run(shop, lines, { issue, defaultStock: 9 })).toMatchObject({ created: 3, failed: 0, warnings: 1 });
  expect(warnings).toEqual(["variants.0.kit.0.sku: no product has this SKU yet"]);
  expect(Object.fromEntries(shop.stock)).toEqual({ BOLT: 9 });
});
