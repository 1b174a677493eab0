import { afterAll, beforeAll, expect, test } from "bun:test";
import type { CartId } from "@stoa/kernel";
import type { Actor, CustomerActor } from "../../platform/rpc/index.ts";
import { CART_TTL_MS } from "./cart.ts";
import { claimCart, expireCarts, getCart, restoreMergedCart, updateCart } from "./index.ts";
import { address, type CartShop, cartShop, guest, NOW, newCart, newCustomer, refusalOf } from "./testing/fixture.ts";

let shop: CartShop;
beforeAll(async () => {
  shop = await cartShop();
  for (const sku of ["tea", "pot", "cup"]) shop.sell(sku, 1_000);
});
afterAll(() => shop[Symbol.asyncDispose]());

const create = (actor: Actor, items: { sku: string; quantity: number }[]) => newCart(shop.deps, actor, { items });
const claim = (cartId: CartId, actor: CustomerActor) => shop.inTx((tx) => claimCart({ tx, now: NOW, actor }, cartId));
const view = (cartId: CartId, actor: Actor) => getCart(shop.deps, { db: shop.db, now: NOW, actor }, cartId);
const lines = async (cartId: CartId, actor: Actor) =>
  Object.fromEntries((await view(cartId, actor)).items.map(({ sku, quantity }) => [sku, quantity]));

test("a guest's cart becomes the customer's own, and answers to nobody else from then on", async () => {
  const ada = newCustomer();
  const cartId = await create(guest, [{ sku: "tea", quantity: 2 }]);
  expect(await claim(cartId, ada)).toBe(cartId);
  expect(await claim(cartId, ada)).toBe(cartId);
  expect(await view(cartId, ada)).toMatchObject({ email: "ada@example.com", items: [{ quantity: 2 }] });
  expect((await refusalOf(view(cartId, guest))).code).toBe("not_found");
  expect((await refusalOf(claim(cartId, newCustomer("eve@example.com")))).code).toBe("not_found");
});

test("two carts join with every line; asking again changes nothing", async () => {
  const ada = newCustomer();
  const own = await create(ada, [
    { sku: "tea", quantity: 2 },
    { sku: "pot", quantity: 998 },
  ]);
  const other = await create(guest, [
    { sku: "cup", quantity: 6 },
    { sku: "pot", quantity: 5 },
  ]);
  await shop.inTx((tx) =>
    updateCart(shop.deps, { tx, now: NOW, actor: guest }, { cartId: other, patch: { shippingAddress: address } }),
  );
  expect(await Promise.all([claim(other, ada), claim(other, ada), claim(other, ada)])).toEqual([own, own, own]);
  expect(await lines(own, ada)).toEqual({ tea: 2, pot: 999, cup: 6 });
  expect((await view(own, ada)).shippingAddress).toEqual(address);
  expect((await refusalOf(view(other, guest))).code).toBe("not_found");
  expect((await refusalOf(claim(other, newCustomer("eve@example.com")))).code).toBe("not_found");
});

test("two devices that sign in at once lose no line", async () => {
  for (let round = 0; round < 5; round += 1) {
    const ada = newCustomer();
    const first = await create(guest, [{ sku: "tea", quantity: 1 }]);
    const second = await create(guest, [{ sku: "cup", quantity: 3 }]);
    const [one, two] = await Promise.all([claim(first, ada), claim(second, ada)]);
    const left = await claim(first, ada);
    expect([one, two]).toContain(left);
    expect(await lines(left, ada)).toEqual({ tea: 1, cup: 3 });
  }
});

test("a merged cart can be restored with the lines it had, by its customer only", async () => {
  const ada = newCustomer();
  const own = await create(ada, [{ sku: "tea", quantity: 2 }]);
  const other = await create(guest, [{ sku: "cup", quantity: 6 }]);
  await claim(other, ada);
  const restore = ({ customerId }: CustomerActor) =>
    shop.inTx((tx) => restoreMergedCart({ tx, now: NOW }, { cartId: other, customerId }));
  expect((await refusalOf(restore(newCustomer("eve@example.com")))).code).toBe("not_found");
  expect(await Promise.all([restore(ada), restore(ada)])).toEqual([other, other]);
  expect(await lines(other, ada)).toEqual({ cup: 6 });
  expect(await lines(own, ada)).toEqual({ tea: 2, cup: 6 });
});

test("a cart in another currency becomes a second cart of the customer's, so no line is lost to a price that is not there", async () => {
  const ada = newCustomer();
  const own = await create(ada, [{ sku: "tea", quantity: 2 }]);
  const items = [{ sku: "cup", quantity: 6 }];
  const inEuros = await newCart(shop.deps, guest, { currency: "EUR", items });
  expect(await claim(inEuros, ada)).toBe(inEuros);
  expect(await lines(inEuros, ada)).toEqual({ cup: 6 });
  expect(await lines(own, ada)).toEqual({ tea: 2 });
  expect((await view(inEuros, ada)).totals.total).toEqual({ amount: 6_000, currency: "EUR" });
});

test("a claim that fails leaves both carts as they were", async () => {
  const ada = newCustomer();
  const own = await create(ada, [{ sku: "tea", quantity: 2 }]);
  const other = await create(guest, [{ sku: "cup", quantity: 6 }]);
  const failing = shop.inTx(async (tx) => {
    await claimCart({ tx, now: NOW, actor: ada }, other);
    throw new Error("the process dies before the commit");
  });
  await failing.catch(() => undefined);
  expect(await lines(own, ada)).toEqual({ tea: 2 });
  expect(await lines(other, guest)).toEqual({ cup: 6 });
  expect(await claim(other, ada)).toBe(own);
  expect(await lines(own, ada)).toEqual({ tea: 2, cup: 6 });
});

test("lines behind the hundredth stay in the merged cart", async () => {
  const ada = newCustomer();
  const skus = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => ({ sku: shop.sell(`sku-${from + index}`, 100), quantity: 1 }));
  const own = await create(ada, skus(0, 80));
  const other = await create(guest, skus(70, 130));
  await claim(other, ada);
  const joined = await lines(own, ada);
  expect(Object.keys(joined)).toHaveLength(100);
  expect(joined["sku-75"]).toBe(2);
  expect(joined["sku-99"]).toBe(1);
  expect(joined["sku-100"]).toBeUndefined();
});

test("the sweep removes what nobody has touched for 30 days, and only that", async () => {
  const stale = await create(guest, [{ sku: "tea", quantity: 1 }]);
  expect(await expireCarts({ db: shop.db, now: NOW })).toBe(0);
  expect((await view(stale, guest)).items).toHaveLength(1);
  const later = (NOW + CART_TTL_MS) as typeof NOW;
  expect(await expireCarts({ db: shop.db, now: later })).toBeGreaterThan(0);
  expect((await refusalOf(view(stale, guest))).code).toBe("not_found");
});
