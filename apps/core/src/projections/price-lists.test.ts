import { expect, test } from "bun:test";
import type { Instant } from "@stoa/kernel";
import { isShownIn, keys, presentOf } from "@stoa/read-models";
import {
  catalogSource,
  createPriceList,
  type PriceListMembers,
  publishProduct,
  setEntries,
} from "../services/catalog/index.ts";
import { catalogContext, type TestShop, testShop, untold } from "./testing/shop.ts";

const HOUR_MS = 3_600_000;
const context = (shop: TestShop) => catalogContext(shop, untold);

async function list(shop: TestShop, members: Partial<PriceListMembers>, amount: number): Promise<void> {
  const plain = {
    name: "List",
    currency: "USD",
    customerGroups: [],
    channels: [],
    startsAt: null,
    endsAt: null,
    priority: 0,
  };
  const { after } = await createPriceList(context(shop), { ...plain, ...members } as PriceListMembers);
  await setEntries(context(shop), { id: after._id, entries: [{ sku: "S", minQuantity: 1, amount }] });
  await shop.projections.sweep();
}

/** What the page of the product says of its price at a moment, in a channel. */
async function priceAt(shop: TestShop, channel: string, at: number = shop.clock.now()) {
  const own = channel === "default" ? [] : [keys.product("USD", "told", channel)];
  const envelopes = await shop.store.envelopes([...own, keys.product("USD", "told")]);
  const shown = envelopes.find((envelope) => envelope && isShownIn(envelope, channel));
  if (!shown) return null;
  const { price, compareAtPrice, lowestPriorPrice } = JSON.parse(presentOf(shown, at).body);
  return [price.amount, compareAtPrice?.amount, lowestPriorPrice?.amount];
}

test("a list begins and ends on the product's page at its moments, announced and compared as any reduction", async () => {
  await using shop = await testShop();
  await shop.publish({ title: "Told", skus: ["S"] });
  const startsAt = (shop.clock.now() + HOUR_MS) as Instant;
  await list(shop, { startsAt, endsAt: (startsAt + HOUR_MS) as Instant }, 700);
  expect(await priceAt(shop, "default")).toEqual([1_000, undefined, undefined]);
  expect(await priceAt(shop, "default", startsAt)).toEqual([700, 1_000, 1_000]);
  expect(await priceAt(shop, "default", startsAt + HOUR_MS)).toEqual([1_000, undefined, undefined]);
});

test("a list of one channel shows there alone, and a list of a group on no page", async () => {
  await using shop = await testShop();
  const id = await shop.publish({ title: "Told", skus: ["S"] });
  const [product] = await catalogSource(shop.catalog).productsById([id]);
  await publishProduct(context(shop), { id, version: product?.revision ?? 0, channel: "trade" });
  await shop.projections.sweep();
  const plain = await shop.snapshot();
  await list(shop, { customerGroups: ["vip"] }, 500);
  expect(await priceAt(shop, "default")).toEqual([1_000, undefined, undefined]);
  await list(shop, { channels: ["trade"], priority: 1 }, 1_200);
  expect(await priceAt(shop, "default")).toEqual([1_000, undefined, undefined]);
  expect(await priceAt(shop, "trade")).toEqual([1_200, undefined, undefined]);
  const after = await shop.snapshot();
  expect(Object.keys(after).filter((key) => !(key in plain))).toEqual([
    keys.product("USD", "told", "trade"),
    keys.summary("USD", id, "trade"),
  ]);
  await shop.projections.rebuild();
  expect(await shop.snapshot()).toEqual(after);
  expect(shop.failures).toEqual([]);
});
