import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CategoryId, newId } from "@stoa/kernel";
import fc from "fast-check";
import { aField } from "../../../testing/index.ts";
import { createProduct } from "../create-product.ts";
import { productContentSchema } from "../documents.ts";
import { importCatalog } from "../import/import-catalog.ts";
import { saveCategory } from "../save-category.ts";
import { saveProductType, saveProductTypeSchema } from "../save-product-type.ts";
import { product } from "../testing/arbitrary-product.ts";
import { someProduct, type TestCatalog, testCatalog } from "../testing/catalog.ts";
import { type ExportFormat, exportCatalog } from "./export-catalog.ts";

async function exported(shop: TestCatalog, format: ExportFormat, filter: object = {}): Promise<string> {
  let text = "";
  const deps = {
    catalog: shop.catalog,
    locale: "en-US",
    currency: "USD" as const,
    readFields: shop.context().readFields,
  };
  for await (const piece of exportCatalog(deps, { format, ...filter })) text += piece;
  return text;
}

async function imported(shop: TestCatalog, format: ExportFormat, text: string) {
  const folder = await mkdtemp(join(tmpdir(), "stoa-export-"));
  try {
    const file = join(folder, `file.${format}`);
    await Bun.write(file, text);
    const { catalog, clock, files } = shop;
    const { readFields } = shop.context();
    const deps = {
      catalog,
      clock,
      files,
      locale: "en-US",
      readFields,
      changed: () => undefined,
      setStock: async () => [],
    };
    return await importCatalog(deps, { file, imagesDir: folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const stored = (shop: TestCatalog) => shop.catalog.products.find({}).sort({ _id: 1 }).toArray();

async function fill(
  shop: TestCatalog,
  products: readonly (typeof product extends fc.Arbitrary<infer T> ? T : never)[],
) {
  const ids: CategoryId[] = [];
  for (const slug of ["tops", "hats", "caps"]) {
    const name = { "en-US": `${slug} | > of "all"` };
    ids.push((await saveCategory(shop.context(), { parentId: ids[0] ?? null, slug, name, position: 0 })).after._id);
  }
  for (const { categories, ...members } of products) {
    const variants = members.variants.map((variant) => ({ ...variant, sku: `=${newId("prod")}` }));
    const categoryIds = categories.flatMap((index) => ids[index] ?? []);
    await createProduct(shop.context(), productContentSchema.parse({ ...members, variants, categoryIds }));
  }
}

test("whatever the shop holds, bringing its export in again changes nothing, in either format", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(product, { minLength: 1, maxLength: 6 }), async (products) => {
      await using shop = await testCatalog();
      await fill(shop, products);
      const before = await stored(shop);
      for (const format of ["jsonl", "csv"] as const) {
        const result = await imported(shop, format, await exported(shop, format));
        expect(result).toMatchObject({ created: 0, updated: 0, unchanged: products.length, errors: [], warnings: 0 });
        expect(result.categoriesCreated).toBe(0);
        expect(await stored(shop)).toEqual(before);
      }
    }),
    { numRuns: 25 },
  );
}, 120_000);

test("a JSONL export makes the same products in another shop", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(product, { minLength: 1, maxLength: 6 }), async (products) => {
      await using shop = await testCatalog();
      await fill(shop, products);
      await using other = await testCatalog();
      const text = await exported(shop, "jsonl");
      expect(await imported(other, "jsonl", text)).toMatchObject({ created: products.length, failed: 0 });
      // The slugs of categories are those of their paths in a shop that did not have them.
      const bare = (exportText: string) =>
        exportText
          .trim()
          .split("\n")
          .map((one) => ({ ...JSON.parse(one), categories: null }))
          .sort((left, right) => (left.key < right.key ? -1 : 1));
      expect(bare(await exported(other, "jsonl"))).toEqual(bare(text));
      expect((await imported(other, "jsonl", text)).unchanged).toBe(products.length);
    }),
    { numRuns: 10 },
  );
}, 120_000);

test("an option called as something that every object has is empty where a variant lacks it", async () => {
  await using shop = await testCatalog();
  for (const sku of ["A-1", "B-1"]) await createProduct(shop.context(), someProduct({ skus: [sku] }));
  const called = { options: [{ name: "toString", values: ["x"] }], "variants.0.options": { toString: "x" } };
  await shop.catalog.products.updateOne({ "variants.sku": "A-1" }, { $set: called });
  const rows = (await exported(shop, "csv")).trim().split("\r\n");
  expect(rows.find((row) => row.includes("A-1"))).toContain(",x,");
  expect(rows.find((row) => row.includes("B-1"))).toContain(",,");
});

test("no cell of a CSV export is a formula, and what looked like one is in the shop as it was", async () => {
  await using shop = await testCatalog();
  const title = { "en-US": '=HYPERLINK("http://evil.example")' };
  await createProduct(shop.context(), someProduct({ skus: ["+SKU"], content: { title, brand: "@brand" } }));
  const text = await exported(shop, "csv");
  expect(text).toContain(`"'=HYPERLINK(""http://evil.example"")"`);
  expect(text).not.toMatch(/(?:^|,)"?[=+@-]/m);
  await shop.catalog.products.deleteMany({});
  expect(await imported(shop, "csv", text)).toMatchObject({ created: 1, failed: 0 });
  expect(await shop.catalog.products.findOne({})).toMatchObject({
    title,
    brand: "@brand",
    variants: [{ sku: "+SKU" }],
  });
});

test("typed products come back as their types want them, through a spreadsheet too", async () => {
  await using shop = await testCatalog();
  const type = saveProductTypeSchema.parse({
    code: "lamp",
    name: { en: "Lamp" },
    attributes: [
      { code: "model", kind: "text" },
      { code: "rooms", kind: "choice", countMax: 3, choices: [{ value: "hall" }, { value: "1" }] },
      { code: "since", kind: "date" },
      { code: "goes-with", kind: "reference", to: "product" },
      { code: "colour", kind: "choice", level: "variant", choices: [{ value: "7" }, { value: "red" }] },
    ],
  });
  await saveProductType(shop.context(), type);
  const bulb = await createProduct(shop.context(), someProduct({ title: "Bulb" }));
  const base = someProduct({ skus: ["L-1", "L-2"] });
  const colours = ["7", "red"];
  const variants = base.variants.map((variant, index) => {
    return { ...variant, attributes: [{ code: "colour", type: "text", value: colours[index] }] };
  });
  const attributes = [
    { code: "model", type: "text", value: "0815" },
    { code: "rooms", type: "list", value: ["1"] },
    { code: "since", type: "date", value: "2026-01-31" },
    { code: "goes-with", type: "reference", value: bulb._id },
  ];
  await createProduct(
    shop.context(),
    someProduct({ skus: ["L-1", "L-2"], content: { typeCode: "lamp", attributes, variants } }),
  );
  const before = await stored(shop);
  for (const format of ["csv", "jsonl"] as const) {
    const text = await exported(shop, format);
    expect(await imported(shop, format, text)).toMatchObject({ unchanged: 2, errors: [] });
    expect(await stored(shop)).toEqual(before);
  }
});

test("an export holds what its filter matches, and a changed line of it changes just that", async () => {
  await using shop = await testCatalog();
  await createProduct(shop.context(), someProduct({ title: "Red lamp", skus: ["RED"] }));
  await createProduct(shop.context(), someProduct({ title: "Oak desk", skus: ["OAK"] }));
  const text = await exported(shop, "csv", { search: "lamp" });
  expect(text.trim().split("\r\n")).toHaveLength(2);
  const dearer = text.replace("10.00", "12.50");
  expect(await imported(shop, "csv", dearer)).toMatchObject({ created: 0, updated: 1, failed: 0 });
  const lamp = await shop.catalog.products.findOne({ "variants.sku": "RED" });
  expect(lamp?.variants[0]?.prices).toEqual([{ currency: "USD", amount: 1_250 }]);
});

test("the shop's own fields go out and come back in either format, and a cell is judged as its field wants it", async () => {
  await using shop = await testCatalog();
  shop.fields.push(
    aField({ entity: "product", key: "care", kind: "text", countMax: 3 }),
    aField({ entity: "product", key: "spec", kind: "json" }),
    aField({ entity: "variant", key: "bin", kind: "integer", max: 9 }),
  );
  const base = someProduct({ skus: ["A", "B"], content: { customFields: { care: ["none"], spec: { a: [1] } } } });
  const variants = base.variants.map((variant, index) => ({ ...variant, customFields: { bin: index } }));
  await createProduct(shop.context(), { ...base, variants });
  await createProduct(shop.context(), someProduct({ skus: ["C"] }));
  const before = await stored(shop);
  for (const format of ["csv", "jsonl"] as const) {
    const text = await exported(shop, format);
    expect(await imported(shop, format, text)).toMatchObject({ unchanged: 2, errors: [] });
    expect(await stored(shop)).toEqual(before);
  }
  const text = await exported(shop, "csv");
  expect(text.split("\r\n")[0]).toEndWith("attributes,custom.care,custom.spec,variant.custom.bin");
  const [refused] = (await imported(shop, "csv", text.replace(/,1\r\n/, ",10\r\n"))).errors;
  expect(refused?.message).toBe("variants.1.customFields.bin: must be 9 or less");
  const emptied = text.replace(/,1\r\n/, ",none\r\n").replace('"[""none""]"', "Cold|Dry");
  expect(await imported(shop, "csv", emptied)).toMatchObject({ updated: 1, errors: [] });
  expect(await shop.catalog.products.findOne({ "variants.sku": "B" })).toMatchObject({
    customFields: { care: ["Cold", "Dry"], spec: { a: [1] } },
    variants: [{ customFields: { bin: 0 } }, { customFields: {} }],
  });
  const plain = JSON.stringify({
    id: "D",
    title: "D",
    custom_fields: { care: ["x"], nope: 1 },
    variants: [{ sku: "D", price_cents: 1 }],
  });
  const [unknown] = (await imported(shop, "jsonl", plain)).errors;
  expect(unknown?.message).toBe("customFields.nope: there is no such field");
});
