import { expect, test } from "bun:test";
import { type Instant, newId, type ProductId } from "@stoa/kernel";
import { createProduct } from "../create-product.ts";
import type { Price } from "../documents.ts";
import { newProductDocument } from "../product.ts";
import { publishProduct, scheduleProduct, touchDueProducts, unpublishProduct } from "../publish-product.ts";
import { someProduct, type TestCatalog, testCatalog } from "../testing/catalog.ts";
import { updateProduct } from "../update-product.ts";
import { upsertProducts } from "../upsert-products.ts";
import { keepOffers } from "./history.ts";
import { readPrices, setPrices } from "./set-prices.ts";
import { priceWarnings } from "./warnings.ts";

const DAY_MS = 86_400_000;
const usd = { currency: "USD" } as const;
const START = Date.parse("2026-03-01T12:00:00Z");
const day = (count: number) => (START + count * DAY_MS) as Instant;

/** A shop with one published product of one SKU; each act happens a day after the one before. */
async function pricedShop(prices: readonly Price[]) {
  const shop = await testCatalog();
  const product = await createProduct(shop.context(), someProduct({ skus: ["S"] }));
  let version = product.revision;
  const id: ProductId = product._id;
  const act = async (work: (at: { id: ProductId; version: number }) => Promise<{ after: { revision: number } }>) => {
    version = (await work({ id, version })).after.revision;
    shop.clock.advance(DAY_MS);
  };
  const price = (now: readonly Price[]) =>
    act((at) => setPrices(shop.context(), { ...at, variants: [{ sku: "S", prices: [...now] }] }));
  await price(prices);
  await act((at) => publishProduct(shop.context(), at));
  const steps = async () => {
    const [outlook] = await readPrices(shop.catalog, id);
    const found = outlook?.steps.find(({ currency }) => currency === "USD")?.steps ?? [];
    return found.map(({ from, price: told, lowestPrior }) => [
      (from - START) / DAY_MS,
      told?.amount ?? null,
      lowestPrior,
    ]);
  };
  return { shop, id, act, price, steps, [Symbol.asyncDispose]: () => shop[Symbol.asyncDispose]() };
}

test("what a product was offered at is written down before it is replaced: prices, showing, and taking down", async () => {
  await using world = await pricedShop([{ ...usd, amount: 900 }]);
  await world.price([{ ...usd, amount: 1_200 }]);
  await world.act((at) => updateProduct(world.shop.context(), { ...at, patch: { brand: "Stoa" } }));
  await world.act((at) => unpublishProduct(world.shop.context(), at));
  await world.price([{ ...usd, amount: 100 }]);
  await world.price([{ ...usd, amount: 1_000, compareAt: 1_200 }]);
  await world.act((at) => publishProduct(world.shop.context(), at));
  // What it would have cost while it was not for sale is no price.
  expect(await world.steps()).toEqual([
    [1, 900, null],
    [2, 1_200, null],
    [4, null, null],
    [7, 1_000, 900],
  ]);
  // A change of nothing that anybody pays, and one of a group's price, leave no version.
  const count = await world.shop.catalog.offers.countDocuments();
  await world.price([
    { ...usd, amount: 1_000, compareAt: 1_200 },
    { ...usd, amount: 1, customerGroup: "trade" },
  ]);
  expect(await world.shop.catalog.offers.countDocuments()).toBe(count);
});

test("a version is kept though its replacement is refused or breaks off, and stands there once", async () => {
  await using world = await pricedShop([{ ...usd, amount: 900 }]);
  const { catalog } = world.shop;
  const before = await catalog.products.findOne({ _id: world.id });
  if (!before) throw new Error("is gone");
  const members = { variants: before.variants.map((variant) => ({ ...variant, prices: [{ ...usd, amount: 500 }] })) };
  // Somebody crashed, or was too late, between the two writes.
  await keepOffers(world.shop.context(), [{ before, members }]);
  await world.price([{ ...usd, amount: 800, compareAt: 900 }]);
  expect(await world.steps()).toEqual([
    [1, 900, null],
    [2, 800, 900],
  ]);
});

test("of several prices within one moment the last one is told, since the others never held", async () => {
  await using world = await pricedShop([{ ...usd, amount: 900 }]);
  const { shop } = world;
  for (const amount of [700, 800, 850]) {
    const product = await shop.catalog.products.findOne({ _id: world.id });
    await setPrices(shop.context(), {
      ...{ id: world.id, version: product?.revision ?? 0 },
      variants: [{ sku: "S", prices: [{ ...usd, amount }] }],
    });
  }
  const [outlook] = await readPrices(shop.catalog, world.id);
  expect(outlook?.steps[0]?.steps.map(({ price }) => price?.amount)).toEqual([900, 850]);
});

test("an import and the sweep that shows or takes down write down what they replace too", async () => {
  await using world = await pricedShop([{ ...usd, amount: 900 }]);
  const { shop, id } = world;
  const before = await shop.catalog.products.findOne({ _id: id });
  if (!before) throw new Error("is gone");
  const imported = someProduct({
    skus: ["S"],
    content: { variants: [{ sku: "S", prices: [{ ...usd, amount: 600 }] }] },
  });
  const names = { importKey: "k", importHash: "h", slug: before.slug, status: "published" } as const;
  expect(await upsertProducts(shop.context(), [{ existing: before, content: imported, ...names }])).toEqual([
    { kind: "written" },
  ]);
  shop.clock.advance(DAY_MS);
  const after = await shop.catalog.products.findOne({ _id: id });
  await scheduleProduct(shop.context(), { id, version: after?.revision ?? 0, unpublishAt: day(5) });
  shop.clock.advance(day(6) - shop.clock.now());
  await touchDueProducts(shop.context());
  expect(await world.steps()).toEqual([
    [1, 900, null],
    [2, 600, null],
    [5, null, null],
  ]);
});

test("a product of before the history begins with its creation", async () => {
  await using shop = await testCatalog();
  const content = someProduct({ skus: ["OLD"] });
  const id = newId("prod");
  await shop.catalog.products.insertOne(
    newProductDocument({ id, slug: "old", status: "published", content, now: day(-400) }),
  );
  await setPrices(shop.context(), {
    ...{ id, version: 1 },
    variants: [{ sku: "OLD", prices: [{ ...usd, amount: 900, compareAt: 1_000 }] }],
  });
  const [outlook] = await readPrices(shop.catalog, id);
  expect(outlook?.steps[0]?.steps.map(({ price, lowestPrior }) => [price?.amount, lowestPrior])).toEqual([
    [1_000, null],
    [900, 1_000],
  ]);
});

const warned = (prices: readonly Price[]) => {
  const [variant] = someProduct({ content: { variants: [{ sku: "S", prices }] } }).variants;
  return variant ? priceWarnings(variant).map(({ kind, places, from, until }) => [kind, places, from, until]) : [];
};

test("windows that overlap, and sales that are dearer than no sale, are warned of; windows that meet are not", () => {
  const [a, b, c] = [day(1), day(2), day(3)];
  const lasting = { ...usd, amount: 1_000 };
  const sale = (amount: number, startsAt: Instant | undefined, endsAt: Instant | undefined): Price => {
    return { ...usd, amount, ...(startsAt && { startsAt }), ...(endsAt && { endsAt }) };
  };
  expect(warned([lasting, sale(800, a, b), sale(700, b, c)])).toEqual([]);
  expect(warned([lasting, sale(800, a, c), sale(700, b, undefined)])).toEqual([["overlap", [1, 2], b, c]]);
  expect(warned([lasting, sale(1_000, a, b)])).toEqual([["never_lowest", [1], undefined, undefined]]);
  const trade = { customerGroup: "trade" };
  expect(warned([sale(800, a, c), { ...sale(700, a, c), ...trade }, { ...sale(700, a, c), minQuantity: 5 }])).toEqual(
    [],
  );
  expect(warned([sale(800, undefined, b), { ...sale(700, a, c), currency: "EUR" }])).toEqual([]);
});

test("prices of a SKU that the product does not have are refused, and others keep theirs", async () => {
  await using shop: TestCatalog = await testCatalog();
  const product = await createProduct(shop.context(), someProduct({ skus: ["A", "B"] }));
  const at = { id: product._id, version: 1 };
  const prices = [{ ...usd, amount: 5 }];
  const refusal = await setPrices(shop.context(), { ...at, variants: [{ sku: "C", prices }] }).catch((error) => error);
  expect(refusal.code).toBe("sku_unknown");
  const { after } = await setPrices(shop.context(), { ...at, variants: [{ sku: "B", prices }] });
  expect(after.variants.map((variant) => variant.prices[0]?.amount)).toEqual([1_000, 5]);
});
