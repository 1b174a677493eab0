import { afterAll, beforeAll, expect, test } from "bun:test";
import { type CartId, newId } from "@stoa/kernel";
import type { Actor } from "../../platform/rpc/index.ts";
import { addItem, type CartPatch, getCart, listShippingMethods, setQuantity, updateCart } from "./index.ts";
import { address, type CartShop, cartShop, guest, NOW, newCart, newCustomer, refusalOf } from "./testing/fixture.ts";

let shop: CartShop;
beforeAll(async () => {
  shop = await cartShop();
  shop.sell("tea", 1_250);
  shop.sell("pot", 4_000);
});
afterAll(() => shop[Symbol.asyncDispose]());

const create = (actor: Actor = guest, items = [{ sku: "tea", quantity: 2 }]) => newCart(shop.deps, actor, { items });
const add = (cartId: CartId, sku: string, quantity: number, actor: Actor = guest) =>
  shop.inTx((tx) => addItem(shop.deps, { tx, now: NOW, actor }, { cartId, items: [{ sku, quantity }] }));
const set = (cartId: CartId, sku: string, quantity: number, actor: Actor = guest) =>
  shop.inTx((tx) => setQuantity(shop.deps, { tx, now: NOW, actor }, { cartId, sku, quantity }));
const patch = (cartId: CartId, changes: CartPatch, actor: Actor = guest) =>
  shop.inTx((tx) => updateCart(shop.deps, { tx, now: NOW, actor }, { cartId, patch: changes }));
const view = (cartId: CartId, actor: Actor = guest) => getCart(shop.deps, { db: shop.db, now: NOW, actor }, cartId);
const lines = async (cartId: CartId) => (await view(cartId)).items.map(({ sku, quantity }) => [sku, quantity]);

test("a new cart shows the catalog's prices, and a changed price shows at once", async () => {
  shop.sell("scarf", 3_000, { options: { colour: "red" } });
  const cartId = await create(guest, [{ sku: "scarf", quantity: 3 }]);
  expect(await view(cartId)).toMatchObject({
    state: "open",
    currency: "USD",
    items: [{ sku: "scarf", quantity: 3, options: { colour: "red" }, total: { amount: 9_000, currency: "USD" } }],
    totals: { total: { amount: 9_000 } },
  });
  shop.sell("scarf", 2_500);
  expect((await view(cartId)).totals.total.amount).toBe(7_500);
});

test("50 lines that are added at once are all there", async () => {
  const cartId = await create(guest, []);
  const skus = Array.from({ length: 50 }, (_, index) => shop.sell(`parallel-${index}`, 100));
  await Promise.all(skus.map((sku) => add(cartId, sku, 1)));
  const cart = await view(cartId);
  expect(cart.items.map((item) => item.sku).sort()).toEqual(skus.sort());
  expect(cart.totals.total.amount).toBe(5_000);
  expect(cart.version).toBe(51);
});

test("50 additions of one SKU at once sum up", async () => {
  const cartId = await create(guest, []);
  await Promise.all(Array.from({ length: 50 }, () => add(cartId, "tea", 2)));
  expect(await lines(cartId)).toEqual([["tea", 100]]);
});

test("a cart holds at most 999 units of a SKU and 100 lines, however many come at once", async () => {
  const cartId = await create(guest, [{ sku: "tea", quantity: 990 }]);
  const full = await Promise.allSettled(Array.from({ length: 5 }, () => add(cartId, "tea", 3)));
  expect(full.filter((one) => one.status === "fulfilled")).toHaveLength(3);
  expect(await lines(cartId)).toEqual([["tea", 999]]);

  const many = Array.from({ length: 110 }, (_, index) => shop.sell(`many-${index}`, 100));
  const added = await Promise.allSettled(many.map((sku) => add(cartId, sku, 1)));
  expect(added.filter((one) => one.status === "fulfilled")).toHaveLength(99);
  expect((await refusalOf(add(cartId, "many-109", 1000))).code).toBe("validation_failed");
  expect((await view(cartId)).items).toHaveLength(100);
});

test("an unknown SKU, one in another currency and a line too dear are refused", async () => {
  const cartId = await create();
  shop.sell("elsewhere", 100, { unitPrice: null });
  shop.sell("crown", 50_000_000);
  expect((await refusalOf(add(cartId, "nothing", 1))).code).toBe("sku_unknown");
  expect((await refusalOf(add(cartId, "elsewhere", 1))).code).toBe("currency_mismatch");
  expect((await refusalOf(add(cartId, "crown", 999))).code).toBe("validation_failed");
  expect(await lines(cartId)).toEqual([["tea", 2]]);
  const inKroner = newCart(shop.deps, guest, { currency: "SEK" });
  expect((await refusalOf(inKroner)).code).toBe("currency_mismatch");
});

test("a price that is raised beyond what can be counted takes its line out, and the cart can still be read", async () => {
  shop.sell("comet", 1_000);
  const cartId = await create(guest, [
    { sku: "comet", quantity: 999 },
    { sku: "tea", quantity: 1 },
  ]);
  shop.sell("comet", 1_000_000_000_000);
  expect(await view(cartId)).toMatchObject({
    items: [{ sku: "tea" }],
    totals: { total: { amount: 1_250 } },
    notices: [{ sku: "comet", kind: "unavailable" }, { sku: "tea" }],
  });
  const dear = Array.from({ length: 45 }, (_, index) => ({
    sku: shop.sell(`dear-${index}`, 10_000_000),
    quantity: 999,
  }));
  const { totals } = await view(await create(guest, dear));
  expect(totals.total.amount).toBe(40 * 9_990_000_000);
});

test("a quantity is set, and 0 removes the line, also one that is not there", async () => {
  const cartId = await create();
  await set(cartId, "tea", 7);
  expect(await lines(cartId)).toEqual([["tea", 7]]);
  await set(cartId, "tea", 0);
  await set(cartId, "tea", 0);
  expect(await lines(cartId)).toEqual([]);
  expect((await refusalOf(set(cartId, "pot", 1))).code).toBe("sku_unknown");
  for (const quantity of [-1, 1.5, 1e9, Number.NaN]) {
    expect((await refusalOf(set(cartId, "tea", quantity))).code).toBe("validation_failed");
  }
});

test("a customer's cart answers to that customer only, a guest's to whoever holds its id", async () => {
  const [ada, eve] = [newCustomer(), newCustomer("eve@example.com")];
  const own = await create(ada);
  for (const stranger of [eve, guest]) {
    expect((await refusalOf(view(own, stranger))).code).toBe("not_found");
    expect((await refusalOf(add(own, "tea", 1, stranger))).code).toBe("not_found");
    expect((await refusalOf(set(own, "tea", 0, stranger))).code).toBe("not_found");
    expect((await refusalOf(patch(own, { email: "eve@example.com" }, stranger))).code).toBe("not_found");
  }
  expect(await view(own, ada)).toMatchObject({ email: "ada@example.com", items: [{ quantity: 2 }] });
  expect((await view(await create(), eve)).items).toHaveLength(1);
  expect((await refusalOf(view(newId("cart")))).code).toBe("not_found");
});

test("addresses, e-mail and a shipping method are kept; a method the shop does not have is refused", async () => {
  const cartId = await create();
  const methods = await listShippingMethods(shop.deps, { db: shop.db, now: NOW, actor: guest }, cartId);
  expect(methods.items.map((method) => [method.name, method.price.amount])).toEqual([
    ["Standard", 500],
    ["Express", 1_500],
  ]);
  const shippingMethod = methods.items[1]?.id;
  await patch(cartId, { email: "ada@example.com", shippingAddress: address, shippingMethod });
  expect(await view(cartId)).toMatchObject({
    email: "ada@example.com",
    shippingAddress: address,
    shippingMethod: { id: shippingMethod, name: "Express" },
    totals: { subtotal: { amount: 2_500 }, shipping: { amount: 1_500 }, total: { amount: 4_000 } },
  });
  for (const unknown of ["express", newId("shp")]) {
    expect((await refusalOf(patch(cartId, { shippingMethod: unknown }))).code).toBe("validation_failed");
  }
});

test("standard shipping costs nothing from its threshold on", async () => {
  const cartId = await create(guest, [{ sku: "pot", quantity: 2 }]);
  const methods = await listShippingMethods(shop.deps, { db: shop.db, now: NOW, actor: guest }, cartId);
  expect(methods.items.map((method) => method.price.amount)).toEqual([0, 1_500]);
});

test("a product that is withdrawn is no longer counted", async () => {
  shop.sell("fleeting", 900);
  const cartId = await create(guest, [
    { sku: "fleeting", quantity: 1 },
    { sku: "tea", quantity: 1 },
  ]);
  shop.catalog.delete("fleeting");
  expect(await view(cartId)).toMatchObject({ items: [{ sku: "tea" }], totals: { total: { amount: 1_250 } } });
});
