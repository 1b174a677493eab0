import { expect, test } from "bun:test";
import type { Instant } from "@stoa/kernel";
import { channels, keys } from "@stoa/read-models";
import { Redis } from "ioredis";
import {
  changeSlug,
  saveWorkingDraft,
  scheduleProduct,
  unpublishProduct,
  updateProduct,
} from "../services/catalog/index.ts";
import { catalogContext, testShop, untold } from "./testing/shop.ts";

test("a published product stands in Redis in each of its currencies, with its stock, and a draft does not", async () => {
  await using shop = await testShop();
  const prices = [
    { currency: "USD", amount: 2_000, compareAt: 2_500 },
    { currency: "EUR", amount: 1_900 },
  ];
  await shop.stockChanged("R-1", 4);
  const id = await shop.publish({ title: "Rain coat", content: { brand: "Stoa", variants: [{ sku: "R-1", prices }] } });
  await shop.projections.sweep();
  expect(await shop.product("rain-coat")).toMatchObject({
    id,
    price: { amount: 2_000, currency: "USD" },
    compareAtPrice: { amount: 2_500, currency: "USD" },
    inStock: true,
    variants: [{ sku: "R-1", available: 4, inStock: true }],
  });
  const [euro] = await shop.store.envelopes([keys.summary("EUR", id)]);
  expect(JSON.parse(euro?.body ?? "{}")).toMatchObject({ price: { amount: 1_900, currency: "EUR" }, inStock: true });
  expect(await shop.catalog.products.countDocuments({ dirty: true })).toBe(0);
  expect(shop.failures).toEqual([]);
});

test("a product taken out of the shop leaves no view, no owner of a SKU and no search document", async () => {
  await using shop = await testShop();
  const id = await shop.publish({ title: "Gone", skus: ["GONE"] });
  await shop.projections.sweep();
  expect(await shop.index.documents()).toHaveLength(1);
  const changed = shop.projections.catalogChanged;
  await unpublishProduct(catalogContext(shop, changed), { id, version: 2 });
  await shop.projections.idle();
  await shop.stockChanged("GONE", 5);
  const left = Object.keys(await shop.snapshot()).filter((key) => key.includes(id) || key.endsWith(":gone"));
  expect(left).toEqual([keys.productBase(id)]);
  expect(await shop.redis.get(keys.skuOwner("GONE"))).toBeNull();
  expect(await shop.index.documents()).toEqual([]);
});

test("a former slug leads to the present one, also after a second change and a change back", async () => {
  await using shop = await testShop();
  const id = await shop.publish({ title: "First" });
  const context = catalogContext(shop);
  let version = 2;
  for (const slug of ["second", "third", "first"]) {
    await changeSlug(context, { id, version, slug });
    version += 1;
    await shop.projections.idle();
    expect((await shop.product(slug))?.slug).toBe(slug);
  }
  expect(await shop.redis.mget(keys.formerSlug("second"), keys.formerSlug("third"), keys.formerSlug("first"))).toEqual([
    "first",
    "first",
    null,
  ]);
  expect(await shop.product("second")).toBeNull();
});

test("every edge is told which keys have changed, and of none that have not", async () => {
  await using shop = await testShop();
  const id = await shop.publish({ title: "Told", skus: ["TOLD"] });
  await shop.projections.sweep();
  const listener = new Redis(process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6399");
  const told: string[] = [];
  listener.on("message", (_, keysChanged: string) => told.push(...keysChanged.split("\n")));
  await listener.subscribe(channels.invalidate);
  const toldBy = async (available: number) => {
    told.length = 0;
    await shop.stockChanged("TOLD", available);
    await shop.projections.sweep();
    // What was published before its own answer has come.
    await listener.ping();
    return told.filter((key) => key.includes(id) || key.toLowerCase().includes("told")).sort();
  };
  const page = [keys.product("USD", "told"), keys.stock("TOLD")];
  expect(await toldBy(7)).toEqual([...page, keys.summary("USD", id)].sort());
  // A list tells whether there is any, so it stays as it is.
  expect(await toldBy(6)).toEqual(page.toSorted());
  expect(await toldBy(0)).toEqual([...page, keys.summary("USD", id)].sort());
  listener.disconnect();
});

test("while search is away everything else goes on, and search catches up by itself", async () => {
  await using shop = await testShop();
  const id = await shop.publish({ title: "Patient" });
  await shop.projections.sweep();
  const upsert = shop.index.upsert;
  shop.index.upsert = () => Promise.reject(new Error("search is away"));
  const context = catalogContext(shop);
  await updateProduct(context, { id, version: 2, patch: { title: { "en-US": "Patience" } } });
  await shop.projections.idle();
  expect((await shop.summary(id))?.title).toBe("Patience");
  expect(await shop.projections.searchBacklog()).toBe(1);
  shop.index.upsert = upsert;
  shop.clock.advance(5_000);
  await shop.projections.sweep();
  expect((await shop.index.documents()).map((found) => found.title)).toEqual(["Patience"]);
  expect(await shop.projections.searchBacklog()).toBe(0);
});

test("what is prepared behind a published product shows when its hour has come, and what ends is gone with everything of it", async () => {
  await using shop = await testShop();
  const context = () => catalogContext(shop, untold);
  const id = await shop.publish({ title: "Plain tray", skus: ["TRAY"] });
  await saveWorkingDraft(context(), { id, version: 2, patch: { title: { "en-US": "Fine tray" } } });
  const soon = (shop.clock.now() + 60_000) as Instant;
  const end = (shop.clock.now() + 120_000) as Instant;
  await scheduleProduct(context(), { id, version: 3, publishAt: soon, unpublishAt: end });
  await shop.projections.sweep();
  expect((await shop.product("plain-tray"))?.title).toBe("Plain tray");
  shop.clock.advance(60_000);
  await shop.projections.sweep();
  expect((await shop.product("plain-tray"))?.title).toBe("Fine tray");
  expect((await shop.index.documents()).map(({ title }) => title)).toEqual(["Fine tray"]);
  shop.clock.advance(60_000);
  await shop.projections.sweep();
  expect([await shop.product("plain-tray"), await shop.summary(id)]).toEqual([null, null]);
  expect(await shop.index.documents()).toEqual([]);
  expect(shop.failures).toEqual([]);
});
