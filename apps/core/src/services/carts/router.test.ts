import { afterAll, beforeAll, expect, test } from "bun:test";
import { type CartId, newId } from "@stoa/kernel";
import { cartViewSchema } from "@stoa/read-models";
import type { Actor } from "../../platform/rpc/index.ts";
import { codeOf } from "../../testing/index.ts";
import { createCartsRouter, freezeCart } from "./index.ts";
import { address, type CartShop, cartShop, guest, NOW, newCustomer } from "./testing/fixture.ts";

let shop: CartShop;
beforeAll(async () => {
  shop = await cartShop();
  shop.sell("tea", 1_000, { image: { url: "https://shop.example/tea.jpg", alt: "Tea" } });
});
afterAll(() => shop[Symbol.asyncDispose]());

function caller(actor: Actor = guest, idempotencyKey: string | null = null) {
  const context = { actor, requestId: "test", traceparent: null, idempotencyKey, clock: shop.deps.clock };
  return createCartsRouter(shop.deps).createCaller(context);
}

test("every procedure answers the cart in the shape the storefront API promises", async () => {
  const carts = caller();
  const { id } = await carts.create({ items: [{ sku: "tea", quantity: 1 }] });
  const [standard] = (await carts.shippingMethods({ cartId: id })).items;
  const answers = [
    await carts.addItem({ cartId: id, sku: "tea", quantity: 2 }),
    await carts.setQuantity({ cartId: id, sku: "tea", quantity: 4 }),
    await carts.update({
      cartId: id,
      patch: { email: "a@example.com", shippingAddress: address, shippingMethod: standard?.id },
    }),
    await carts.removePromotion({ cartId: id, code: "none" }),
    await carts.get({ cartId: id }),
  ];
  for (const answer of answers) expect(cartViewSchema.strict().parse(answer)).toEqual(answer);
  expect(answers.at(-1)).toMatchObject({ version: 6, items: [{ quantity: 4 }], totals: { total: { amount: 4_500 } } });
});

test("the same Idempotency-Key makes one cart and adds once; with another request it is refused", async () => {
  const carts = caller(guest, "key-1");
  const items = [{ sku: "tea", quantity: 1 }];
  const both = await Promise.all([carts.create({ items }), carts.create({ items })]);
  expect(both[0]).toEqual(both[1]);
  expect(await codeOf(carts.create({ items: [{ sku: "tea", quantity: 2 }] }))).toBe("idempotency_key_reused");
  const add = () => caller(guest, "key-2").addItem({ cartId: both[0].id, sku: "tea", quantity: 1 });
  expect(await add()).toEqual(await add());
  expect((await caller().get({ cartId: both[0].id })).items[0]?.quantity).toBe(2);
});

test("a new cart's answer stands for its Idempotency-Key, even when the same could not be done any more", async () => {
  const gone = { items: [{ sku: shop.sell("gone", 700), quantity: 1 }] };
  const first = await caller(guest, "key-3").create(gone);
  shop.catalog.delete("gone");
  expect(await caller(guest, "key-3").create(gone)).toEqual(first);
  expect(await codeOf(caller(guest, "key-4").create(gone))).toBe("sku_unknown");
  expect(await codeOf(caller(guest, "key-3").create({ items: [{ sku: "gone", quantity: 2 }] }))).toBe(
    "idempotency_key_reused",
  );
  expect((await caller().get({ cartId: first.id })).id).toBe(first.id);
});

test("changes of one cart at once all count, or are refused with the cart as it is by then", async () => {
  const skus = ["a", "b", "c", "d"].map((name) => shop.sell(`at-once-${name}`, 100));
  const { id } = await caller().create({ items: skus.map((sku) => ({ sku, quantity: 1 })) });
  const { items } = await caller().shippingMethods({ cartId: id });
  const patch = { email: "a@example.com", shippingAddress: address, shippingMethod: items[0]?.id };
  const orderId = newId("ord");
  const freeze = () =>
    shop.inTx((tx) => freezeCart(shop.deps, { tx, now: NOW }, { cartId: id as CartId, orderId, actor: guest, patch }));
  const change = (index: number) => {
    const sku = skus[index % skus.length] ?? "";
    return index % 7 === 6 ? freeze() : caller().addItem({ cartId: id, sku, quantity: 1 });
  };
  const outcomes = await Promise.allSettled(Array.from({ length: 28 }, (_, index) => change(index)));
  const added = outcomes.filter((one, index) => index % 7 !== 6 && one.status === "fulfilled").length;
  const cart = await caller().get({ cartId: id });
  expect(cart.state).toBe("completed");
  expect(cart.items.reduce((sum, item) => sum + item.quantity, 0)).toBe(4 + added);
  expect(cart.totals.subtotal.amount).toBe(100 * (4 + added));
  const refused = outcomes.flatMap((one, index) => (index % 7 !== 6 && one.status === "rejected" ? [one.reason] : []));
  for (const reason of refused) {
    expect(reason.cause).toMatchObject({ code: "cart_completed", members: { cart: { id, items: cart.items } } });
  }
  const late = await caller()
    .setQuantity({ cartId: id, sku: skus[0] ?? "", quantity: 9 })
    .catch((error) => error.cause);
  expect(late).toMatchObject({ code: "cart_completed", members: { cart: { version: cart.version } } });
});

test("what is no request for a cart is refused at the door", async () => {
  const carts = caller();
  const { id } = await carts.create({});
  for (const quantity of [0, -1, 1.5, 1e9, "1"]) {
    const call = carts.addItem({ cartId: id, sku: "tea", quantity } as never);
    expect(await codeOf(call)).toBe("validation_failed");
  }
  for (const body of [
    { cartId: id, sku: "tea", quantity: 1, price: 1 },
    { cartId: id, sku: { $gt: "" }, quantity: 1 },
    { cartId: "cart_1", sku: "tea", quantity: 1 },
    { cartId: newId("ord"), sku: "tea", quantity: 1 },
    { cartId: id, sku: "a\u0000b", quantity: 1 },
  ]) {
    expect(await codeOf(carts.addItem(body as never))).toBe("validation_failed");
  }
  for (const patch of [{ total: 1 }, { email: "none" }, { shippingAddress: { ...address, country: "gb" } }]) {
    expect(await codeOf(carts.update({ cartId: id, patch } as never))).toBe("validation_failed");
  }
});

test("only a signed-in customer claims, and staff are no shoppers", async () => {
  const { id } = await caller().create({ items: [{ sku: "tea", quantity: 1 }] });
  expect(await codeOf(caller().claim({ cartId: id }))).toBe("unauthenticated");
  expect(await codeOf(caller({ kind: "system", name: "any" }).get({ cartId: id }))).toBe("unauthenticated");
  const ada = newCustomer();
  expect((await caller(ada).claim({ cartId: id })).email).toBe(ada.email);
  expect(await codeOf(caller().restore({ cartId: id }))).toBe("unauthenticated");
  expect((await caller(ada).restore({ cartId: id })).id).toBe(id);
  expect(await codeOf(caller(newCustomer("eve@example.com")).restore({ cartId: id }))).toBe("not_found");
  expect(await codeOf(caller().get({ cartId: id }))).toBe("not_found");
});
