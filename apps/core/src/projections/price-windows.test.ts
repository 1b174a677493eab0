import { expect, test } from "bun:test";
import type { Instant } from "@stoa/kernel";
import { keys, presentOf, productSummaryViewSchema, productViewSchema } from "@stoa/read-models";
import { findOffers, unitPriceOf, updateProduct } from "../services/catalog/index.ts";
import { catalogContext, type TestShop, testShop, untold } from "./testing/shop.ts";

const HOUR_MS = 3_600_000;
const usd = { currency: "USD" } as const;

/** What edge shows at a moment of what is in Redis now. */
async function shownAt(shop: TestShop, slug: string, id: string, now: Instant) {
  const [product, summary] = await shop.store.envelopes([keys.product("USD", slug), keys.summary("USD", id)]);
  const view = product && productViewSchema.parse(JSON.parse(presentOf(product, now).body));
  const short = summary && productSummaryViewSchema.parse(JSON.parse(presentOf(summary, now).body));
  expect([short?.price, short?.compareAtPrice, short?.lowestPriorPrice]).toEqual([
    view?.price,
    view?.compareAtPrice,
    view?.lowestPriorPrice,
  ]);
  return view;
}

/** What a cart asks for at that moment. */
async function askedAt(shop: TestShop, sku: string, now: Instant) {
  const offer = (await findOffers({ catalog: shop.catalog }, { skus: [sku], currency: "USD", now })).get(sku);
  return (offer && unitPriceOf(offer, { currency: "USD", now })) ?? undefined;
}

test("windows open and close on the page at the very moment at which they do in a cart, though nothing is written meanwhile", async () => {
  await using shop = await testShop();
  const start = shop.clock.now();
  const hour = (count: number) => (start + count * HOUR_MS) as Instant;
  const prices = [
    { ...usd, amount: 1_000 },
    { ...usd, amount: 800, startsAt: hour(1), endsAt: hour(3) },
    { ...usd, amount: 700, startsAt: hour(2), endsAt: hour(4) },
    { ...usd, amount: 1, customerGroup: "trade" },
  ];
  const id = await shop.publish({ title: "Kettle", content: { variants: [{ sku: "KETTLE", prices }] } });
  await shop.projections.sweep();
  const moments = [0, 1, 2, 3, 4].flatMap((count) => [hour(count) - 1, hour(count), hour(count) + 1] as Instant[]);
  const shown: (number | undefined)[] = [];
  for (const now of moments.slice(1)) {
    const view = await shownAt(shop, "kettle", id, now);
    expect([now - start, view?.variants[0]?.price]).toEqual([now - start, await askedAt(shop, "KETTLE", now)]);
    shown.push(view?.price.amount);
  }
  expect(shown.filter((amount, index) => amount !== shown[index - 1])).toEqual([1_000, 800, 700, 1_000]);
  const sale = await shownAt(shop, "kettle", id, hour(2));
  expect([sale?.compareAtPrice?.amount, sale?.lowestPriorPrice?.amount]).toEqual([1_000, 800]);
});

test("stock that changes during a sale does not bring back the price before it", async () => {
  await using shop = await testShop();
  const startsAt = (shop.clock.now() + HOUR_MS) as Instant;
  const prices = [
    { ...usd, amount: 1_000 },
    { ...usd, amount: 800, startsAt },
  ];
  const id = await shop.publish({ title: "Toaster", content: { variants: [{ sku: "TOASTER", prices }] } });
  await shop.projections.sweep();
  shop.clock.advance(startsAt - shop.clock.now());
  await shop.stockChanged("TOASTER", 7);
  const view = await shownAt(shop, "toaster", id, startsAt);
  expect([view?.price.amount, view?.variants[0]?.available]).toEqual([800, 7]);
  await shop.projections.sweep();
  expect((await shop.index.documents()).map((found) => found.prices.USD)).toEqual([800]);
  expect(await shownAt(shop, "toaster", id, startsAt)).toEqual(view);
});

test("more changes than are held ahead come in when the first have come true, and a rebuild says the same", async () => {
  await using shop = await testShop();
  const start = shop.clock.now();
  const hour = (count: number) => (start + count * HOUR_MS) as Instant;
  const sales = [1, 3, 5, 7].map((from) => ({
    ...usd,
    amount: 900 - from,
    startsAt: hour(from),
    endsAt: hour(from + 1),
  }));
  const prices = [{ ...usd, amount: 1_000 }, ...sales];
  const id = await shop.publish({ title: "Mixer", content: { variants: [{ sku: "MIXER", prices }] } });
  for (let count = 0; count < 8; count += 1) {
    shop.clock.advance(hour(count) - shop.clock.now());
    await shop.projections.sweep();
    for (const now of [hour(count), (hour(count + 1) - 1) as Instant, hour(count + 1)]) {
      const view = await shownAt(shop, "mixer", id, now);
      expect([count, view?.variants[0]?.price]).toEqual([count, await askedAt(shop, "MIXER", now)]);
    }
  }
  const before = await shop.snapshot();
  await shop.projections.rebuild();
  expect(await shop.snapshot()).toEqual(before);
  expect(shop.failures).toEqual([]);
});

test("a page announces a reduction with the lowest price of the 30 days before, also when there was a lower one", async () => {
  await using shop = await testShop();
  const priced = (amount: number, compareAt?: number) => [{ sku: "PAN", prices: [{ ...usd, amount, compareAt }] }];
  const id = await shop.publish({ title: "Pan", content: { variants: priced(700) } });
  const reprice = async (amount: number, compareAt?: number) => {
    shop.clock.advance(10 * 24 * HOUR_MS);
    const product = await shop.catalog.products.findOne({ _id: id });
    if (!product) throw new Error("is gone");
    const variants = product.variants.map((variant) => ({
      ...variant,
      prices: [{ ...usd, amount, ...(compareAt && { compareAt }) }],
    }));
    const context = catalogContext(shop, untold);
    await updateProduct(context, { id, version: product.revision, patch: { variants } });
    await shop.projections.sweep();
    return shop.product("pan");
  };
  await reprice(1_200);
  const reduced = await reprice(900, 1_200);
  expect([reduced?.price, reduced?.compareAtPrice, reduced?.lowestPriorPrice].map((price) => price?.amount)).toEqual([
    900, 1_200, 700,
  ]);
  expect(reduced?.variants[0]?.lowestPriorPrice).toEqual({ amount: 700, currency: "USD" });
  expect((await reprice(1_200))?.lowestPriorPrice).toBeUndefined();
});
