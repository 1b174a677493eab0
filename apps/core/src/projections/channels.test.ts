import { expect, test } from "bun:test";
import type { ProductId } from "@stoa/kernel";
import { type ChannelView, isShownIn, keys } from "@stoa/read-models";
import { catalogSource, publishProduct, saveCategory, unpublishProduct } from "../services/catalog/index.ts";
import { noFields } from "../testing/index.ts";
import { type TestShop, testShop } from "./testing/shop.ts";

const trade: ChannelView = {
  ...{ code: "trade", name: "Trade", currencies: ["USD"], defaultCurrency: "USD", locale: "en-US", locales: [] },
  ...{ pricesIncludeTax: null, productUrl: null, categoryUrl: null, isActive: true },
};

const context = (shop: TestShop) => ({
  catalog: shop.catalog,
  now: shop.clock.now(),
  changed: () => undefined,
  readFields: noFields,
});
async function act(shop: TestShop, verb: typeof publishProduct, id: ProductId, channel?: string): Promise<void> {
  const [product] = await catalogSource(shop.catalog).productsById([id]);
  await verb(context(shop), { id, version: product?.revision ?? 0, ...(channel && { channel }) });
  await shop.projections.sweep();
}

/** In which channels the read models show a product; null where they have none of it. */
async function shownIn(shop: TestShop, id: string, slug: string) {
  const envelopes = await shop.store.envelopes([keys.product("USD", slug), keys.summary("USD", id)]);
  const [page, summary] = envelopes.map(
    (envelope) => envelope && ["default", "trade"].filter((channel) => isShownIn(envelope, channel)),
  );
  expect(page).toEqual(summary);
  return page ?? null;
}

test("the read models of a product say which channels show it, and are gone when none does", async () => {
  await using shop = await testShop();
  shop.settings.channels = [trade];
  const id = await shop.publish({ title: "Told", skus: ["TOLD"] });
  await shop.projections.sweep();
  expect(await shownIn(shop, id, "told")).toEqual(["default"]);
  await act(shop, publishProduct, id, "trade");
  expect(await shownIn(shop, id, "told")).toEqual(["default", "trade"]);
  await act(shop, unpublishProduct, id);
  expect(await shownIn(shop, id, "told")).toEqual(["trade"]);
  expect((await shop.index.documents()).map((document) => document.channels)).toEqual([["trade"]]);
  const before = await shop.snapshot();
  await shop.projections.rebuild();
  expect(await shop.snapshot()).toEqual(before);
  await act(shop, unpublishProduct, id, "trade");
  expect(await shownIn(shop, id, "told")).toBeNull();
  expect(await shop.index.documents()).toEqual([]);
  expect(shop.failures).toEqual([]);
});

test("each channel counts what it shows itself, and a tree goes with its channel", async () => {
  await using shop = await testShop();
  shop.settings.channels = [trade];
  const lamps = await saveCategory(context(shop), {
    ...{ parentId: null, slug: "lamps", name: { "en-US": "Lamps" }, position: 0 },
  });
  const content = { categoryIds: [lamps.after._id] };
  const [one] = [await shop.publish({ title: "One", content }), await shop.publish({ title: "Two", content })];
  await act(shop, publishProduct, one, "trade");
  const countsIn = async (key: string) => {
    const [tree] = await shop.store.envelopes([key]);
    return tree && JSON.parse(tree.body).items.map((item: { productCount: number }) => item.productCount);
  };
  expect(await countsIn(keys.categories())).toEqual([2]);
  expect(await countsIn(keys.categoriesOf("trade", "en-US"))).toEqual([1]);
  shop.settings.channels = [{ ...trade, isActive: false }];
  shop.clock.advance(5_000);
  await shop.projections.rebuild();
  expect(await countsIn(keys.categoriesOf("trade", "en-US"))).toBeNull();
  expect(await countsIn(keys.categories())).toEqual([2]);
});

test("a channel that is opened has its tree of categories by the next sweep", async () => {
  await using shop = await testShop();
  await shop.projections.sweep();
  shop.settings.channels = [trade];
  shop.settings.version = 2;
  shop.clock.advance(5_000);
  await shop.projections.sweep();
  const [tree] = await shop.store.envelopes([keys.categoriesOf("trade", "en-US")]);
  expect(tree?.body).toBe('{"items":[]}');
});
