import { expect, test } from "bun:test";
import type { ProductId } from "@stoa/kernel";
import { type ChannelView, isShownIn, keys, priceField, shopViewSchema } from "@stoa/read-models";
import {
  catalogSource,
  createPriceList,
  publishProduct,
  saveCategory,
  setEntries,
  unpublishProduct,
} from "../services/catalog/index.ts";
import { catalogContext, type TestShop, testShop, untold } from "./testing/shop.ts";

const trade: ChannelView = {
  ...{ code: "trade", name: "Trade", currencies: ["USD"], defaultCurrency: "USD", locale: "en-US", locales: [] },
  ...{ pricesIncludeTax: null, productUrl: null, categoryUrl: null, isActive: true, indexedCurrencies: [] },
};

const context = (shop: TestShop) => catalogContext(shop, untold);
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

const url = process.env.TEST_TYPESENSE_URL ?? "http://127.0.0.1:18108";
const headers = { "x-typesense-api-key": process.env.TEST_TYPESENSE_API_KEY ?? "stoa-dev" };

/** The titles that cost at most so much, the cheapest first. */
async function upTo(shop: TestShop, field: string, amount: number): Promise<string[]> {
  const asked = { q: "*", query_by: "titleTerms", filter_by: `${field}:<=${amount}`, sort_by: `${field}:asc` };
  const query = new URLSearchParams(asked);
  const answer = await fetch(`${url}/collections/${shop.index.alias}/documents/search?${query}`, { headers });
  const { hits } = (await answer.json()) as { hits: { document: { title: string } }[] };
  return hits.map(({ document }) => document.title);
}

/** What edge is told that the index knows of the channel. */
async function indexedIn(shop: TestShop): Promise<readonly string[] | undefined> {
  const [envelope] = await shop.store.envelopes([keys.shop()]);
  return shopViewSchema.parse(JSON.parse(envelope?.body ?? "")).channels[0]?.indexedCurrencies;
}

async function listFor(shop: TestShop, channel: string, currency: "USD" | "EUR", entries: Record<string, number>) {
  const { after } = await createPriceList(context(shop), {
    ...{ name: "Trade", currency, customerGroups: [], channels: [channel], priority: 1 },
    ...{ startsAt: null, endsAt: null },
  });
  const rows = Object.entries(entries).map(([sku, amount]) => ({ sku, amount, minQuantity: 1 }));
  await setEntries(context(shop), { id: after._id, entries: rows });
  await shop.projections.sweep();
}

test("the index filters and sorts by what a channel's shoppers are asked, and by the default channel's prices there", async () => {
  await using shop = await testShop();
  shop.settings.channels = [trade];
  const ids = [await shop.publish({ title: "A", skus: ["A"] }), await shop.publish({ title: "B", skus: ["B"] })];
  for (const id of ids) await act(shop, publishProduct, id, "trade");
  await shop.publish({ title: "C", skus: ["C"] });
  await listFor(shop, "trade", "USD", { A: 1_500, B: 1_200 });
  const [own, theirs] = [priceField("USD", null), priceField("USD", "trade")];
  expect(await upTo(shop, theirs, 1_400)).toEqual(["B"]);
  expect(await upTo(shop, theirs, 9_999)).toEqual(["B", "A"]);
  expect((await upTo(shop, own, 1_000)).toSorted()).toEqual(["A", "B", "C"]);
  const before = await shop.index.documents();
  await shop.projections.rebuild();
  expect((await shop.index.documents()).toSorted(byTitle)).toEqual(before.toSorted(byTitle));
  expect(shop.failures).toEqual([]);
});

test("edge is told of a channel's prices when the index knows them, and a further currency has it built anew", async () => {
  await using shop = await testShop();
  await shop.publish({ title: "A", skus: ["A"] });
  await shop.projections.sweep();
  const plain = await shop.index.current();
  shop.settings.channels = [trade];
  shop.clock.advance(60_000);
  await shop.projections.projectShop();
  expect(await indexedIn(shop)).toEqual([]);
  await shop.projections.sweep();
  expect(await indexedIn(shop)).toEqual(["USD"]);
  const built = await shop.index.current();
  expect(built).not.toBe(plain);
  shop.settings.channels = [{ ...trade, currencies: ["USD", "EUR"] }];
  shop.clock.advance(60_000);
  await shop.projections.sweep();
  expect(await indexedIn(shop)).toEqual(["USD", "EUR"]);
  const wider = await shop.index.current();
  expect(wider).not.toBe(built);
  // Fewer than it was built for are no reason to build it anew.
  shop.settings.channels = [trade];
  shop.clock.advance(60_000);
  await shop.projections.sweep();
  expect(await shop.index.current()).toBe(wider);
});

test("what only another channel sells in a currency does not count in the default one", async () => {
  await using shop = await testShop();
  shop.settings.channels = [{ ...trade, currencies: ["EUR"] }];
  const both = await shop.publish({ title: "A", skus: ["A"] });
  const there = await shop.publish({ title: "B", skus: ["B"] });
  for (const id of [both, there]) await act(shop, publishProduct, id, "trade");
  await act(shop, unpublishProduct, there);
  await listFor(shop, "trade", "EUR", { A: 700, B: 800 });
  const documents = (await shop.index.documents()).toSorted(byTitle);
  // B is not shown there, so its price does no harm, and until the index knows the channel it is found by it.
  expect(documents.map(({ prices }) => prices)).toEqual([{ USD: 1_000 }, { USD: 1_000, EUR: 800 }]);
  expect(documents.map(({ channelPrices }) => channelPrices)).toEqual([
    { trade: { EUR: 700 } },
    { trade: { EUR: 800 } },
  ]);
});

const byTitle = (left: { readonly title: string }, right: { readonly title: string }) =>
  left.title.localeCompare(right.title);
