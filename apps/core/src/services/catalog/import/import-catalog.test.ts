import { expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { slugSchema } from "../names.ts";
import { updateProduct } from "../update-product.ts";
import { openChunks } from "./file-lines.ts";
import type { ImportOptions } from "./import-catalog.ts";
import { fixtures, importShop } from "./testing/import-shop.ts";

test("every bad line is told of with its number, SKU and reason, and all good ones are kept", async () => {
  await using shop = await importShop();
  const result = await shop.run("shop.jsonl");
  expect(result).toMatchObject({ created: 32, updated: 0, unchanged: 0, failed: 7, warnings: 1, categoriesCreated: 7 });
  expect(result.errors.map(({ line, sku }) => [line, sku])).toEqual([
    [12, ""],
    [13, "FIX-013"],
    [14, "FIX-002"],
    [15, ""],
    [16, "FIX-016"],
    [28, "ODD-1"],
    [30, "FIX-030"],
  ]);
  expect(result.errors.map(({ message }) => message)).toEqual([
    "is no JSON",
    "has no price",
    "SKU FIX-002 stands on line 2 already",
    expect.stringContaining("variants"),
    expect.stringContaining("price_cents"),
    "variants.1: the combination of options stands here twice",
    expect.stringContaining("currency"),
  ]);
  expect(await shop.catalog.products.countDocuments({ status: "published", dirty: true })).toBe(32);
});

test("while a file of bad lines is read, others have their turn", async () => {
  await using shop = await importShop();
  const bad = new TextEncoder().encode("{}\n".repeat(3_000));
  async function* pieces() {
    for (let piece = 0; piece < 10; piece += 1) yield bad;
  }
  let [told, turns] = [0, 0];
  const take = () => {
    turns += 1;
    if (told < 30_000) setImmediate(take);
  };
  const issue = () => {
    told += 1;
    if (told === 1) setImmediate(take);
  };
  const source = openChunks(pieces(), { size: null, isPacked: false });
  expect(await shop.run("bad.jsonl", { source, issue })).toMatchObject({ created: 0, failed: 30_000 });
  expect(turns).toBeGreaterThan(1);
});

test("a product comes in whole: variants, special price, attributes by type, images by content", async () => {
  await using shop = await importShop();
  await shop.run("shop.jsonl");
  const dish = await shop.catalog.products.findOne({ importKey: "fix-1" });
  const [image = ""] = await readdir(shop.mediaDir);
  expect(dish).toMatchObject({
    slug: "creme-brulee-dish",
    title: { "en-US": "Crème brûlée dish" },
    collections: ["collections-spring"],
    attributes: [
      { code: "material", type: "text", value: "Stoneware" },
      { code: "care", type: "list", value: ["Oven", "Dishwasher"] },
    ],
    media: [{ url: `/media/${image}` }, { url: "https://images.example/dish-side.webp" }],
    options: [
      { name: "colour", values: ["Red", "Blue"] },
      { name: "size", values: ["S", "L"] },
    ],
  });
  expect(dish?.variants.map(({ sku, prices: [price] }) => [sku, price?.amount, price?.compareAt])).toEqual([
    ["DISH-Red-S", 1_800, undefined],
    ["DISH-Red-L", 1_900, 2_400],
    ["DISH-Blue-S", 1_800, undefined],
    ["DISH-Blue-L", 1_900, 2_400],
  ]);
  const slugs = await shop.catalog.categories.find({}).sort({ slug: 1 }).toArray();
  expect(slugs.map(({ slug }) => slug)).toEqual([
    "furniture",
    "furniture-chairs",
    "furniture-tables",
    "kitchen",
    "kitchen-dishes",
    "lighting",
    "lighting-lamps",
  ]);
});

test("products of one title get slugs of their own, the same ones in every shop", async () => {
  const slugsOf = async () => {
    await using shop = await importShop();
    await shop.run("shop.jsonl");
    const lamps = await shop.catalog.products.find({ sortTitle: "lamp" }).sort({ importKey: 1 }).toArray();
    return lamps.map(({ slug }) => slug);
  };
  const slugs = await slugsOf();
  expect(slugs.slice(0, 3)).toEqual(["lamp", "lamp-fix-018", "lamp-fix-019"]);
  expect(await slugsOf()).toEqual(slugs);
});

test("a slug that is made of a long title and a SKU is one that may be given", async () => {
  await using shop = await importShop();
  const title = `${"lamp ".repeat(12)}of brass`;
  const lines = ["A-1", "B-2"].map((sku) => JSON.stringify({ id: sku, title, variants: [{ sku, price_cents: 1 }] }));
  const file = join(shop.mediaDir, "long.jsonl");
  await Bun.write(file, lines.join("\n"));
  await shop.run("", { file });
  for (const { slug } of await shop.catalog.products.find({}).toArray()) {
    expect([slug, slugSchema.safeParse(slug).success]).toEqual([slug, true]);
  }
});

test("a second run writes nothing, and leaves what staff and sales have changed meanwhile", async () => {
  await using shop = await importShop();
  await shop.run("shop.jsonl", { defaultStock: 50 });
  expect(shop.stock.get("FIX-017")).toBe(50);
  expect(shop.stock.get("FIX-031")).toBe(0);
  const chair = await shop.catalog.products.findOne({ importKey: "fix-2" });
  if (!chair) throw new Error("the chair is missing");
  await updateProduct(shop.context(), { id: chair._id, version: 1, patch: { brand: "Staff" } });
  shop.stock.set("FIX-017", 48);
  const before = await shop.catalog.products.find({}).sort({ _id: 1 }).toArray();
  const again = await shop.run("shop.jsonl", { defaultStock: 50 });
  expect(again).toMatchObject({
    created: 0,
    updated: 0,
    unchanged: 32,
    failed: 7,
    categoriesCreated: 0,
    imagesCopied: 0,
  });
  expect(await shop.catalog.products.find({}).sort({ _id: 1 }).toArray()).toEqual(before);
  expect(shop.stock.get("FIX-017")).toBe(48);
});

test("a changed line changes its product only, and keeps what a file cannot name", async () => {
  await using shop = await importShop();
  await shop.run("shop.jsonl");
  const table = await shop.catalog.products.findOne({ importKey: "fix-32" });
  const [variant] = table?.variants ?? [];
  if (!table || !variant) throw new Error("the table is missing");
  await updateProduct(shop.context(), {
    id: table._id,
    version: 1,
    patch: {
      title: { ...table.title, de: "Tisch" },
      variants: [{ ...variant, taxClass: "reduced", prices: [...variant.prices, { currency: "EUR", amount: 19_000 }] }],
    },
  });
  const lines = (await Bun.file(join(fixtures, "shop.jsonl")).text()).replace('"Table 32"', '"Desk 32"');
  const file = join(shop.mediaDir, "changed.jsonl.gz");
  await Bun.write(file, Bun.gzipSync(new TextEncoder().encode(lines)));
  expect(await shop.run("", { file })).toMatchObject({ created: 0, updated: 1, unchanged: 31 });
  expect(await shop.catalog.products.findOne({ _id: table._id })).toMatchObject({
    slug: "table-32",
    title: { "en-US": "Desk 32", de: "Tisch" },
    revision: 3,
    variants: [
      {
        sku: "FIX-032",
        taxClass: "reduced",
        prices: [
          { currency: "USD", amount: 20_032 },
          { currency: "EUR", amount: 19_000 },
        ],
      },
    ],
  });
});

test("a dry run tells the same and writes nothing", async () => {
  await using shop = await importShop();
  const dry = await shop.run("shop.jsonl", { dryRun: true, defaultStock: 9 });
  const counts = await Promise.all([shop.catalog.products.countDocuments(), shop.catalog.categories.countDocuments()]);
  expect([...counts, shop.stock.size, (await readdir(shop.mediaDir)).length]).toEqual([0, 0, 0, 0]);
  const wet = await shop.run("shop.jsonl", { defaultStock: 9 });
  expect({ ...dry, dryRun: false, imagesCopied: 1 }).toEqual(wet);
});

test("CSV: rows of one product become its variants, amounts follow the currency's digits, bad rows keep their number", async () => {
  await using shop = await importShop();
  const result = await shop.run("shop.csv");
  expect(result).toMatchObject({ created: 3, failed: 4, categoriesCreated: 3 });
  expect(result.errors.map(({ line, sku }) => [line, sku])).toEqual([
    [6, "BAD-1"],
    [8, "HALF-L"],
    [9, "NO-PRODUCT"],
    [10, "row"],
  ]);
  const coat = await shop.catalog.products.findOne({ importKey: "rain-coat" });
  expect(coat).toMatchObject({
    slug: "rain-coat",
    description: { "en-US": "Keeps dry,\nalso in storms" },
    attributes: [
      { code: "material", type: "text", value: "Nylon" },
      { code: "waterproof", type: "boolean", value: true },
      { code: "layers", type: "number", value: 3 },
      { code: "care", type: "list", value: ["Wash", "Hang"] },
    ],
    variants: [
      {
        sku: "COAT-S",
        barcode: "4006381333931",
        weightGrams: 800,
        prices: [{ currency: "USD", amount: 4_990, compareAt: 5_990 }],
      },
      { sku: "COAT-L", options: { size: "L" }, prices: [{ currency: "USD", amount: 5_490 }] },
    ],
  });
  const mug = await shop.catalog.products.findOne({ importKey: "mug" });
  expect(mug?.variants[0]?.prices).toEqual([{ currency: "JPY", amount: 1_200 }]);
  expect(Object.fromEntries(shop.stock)).toEqual({ "COAT-S": 5, MUG: 12, BOWL: 3 });
});

test("an image outside the images folder, or one that is no image, is not taken", async () => {
  await using shop = await importShop();
  const line = (id: string, image: string) =>
    JSON.stringify({ id, title: id, variants: [{ sku: id, price_cents: 1, image }], images: [image] });
  const file = join(shop.mediaDir, "images.jsonl");
  await Bun.write(file, `${line("up", "../import-catalog.ts")}\n${line("page", "shop.csv")}\n`);
  const warnings: string[] = [];
  const issue: ImportOptions["issue"] = (_, { message }) => warnings.push(message);
  expect(await shop.run("", { file, issue })).toMatchObject({ created: 2, warnings: 2, imagesCopied: 0 });
  expect(warnings.sort()).toEqual([
    "image ../import-catalog.ts lies outside the images folder",
    "image shop.csv is no JPEG, PNG, WebP, AVIF or GIF",
  ]);
});

const seedFile = process.env.TEST_CATALOG_FILE;

test.skipIf(!seedFile)(
  "the seed catalogue of 5,000 products comes in whole (needs TEST_CATALOG_FILE)",
  async () => {
    await using shop = await importShop();
    const file = seedFile ?? "";
    const imagesDir = join(file, "..");
    const first = await shop.run("", { file, imagesDir, defaultStock: 100 });
    expect(first).toMatchObject({ created: 5_000, failed: 0, skus: 6_700, warnings: 0 });
    expect(shop.stock.size).toBe(6_700);
    const second = await shop.run("", { file, imagesDir, defaultStock: 100 });
    expect(second).toMatchObject({ created: 0, updated: 0, unchanged: 5_000, failed: 0 });
  },
  120_000,
);
