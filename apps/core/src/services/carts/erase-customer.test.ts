import { afterAll, beforeAll, expect, test } from "bun:test";
import { type CartId, newId, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { Actor } from "../../platform/rpc/index.ts";
import { cartsOf, claimCart, eraseFromCarts, freezeCart, listShippingMethods, updateCart } from "./index.ts";
import { address, type CartShop, cartShop, guest, NOW, newCart, newCustomer } from "./testing/fixture.ts";

let shop: CartShop;
beforeAll(async () => {
  shop = await cartShop();
  shop.sell("tea", 1_000);
});
afterAll(() => shop[Symbol.asyncDispose]());

const create = (actor: Actor) => newCart(shop.deps, actor, { items: [{ sku: "tea", quantity: 1 }] });

async function toldBy(cartId: CartId, actor: Actor, email = "ada@example.com") {
  const { items } = await listShippingMethods(shop.deps, { db: shop.db, now: NOW, actor }, cartId);
  const patch = { email, shippingAddress: address, shippingMethod: items[0]?.id };
  await shop.inTx((tx) => updateCart(shop.deps, { tx, now: NOW, actor }, { cartId, patch }));
}

async function personIn(cartId: CartId): Promise<unknown[]> {
  const rows = await shop.db.execute(sql`
    select email, shipping_address, billing_address from carts.cart where id = ${toUuid(cartId)}::uuid`);
  return rows.flatMap((row) => Object.values(row)).filter((value) => value !== null);
}

test("who is erased is erased from the guest's cart as well that joined theirs at sign-in", async () => {
  const ada = newCustomer();
  const own = await create(ada);
  const other = await create(guest);
  await toldBy(other, guest);
  await shop.inTx((tx) => claimCart({ tx, now: NOW, actor: ada }, other));
  const copy = await cartsOf(shop.db, ada.customerId, 10);
  expect(copy.map(({ id }) => id).toSorted()).toEqual([own, other].toSorted());
  expect(copy.map(({ email }) => email)).toEqual(["ada@example.com", "ada@example.com"]);
  await shop.inTx((tx) => eraseFromCarts(tx, { customerId: ada.customerId }));
  expect([await personIn(own), await personIn(other)]).toEqual([[], []]);
});

test("who is erased while a cart of theirs is priced for an order does not come back with it", async () => {
  const ada = newCustomer();
  const cartId = await create(ada);
  await toldBy(cartId, ada);
  const findOffers: typeof shop.deps.findOffers = async (question) => {
    await shop.inTx((tx) => eraseFromCarts(tx, { customerId: ada.customerId }));
    return shop.deps.findOffers(question);
  };
  const input = { cartId, orderId: newId("ord"), actor: ada };
  const freezing = shop.inTx((tx) => freezeCart({ ...shop.deps, findOffers }, { tx, now: NOW }, input));
  await expect(freezing).rejects.toMatchObject({ code: "email_required" });
  expect(await personIn(cartId)).toEqual([]);
});

test("a guest's cart with an address goes with whom the address was proven to belong to, and with nobody else", async () => {
  const ada = newCustomer();
  const forgotten = await create(guest);
  await toldBy(forgotten, guest, "Ada.Forgotten@example.com");
  const strangers = await create(guest);
  await toldBy(strangers, guest, "bob@example.com");
  const other = newCustomer();
  const others = await create(other);
  await toldBy(others, other, "ada.forgotten@example.com");
  await shop.inTx((tx) => eraseFromCarts(tx, { customerId: ada.customerId }));
  expect(await personIn(forgotten)).not.toEqual([]);
  const provenEmail = "ada.forgotten@example.com";
  expect(await shop.inTx((tx) => eraseFromCarts(tx, { customerId: ada.customerId, provenEmail }))).toEqual([forgotten]);
  expect(await personIn(forgotten)).toEqual([]);
  for (const cartId of [strangers, others]) expect(await personIn(cartId)).not.toEqual([]);
});
