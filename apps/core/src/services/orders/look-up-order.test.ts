import { expect, test } from "bun:test";
import { newId, Problem } from "@stoa/kernel";
import { transact } from "../../platform/db/index.ts";
import type { ShopActor } from "../../platform/rpc/index.ts";
import { eraseFromOrders } from "./erase-customer.ts";
import { lookUpOrder } from "./look-up-order.ts";
import { isTokenOf } from "./order-token.ts";
import { placeOrder } from "./place-order.ts";
import { readOrder } from "./queries.ts";
import { aCart, aSku, card, deliver, place } from "./testing/checkout.ts";
import { shopForFile } from "./testing/shop-for-file.ts";

const shop = await shopForFile();

const ada: ShopActor = {
  kind: "customer",
  customerId: newId("cus"),
  userId: crypto.randomUUID(),
  email: "ada@example.com",
  emailVerified: true,
};

async function refusalOf(number: string, email: string) {
  const refused = await lookUpOrder(shop.orders, { number, email }).catch((error: unknown) => error);
  if (!(refused instanceof Problem)) throw new Error("was found");
  return { code: refused.code, message: refused.message, members: refused.members };
}

async function anOrderOf(customer: typeof ada): Promise<string> {
  const sku = await aSku(shop, 1);
  const cartId = await aCart(shop, sku, 1, customer);
  const request = { cartId, patch: {}, payment: card("pm_card_visa"), idempotencyKey: crypto.randomUUID() };
  const { orderId } = await placeOrder(shop.orders, customer, request);
  await deliver(shop, orderId);
  return (await readOrder(shop.db, orderId)).view.number;
}

test("a guest finds the order by number and e-mail in any case, with the token that opens it", async () => {
  const orderId = await place(shop, await aCart(shop, await aSku(shop, 1)));
  await deliver(shop, orderId);
  const { number } = (await readOrder(shop.db, orderId)).view;
  for (const email of ["ada@example.com", "Ada@Example.COM", " ada@example.com "]) {
    const { order, accessToken } = await lookUpOrder(shop.orders, { number, email });
    expect(order.view).toMatchObject({ id: orderId, number, state: "confirmed" });
    expect(isTokenOf(order, accessToken)).toBe(true);
  }
});

test("an unknown number, a wrong e-mail and an order of an account are refused in the same words", async () => {
  const orderId = await place(shop, await aCart(shop, await aSku(shop, 1)));
  const { number } = (await readOrder(shop.db, orderId)).view;
  const unknown = await refusalOf("999999", "ada@example.com");
  expect(unknown).toMatchObject({ code: "not_found", members: {} });
  expect(await refusalOf(number, "bob@example.com")).toEqual(unknown);
  expect(await refusalOf(`${number}%`, "ada@example.com")).toEqual(unknown);
  expect(await refusalOf(await anOrderOf(ada), ada.email)).toEqual(unknown);
});

test("an erased customer's order is found by no e-mail, not even by an empty one", async () => {
  const number = await anOrderOf(ada);
  await transact(shop.db, (tx) => eraseFromOrders(tx, shop.clock.now(), ada.customerId));
  for (const email of [ada.email, "", " "]) expect((await refusalOf(number, email)).code).toBe("not_found");
});
