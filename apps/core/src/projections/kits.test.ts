import { expect, test } from "bun:test";
import { keys, stockViewSchema } from "@stoa/read-models";
import { unpublishProduct, updateProduct } from "../services/catalog/index.ts";
import { catalogContext, type TestShop, testShop, untold } from "./testing/shop.ts";

const prices = [{ currency: "USD" as const, amount: 1_000 }];

/** Two bolts and a board make a shelf. */
async function aShelf(shop: TestShop) {
  const bolt = await shop.publish({ title: "Bolt", skus: ["BOLT"] });
  const board = await shop.publish({ title: "Board", skus: ["BOARD"] });
  const kit = [
    { sku: "BOLT", quantity: 2 },
    { sku: "BOARD", quantity: 1 },
  ];
  const shelf = await shop.publish({ title: "Shelf", content: { variants: [{ sku: "SHELF", prices, kit }] } });
  await shop.projections.sweep();
  return { bolt, board, shelf };
}

/** What every view says of the kit: its page, its summary, the stock by SKU, and whether a search takes it for there. */
async function shown(shop: TestShop, id: string) {
  const [stock] = await shop.store.envelopes([keys.stock("SHELF")]);
  const view = stock && stockViewSchema.parse(JSON.parse(stock.body));
  const found = (await shop.index.documents()).find((document) => document.id === id);
  return [
    (await shop.product("shelf"))?.variants[0]?.available,
    (await shop.summary(id))?.inStock,
    view?.available,
    view?.status,
    found?.inStock,
  ];
}

test("a kit's stock is its scarcest part's in every view, at once whenever a part's changes", async () => {
  await using shop = await testShop();
  const { shelf } = await aShelf(shop);
  expect(await shown(shop, shelf)).toEqual([0, false, 0, "out_of_stock", false]);
  await shop.stockChanged("BOLT", 9);
  expect(await shown(shop, shelf)).toEqual([0, false, 0, "out_of_stock", false]);
  await shop.stockChanged("BOARD", 20);
  expect(await shown(shop, shelf)).toEqual([4, true, 4, "in_stock", true]);
  await shop.stockChanged("BOLT", 5);
  expect(await shown(shop, shelf)).toEqual([2, true, 2, "low_stock", true]);
  await shop.stockChanged("BOLT", 1);
  expect(await shown(shop, shelf)).toEqual([0, false, 0, "out_of_stock", false]);
  expect(shop.failures).toEqual([]);
});

test("parts that may be sold ahead, and a kit that is made otherwise, show as soon as they are written", async () => {
  await using shop = await testShop();
  const { bolt, shelf } = await aShelf(shop);
  await shop.stockChanged("BOLT", 1);
  await shop.stockChanged("BOARD", 20);
  const rewrite = async (id: typeof shelf, members: object) => {
    const product = await shop.catalog.products.findOne({ _id: id });
    if (!product) throw new Error("is gone");
    const context = catalogContext(shop, untold);
    const variants = product.variants.map((variant) => ({ ...variant, ...members }));
    await updateProduct(context, { id, version: product.revision, patch: { variants } });
    await shop.projections.sweep();
    await shop.projections.sweep();
  };
  await rewrite(bolt, { allowBackorder: true });
  expect(await shown(shop, shelf)).toEqual([0, true, 0, "backorder", true]);
  await rewrite(shelf, { kit: [{ sku: "BOARD", quantity: 3 }] });
  expect(await shown(shop, shelf)).toEqual([6, true, 6, "in_stock", true]);
  // What it is no longer made of decides nothing.
  await shop.stockChanged("BOLT", 0);
  expect(await shown(shop, shelf)).toEqual([6, true, 6, "in_stock", true]);
  await shop.stockChanged("BOARD", 2);
  expect(await shown(shop, shelf)).toEqual([0, false, 0, "out_of_stock", false]);
});

test("a rebuild from nothing says the same of kits, also when they come before their parts, and changes nothing after that", async () => {
  await using shop = await testShop();
  const { shelf } = await aShelf(shop);
  await shop.stockChanged("BOLT", 9);
  await shop.stockChanged("BOARD", 20);
  const before = await shown(shop, shelf);
  await shop.redis.flushdb();
  await shop.projections.rebuild();
  expect(await shown(shop, shelf)).toEqual(before);
  await shop.stockChanged("BOARD", 1);
  expect((await shown(shop, shelf)).slice(0, 3)).toEqual([1, true, 1]);
  const snapshot = await shop.snapshot();
  await shop.projections.rebuild();
  expect(await shop.snapshot()).toEqual(snapshot);
});

test("a kit that is taken out of the shop leaves no stock behind, and its parts keep theirs", async () => {
  await using shop = await testShop();
  const { shelf } = await aShelf(shop);
  await shop.stockChanged("BOLT", 9);
  await shop.stockChanged("BOARD", 20);
  const product = await shop.catalog.products.findOne({ _id: shelf });
  const context = catalogContext(shop, untold);
  await unpublishProduct(context, { id: shelf, version: product?.revision ?? 0 });
  await shop.projections.sweep();
  expect(await shop.store.texts([keys.stock("SHELF")])).toEqual([null]);
  await shop.stockChanged("BOLT", 4);
  expect(await shop.store.texts([keys.stock("SHELF")])).toEqual([null]);
  const [bolt] = await shop.store.envelopes([keys.stock("BOLT")]);
  expect(JSON.parse(bolt?.body ?? "{}").available).toBe(4);
});
