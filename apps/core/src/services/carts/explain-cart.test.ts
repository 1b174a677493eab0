import { afterAll, beforeAll, expect, test } from "bun:test";
import { type CartId, newId } from "@stoa/kernel";
import type { CartRuleView } from "@stoa/read-models";
import type { Actor } from "../../platform/rpc/index.ts";
import {
  applyPromotion,
  createPromotion,
  getCart,
  listShippingMethods,
  saveShippingOption,
  saveTaxRate,
  updateCart,
} from "./index.ts";
import { address, type CartShop, cartShop, guest, NOW, newCart, newCustomer } from "./testing/fixture.ts";

let shop: CartShop;
beforeAll(async () => {
  shop = await cartShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

async function explain(cartId: CartId, rule: CartRuleView["rule"], actor: Actor = guest) {
  const view = await getCart(shop.deps, { db: shop.db, now: NOW, actor }, cartId, { explain: true });
  return (view.explanation ?? []).filter((one) => one.rule === rule);
}
const usd = (amount: number) => ({ amount, currency: "USD" as const });
const cart = (sku: string, quantity = 1, actor: Actor = guest) =>
  newCart(shop.deps, actor, { items: [{ sku, quantity }] });

test("each price is named with why it holds or not, and other people's prices without their amount", async () => {
  const prices = [
    { ...usd(1_000) },
    { ...usd(900), minQuantity: 10 },
    { ...usd(950), endsAt: NOW },
    { ...usd(500), customerGroup: "trade" },
  ];
  shop.sell("tea", 1_000, { prices });
  expect(await explain(await cart("tea"), "price")).toEqual([
    { rule: "price", sku: "tea", amount: usd(1_000), outcome: "used", reason: "lowest_price" },
    { rule: "price", sku: "tea", minQuantity: 10, amount: usd(900), outcome: "refused", reason: "needs_more_units" },
    { rule: "price", sku: "tea", amount: usd(950), outcome: "refused", reason: "ended" },
    { rule: "price", sku: "tea", outcome: "refused", reason: "needs_customer_group" },
  ]);
  const trader = newCustomer();
  shop.groups.set(trader.customerId, ["trade"]);
  const reasons = (await explain(await cart("tea", 10, trader), "price", trader)).map((rule) => rule.reason);
  expect(reasons).toEqual(["not_lowest", "not_lowest", "ended", "lowest_price"]);
});

test("a price of a list is named with its list, unless it is for others", async () => {
  const list = (name: string, more: object) => ({ list: newId("prl"), name, priority: 1, ...more });
  const [all, vip] = [list("Spring", {}), list("VIP", { customerGroups: ["vip"] })];
  shop.sell("cup", 1_000, { prices: [usd(1_000), { ...usd(1_100), ...all }, { ...usd(700), ...vip }] });
  expect(await explain(await cart("cup"), "price")).toEqual([
    { rule: "price", sku: "cup", amount: usd(1_000), outcome: "refused", reason: "lower_priority" },
    {
      ...{ rule: "price", sku: "cup", id: all.list, name: "Spring", amount: usd(1_100) },
      ...{ outcome: "used", reason: "highest_priority" },
    },
    { rule: "price", sku: "cup", outcome: "refused", reason: "needs_customer_group" },
  ]);
});

test("each promotion is named that was applied, takes nothing off, or was refused, and no code that is not on the cart", async () => {
  shop.sell("pot", 4_000);
  const off = { kind: "percent", target: "items", basisPoints: 1_000 } as const;
  const minimum = (USD: number) => [{ kind: "minimum_subtotal" as const, amounts: { USD } }];
  await shop.inTx(async (tx) => {
    const context = { tx, now: NOW };
    const conditions = [{ kind: "skus" as const, skus: ["pot"] }];
    await createPromotion(context, { name: "Always", effect: off, conditions, priority: 1 });
    await createPromotion(context, { name: "Big carts", effect: off, conditions: minimum(100_000) });
    await createPromotion(context, { name: "Shipping", effect: { kind: "free_shipping" } });
    await createPromotion(context, { name: "Mine", code: "MINE", effect: off });
    await createPromotion(context, { name: "Somebody else's", code: "SECRET", effect: off });
  });
  const cartId = await cart("pot");
  await shop.inTx((tx) => applyPromotion(shop.deps, { tx, now: NOW, actor: guest }, { cartId, code: "mine" }));
  const told = (await explain(cartId, "promotion")).map(({ name, code, outcome, reason, amount }) => {
    return [name, code, outcome, reason, amount?.amount];
  });
  expect(told).toEqual([
    ["Always", undefined, "used", "applied", 400],
    ["Big carts", undefined, "refused", "minimum_not_reached", undefined],
    ["Shipping", undefined, "refused", "takes_nothing_off", undefined],
    ["Mine", "MINE", "used", "applied", 360],
  ]);
});

test("each way to ship and each tax rate is named with why it was taken or not", async () => {
  shop.sell("vase", 2_000);
  const flat = (currency: "USD" | "EUR") => ({ [currency]: { kind: "flat" as const, price: 900 } });
  const light = { USD: { kind: "by_weight" as const, tiers: [{ upToGrams: 50, price: 100 }] } };
  const vat = { country: "DE", taxClass: "standard", name: "MwSt", basisPoints: 1_900, isIncluded: true };
  await shop.inTx(async (tx) => {
    const context = { tx, now: NOW };
    const zone = { name: "Germany", countries: ["DE"] };
    await saveShippingOption(context, { zone, name: "Parcel", rates: flat("USD"), position: 0 });
    await saveShippingOption(context, { zone, name: "Letter", rates: light, position: 1 });
    await saveShippingOption(context, { zone, name: "Euro only", rates: flat("EUR"), position: 2 });
    await saveTaxRate(context, vat);
    await saveTaxRate(context, { ...vat, region: "Helgoland", basisPoints: 0 });
    await saveTaxRate(context, { ...vat, taxClass: "books", basisPoints: 700 });
  });
  const cartId = await cart("vase");
  expect((await explain(cartId, "tax")).map((rule) => rule.reason)).toEqual(["address_unknown"]);
  const patch = async (changes: Parameters<typeof updateCart>[2]["patch"]) =>
    shop.inTx((tx) => updateCart(shop.deps, { tx, now: NOW, actor: guest }, { cartId, patch: changes }));
  await patch({ shippingAddress: { ...address, country: "DE" } });
  const { items } = await listShippingMethods(shop.deps, { db: shop.db, now: NOW, actor: guest }, cartId);
  await patch({ shippingMethod: items[0]?.id });
  expect((await explain(cartId, "shipping")).map(({ name, reason }) => [name, reason])).toEqual([
    ["Parcel", "chosen"],
    ["Letter", "no_tier_fits"],
    ["Euro only", "not_in_this_currency"],
    ["Standard", "other_zone"],
    ["Express", "other_zone"],
  ]);
  expect(await explain(cartId, "tax")).toEqual([
    { rule: "tax", taxClass: "standard", sku: "vase", name: "MwSt", basisPoints: 1_900, amount: usd(319), ...used() },
    { rule: "tax", taxClass: "shipping", outcome: "refused", reason: "no_rate" },
    { rule: "tax", name: "MwSt", taxClass: "books", basisPoints: 700, outcome: "refused", reason: "class_not_in_cart" },
    { rule: "tax", name: "MwSt", taxClass: "standard", basisPoints: 0, outcome: "refused", reason: "other_region" },
  ]);
  await patch({ shippingAddress: { ...address, country: "DE", region: "helgoland" } });
  expect((await explain(cartId, "tax")).map((rule) => rule.reason)).toEqual([
    "rate_of_region",
    "no_rate",
    "class_not_in_cart",
    "region_goes_first",
  ]);
});

const used = () => ({ outcome: "used" as const, reason: "rate_of_country" as const });

test("a kit's tax is told for each class of its parts", async () => {
  const taxShares = [
    { taxClass: "kit books", worth: 300 },
    { taxClass: "kit toys", worth: 100 },
  ];
  shop.sell("box", 2_000, { taxShares });
  const vat = { country: "AT", taxClass: "kit books", name: "USt", basisPoints: 1_000, isIncluded: true };
  await shop.inTx(async (tx) => {
    await saveTaxRate({ tx, now: NOW }, vat);
    await saveTaxRate({ tx, now: NOW }, { ...vat, taxClass: "kit toys", basisPoints: 2_000 });
  });
  const cartId = await cart("box");
  const patch = { shippingAddress: { ...address, country: "AT" } };
  await shop.inTx((tx) => updateCart(shop.deps, { tx, now: NOW, actor: guest }, { cartId, patch }));
  expect(
    (await explain(cartId, "tax")).map(({ sku, taxClass, basisPoints, amount }) => [
      sku,
      taxClass,
      basisPoints,
      amount,
    ]),
  ).toEqual([
    ["box", "kit books", 1_000, usd(136)],
    ["box", "kit toys", 2_000, usd(83)],
  ]);
  // Both classes at one rate: each is told its own amount all the same.
  await shop.inTx((tx) => saveTaxRate({ tx, now: NOW }, { ...vat, taxClass: "kit toys", basisPoints: 1_000 }));
  expect((await explain(cartId, "tax")).map(({ taxClass, amount }) => [taxClass, amount])).toEqual([
    ["kit books", usd(136)],
    ["kit toys", usd(45)],
  ]);
});
