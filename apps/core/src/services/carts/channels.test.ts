import { afterAll, beforeAll, expect, test } from "bun:test";
import { type CartId, newId } from "@stoa/kernel";
import type { Actor } from "../../platform/rpc/index.ts";
import { type Channel, channelsSetting, writeSetting } from "../../platform/settings/index.ts";
import {
  addItem,
  type CartsDeps,
  type CreateCart,
  claimCart,
  createCart,
  freezeCart,
  getCart,
  listShippingMethods,
  saveTaxRate,
} from "./index.ts";
import { address, type CartShop, cartShop, guest, NOW, newCustomer, refusalOf } from "./testing/fixture.ts";

const trade: Channel = {
  ...{ code: "trade", name: "Trade", currencies: ["EUR"], defaultCurrency: "EUR", languages: [] },
  ...{ pricesIncludeTax: false, productUrl: null, categoryUrl: null, isActive: true },
};

let shop: CartShop;
let deps: CartsDeps;
/** What the trade channel shows; the default one shows all. */
const shownInTrade = new Set(["tea"]);
beforeAll(async () => {
  shop = await cartShop();
  for (const sku of ["tea", "pot"]) shop.sell(sku, 1_000);
  deps = {
    ...shop.deps,
    findOffers: ({ skus, channel, ...question }) =>
      shop.deps.findOffers({
        ...question,
        channel,
        skus: channel === "trade" ? skus.filter((sku) => shownInTrade.has(sku)) : skus,
      }),
  };
  await open([trade, { ...trade, code: "gross", pricesIncludeTax: true }]);
  const vat = { country: "GB", region: "", taxClass: "standard", name: "VAT", basisPoints: 2_000, isIncluded: true };
  await shop.inTx((tx) => saveTaxRate({ tx, now: NOW }, vat));
});
afterAll(() => shop[Symbol.asyncDispose]());

const open = (channels: Channel[]) => shop.inTx((tx) => writeSetting(tx, NOW, channelsSetting, { channels }));
const create = async (input: CreateCart, actor: Actor = guest): Promise<CartId> => {
  const items = [{ sku: "tea", quantity: 1 }];
  return (await createCart(deps, { db: shop.db, now: NOW, actor }, { items, ...input })).id;
};
const view = (cartId: CartId, actor: Actor = guest) => getCart(deps, { db: shop.db, now: NOW, actor }, cartId);
const freeze = async (cartId: CartId) => {
  const { items } = await listShippingMethods(deps, { db: shop.db, now: NOW, actor: guest }, cartId);
  const patch = { email: "ada@example.com", shippingAddress: address, shippingMethod: items[0]?.id ?? "" };
  return shop.inTx((tx) => freezeCart(deps, { tx, now: NOW }, { cartId, orderId: newId("ord"), actor: guest, patch }));
};

test("a cart keeps its channel, with the currency and the products of it, to the order", async () => {
  const cartId = await create({ channel: "trade" });
  expect(await view(cartId)).toMatchObject({ channel: "trade", currency: "EUR" });
  const pot = { cartId, items: [{ sku: "pot", quantity: 1 }] };
  const added = refusalOf(shop.inTx((tx) => addItem(deps, { tx, now: NOW, actor: guest }, pot)));
  expect((await added).code).toBe("sku_unknown");
  expect((await refusalOf(create({ channel: "trade", currency: "USD" }))).code).toBe("currency_mismatch");
  expect(await freeze(cartId)).toMatchObject({ channel: "trade", currency: "EUR", lines: [{ sku: "tea" }] });
  expect(await view(await create({}))).not.toHaveProperty("channel");
  expect((await freeze(await create({}))).channel).toBe("default");
});

test("what was taken out of the channel is not sold at checkout either", async () => {
  const cartId = await create({ channel: "trade" });
  shownInTrade.delete("tea");
  expect((await view(cartId)).notices).toEqual([{ sku: "tea", kind: "unavailable", quantity: 1 }]);
  expect((await refusalOf(freeze(cartId))).code).toBe("out_of_stock");
  shownInTrade.add("tea");
  expect((await freeze(cartId)).lines).toHaveLength(1);
});

test("prices hold the taxes or not, as the channel says; in the default one each rate says so for itself", async () => {
  const sums = async (channel: string) => {
    const { totals, lines } = await freeze(await create({ channel, currency: "EUR" }));
    return [lines[0]?.tax.amount, lines[0]?.taxIncluded, totals.total.amount - totals.shipping.amount];
  };
  expect(await sums("default")).toEqual([167, true, 1_000]);
  expect(await sums("trade")).toEqual([200, false, 1_200]);
  expect(await sums("gross")).toEqual([167, true, 1_000]);
});

test("carts of different channels are not joined", async () => {
  const ada = newCustomer();
  const own = await create({ currency: "EUR" }, ada);
  const claim = (cartId: CartId) => shop.inTx((tx) => claimCart({ tx, now: NOW, actor: ada }, cartId));
  const other = await create({ channel: "trade" });
  expect(await claim(other)).toBe(other);
  expect(await claim(await create({ currency: "EUR" }))).toBe(own);
});

test("nothing is sold in a channel that is closed, or gone", async () => {
  const cartId = await create({ channel: "trade" });
  for (const channels of [[{ ...trade, isActive: false }], []]) {
    await open(channels);
    expect((await refusalOf(create({ channel: "trade" }))).code).toBe("forbidden");
    expect((await refusalOf(freeze(cartId))).code).toBe("out_of_stock");
  }
});
