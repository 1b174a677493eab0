import { expect, test } from "bun:test";
import type { Instant } from "@stoa/kernel";
import { createProduct } from "../create-product.ts";
import { findOffers } from "../find-offers.ts";
import {
  archiveProduct,
  publishProduct,
  scheduleProduct,
  touchDueProducts,
  unpublishProduct,
} from "../publish-product.ts";
import { catalogSource } from "../source.ts";
import { refusal, someProduct, type TestCatalog, testCatalog } from "../testing/catalog.ts";
import { fillChannel } from "./fill-channel.ts";

const MINUTE_MS = 60_000;

async function aProduct(shop: TestCatalog, sku: string) {
  const { _id: id } = await createProduct(shop.context(), someProduct({ skus: [sku] }));
  const at = async () => ({ id, version: (await shop.catalog.products.findOne({ _id: id }))?.revision ?? 0 });
  return { id, at };
}

/** Channels in which a SKU can be bought now. */
async function soldIn(shop: TestCatalog, sku: string): Promise<string[]> {
  const sold: string[] = [];
  for (const channel of ["default", "trade", "outlet"]) {
    const offers = await findOffers(shop, { skus: [sku], currency: "USD", now: shop.clock.now(), channel });
    if (offers.has(sku)) sold.push(channel);
  }
  return sold;
}

test("a product stands in each channel by itself", async () => {
  await using shop = await testCatalog();
  const { at } = await aProduct(shop, "A");
  expect(await soldIn(shop, "A")).toEqual([]);
  await publishProduct(shop.context(), { ...(await at()), channel: "trade" });
  expect(await soldIn(shop, "A")).toEqual(["trade"]);
  await publishProduct(shop.context(), await at());
  expect(await soldIn(shop, "A")).toEqual(["default", "trade"]);
  await unpublishProduct(shop.context(), { ...(await at()), channel: "trade" });
  expect(await soldIn(shop, "A")).toEqual(["default"]);
  const twice = refusal(unpublishProduct(shop.context(), { ...(await at()), channel: "trade" }));
  expect((await twice).code).toBe("state_conflict");
});

test("what is archived is so in every channel, and comes back as a draft in all of them", async () => {
  await using shop = await testCatalog();
  const { at } = await aProduct(shop, "A");
  for (const channel of ["default", "trade"]) await publishProduct(shop.context(), { ...(await at()), channel });
  await archiveProduct(shop.context(), await at());
  expect(await soldIn(shop, "A")).toEqual([]);
  for (const act of [publishProduct, unpublishProduct]) {
    expect((await refusal(act(shop.context(), { ...(await at()), channel: "trade" }))).code).toBe("state_conflict");
  }
  await unpublishProduct(shop.context(), await at());
  expect(await soldIn(shop, "A")).toEqual([]);
  await publishProduct(shop.context(), { ...(await at()), channel: "trade" });
  expect(await soldIn(shop, "A")).toEqual(["trade"]);
});

test("hours of one channel show and take down there alone, the end to the moment", async () => {
  await using shop = await testCatalog();
  const { id, at } = await aProduct(shop, "A");
  await publishProduct(shop.context(), await at());
  const publishAt = (shop.clock.now() + MINUTE_MS) as Instant;
  const unpublishAt = (publishAt + MINUTE_MS) as Instant;
  await scheduleProduct(shop.context(), { ...(await at()), channel: "trade", publishAt, unpublishAt });
  await touchDueProducts(shop.context());
  expect(await soldIn(shop, "A")).toEqual(["default"]);
  shop.clock.advance(MINUTE_MS);
  await touchDueProducts(shop.context());
  expect(await soldIn(shop, "A")).toEqual(["default", "trade"]);
  shop.clock.advance(MINUTE_MS);
  expect(await soldIn(shop, "A")).toEqual(["default"]);
  expect((await touchDueProducts(shop.context())).touched).toBe(1);
  expect((await touchDueProducts(shop.context())).touched).toBe(0);
  expect((await shop.catalog.products.findOne({ _id: id }))?.channels).toEqual([
    { code: "trade", status: "draft", publishAt: null, unpublishAt: null, publishedAt: publishAt },
  ]);
});

test("a channel is filled with what another one shows, but for what staff have taken out of it", async () => {
  await using shop = await testCatalog();
  const [shown, taken, draft] = [await aProduct(shop, "A"), await aProduct(shop, "B"), await aProduct(shop, "C")];
  for (const { at } of [shown, taken]) await publishProduct(shop.context(), await at());
  await publishProduct(shop.context(), { ...(await taken.at()), channel: "trade" });
  await unpublishProduct(shop.context(), { ...(await taken.at()), channel: "trade" });
  expect(await fillChannel(shop.context(), { code: "trade", fromChannel: "default" })).toBe(1);
  expect(await fillChannel(shop.context(), { code: "trade", fromChannel: "default" })).toBe(0);
  expect(await fillChannel(shop.context(), { code: "outlet", fromChannel: "trade" })).toBe(1);
  expect([await soldIn(shop, "A"), await soldIn(shop, "B"), await soldIn(shop, "C")]).toEqual([
    ["default", "trade", "outlet"],
    ["default"],
    [],
  ]);
  expect((await shop.catalog.products.findOne({ _id: draft.id }))?.channels).toBeUndefined();
  const counts = await Promise.all(
    ["default", "trade"].map((channel) => catalogSource(shop.catalog).publishedByCategory(channel)),
  );
  expect(counts.map(([group]) => group?.products)).toEqual([2, 1]);
});
