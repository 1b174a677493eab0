import { afterAll, beforeAll, expect, test } from "bun:test";
import type { CartId } from "@stoa/kernel";
import { ensureDefaultLocation, setStockLevels } from "../inventory/index.ts";
import { addItem, claimCart, getCart, setQuantity } from "./index.ts";
import { type CartShop, cartShop, guest, NOW, newCart, newCustomer } from "./testing/fixture.ts";

let shop: CartShop;
beforeAll(async () => {
  shop = await cartShop();
  await shop.inTx((tx) => ensureDefaultLocation({ tx, now: NOW }));
});
afterAll(() => shop[Symbol.asyncDispose]());

const context = { now: NOW, actor: guest };
const usd = (amount: number) => ({ amount, currency: "USD" as const });
const stock = (sku: string, onHand: number) =>
  shop.inTx((tx) => setStockLevels({ tx, now: NOW }, { lines: [{ sku, onHand }] }));
async function cartWith(sku: string, quantity: number): Promise<CartId> {
  return newCart(shop.deps, guest, { items: [{ sku, quantity }] });
}
const notices = async (cartId: CartId) => (await getCart(shop.deps, { ...context, db: shop.db }, cartId)).notices;

test("a cart tells that a price has changed since the line was set, until the shopper sets it again", async () => {
  shop.sell("tea", 1_000);
  await stock("tea", 10);
  const cartId = await cartWith("tea", 2);
  expect(await notices(cartId)).toBeUndefined();
  shop.sell("tea", 1_200);
  expect(await notices(cartId)).toEqual([{ sku: "tea", kind: "price_changed", from: usd(1_000), to: usd(1_200) }]);
  await shop.inTx((tx) => setQuantity(shop.deps, { ...context, tx }, { cartId, sku: "tea", quantity: 3 }));
  expect(await notices(cartId)).toBeUndefined();
  shop.sell("tea", 900);
  expect(await notices(cartId)).toMatchObject([{ from: usd(1_200), to: usd(900) }]);
  await shop.inTx((tx) => addItem(shop.deps, { ...context, tx }, { cartId, items: [{ sku: "tea", quantity: 1 }] }));
  expect(await notices(cartId)).toBeUndefined();
});

test("reaching another tier is no change of price", async () => {
  const prices = [
    { currency: "USD" as const, amount: 1_000 },
    { currency: "USD" as const, amount: 800, minQuantity: 5 },
  ];
  shop.sell("screw", 1_000, { prices });
  await stock("screw", 100);
  const cartId = await cartWith("screw", 4);
  await shop.inTx((tx) => addItem(shop.deps, { ...context, tx }, { cartId, items: [{ sku: "screw", quantity: 2 }] }));
  expect((await getCart(shop.deps, { ...context, db: shop.db }, cartId)).items[0]?.unitPrice).toEqual(usd(800));
  expect(await notices(cartId)).toBeUndefined();
});

test("nor is reaching one because two carts were joined at sign-in", async () => {
  const actor = newCustomer();
  const items = [{ sku: "screw", quantity: 3 }];
  const [own, other] = [await newCart(shop.deps, actor, { items }), await newCart(shop.deps, guest, { items })];
  expect(await shop.inTx((tx) => claimCart({ tx, now: NOW, actor }, other))).toBe(own);
  const joined = await getCart(shop.deps, { now: NOW, actor, db: shop.db }, own);
  expect(joined.items[0]).toMatchObject({ quantity: 6, unitPrice: usd(800) });
  expect(joined.notices).toBeUndefined();
});

test("a cart tells what is not there in full, what is gone, and what is no longer for sale", async () => {
  shop.sell("lamp", 5_000);
  shop.sell("vase", 2_000);
  shop.sell("book", 1_500, { allowBackorder: true });
  await stock("lamp", 5);
  const cartId = await newCart(shop.deps, guest, {
    items: ["lamp", "vase", "book"].map((sku) => ({ sku, quantity: 3 })),
  });
  expect(await notices(cartId)).toEqual([{ sku: "vase", kind: "out_of_stock", quantity: 3 }]);
  await stock("lamp", 2);
  shop.catalog.delete("vase");
  expect(await notices(cartId)).toEqual([
    { sku: "vase", kind: "unavailable", quantity: 3 },
    { sku: "lamp", kind: "low_stock", quantity: 3, available: 2 },
  ]);
});
