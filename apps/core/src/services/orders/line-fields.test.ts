import { expect, test } from "bun:test";
import { type CartId, newId, Problem } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { FieldPatch } from "../../platform/custom-fields/index.ts";
import { transact } from "../../platform/db/index.ts";
import type { ShopActor, StaffActor } from "../../platform/rpc/index.ts";
import { defineFields, noTargets } from "../../testing/index.ts";
import { cartsOf, claimCart, createCartsRouter, eraseFromCarts, getCart } from "../carts/index.ts";
import { eraseFromOrders } from "./erase-customer.ts";
import { createOrderFieldsRouter } from "./fields-router.ts";
import { fieldsOfLines, heldByLines } from "./line-fields.ts";
import { placeOrder } from "./place-order.ts";
import { readOrder } from "./queries.ts";
import { aCart, aCustomer, aSku, deliver, guest } from "./testing/checkout.ts";
import { shopForFile } from "./testing/shop-for-file.ts";

const shop = await shopForFile();

const byShopper = { entity: "order_line", visibility: "shoppers", isShopperEditable: true, kind: "text" };
const fields = [
  { ...byShopper, key: "engraving", lengthMax: 10 },
  { ...byShopper, key: "font", defaultValue: "serif" },
  { entity: "order_line", key: "bench", kind: "text", isPersonal: false },
];

const caller = (actor: ShopActor) => {
  const context = { actor, requestId: "r", traceparent: null, idempotencyKey: null, clock: shop.clock };
  return createCartsRouter(shop.carts).createCaller(context);
};
const staff = () => {
  const who = { staffId: newId("stf"), userId: "u", name: "Sam", email: "sam@example.com", roles: [] };
  const rights = new Set(["orders:read", "orders:write"]);
  const actor = { kind: "staff", ...who, rights } as unknown as StaffActor;
  const context = { actor, requestId: "r", traceparent: null, idempotencyKey: null, clock: shop.clock };
  return createOrderFieldsRouter({ ...shop.orders, findTargets: noTargets }).createCaller(context);
};
const buy = (cartId: CartId, actor: ShopActor = guest) =>
  placeOrder(shop.orders, actor, {
    cartId,
    payment: { provider: "manual" },
    patch: {},
    idempotencyKey: crypto.randomUUID(),
  });
const cartOf = (cartId: CartId, actor: ShopActor = guest) =>
  getCart(shop.carts, { db: shop.db, now: shop.clock.now(), actor }, cartId);
const saidIn = ({ items }: { readonly items: readonly { readonly customFields?: object | undefined }[] }) =>
  items.map(({ customFields }) => customFields);

async function pathsOf(work: Promise<unknown>): Promise<string[]> {
  const error = await work.then(
    () => null,
    (reason: unknown) => (reason instanceof Problem ? reason : (reason as Error).cause),
  );
  if (!(error instanceof Problem)) throw error ?? new Error("was not refused");
  expect(error.code).toBe("validation_failed");
  return (error.members.errors ?? []).map(({ path }) => path);
}

/** A cart with a line that says something, and one that says nothing. */
async function aSpeakingCart(customFields: FieldPatch, actor: ShopActor = guest) {
  const [one, other] = [await aSku(shop, 9), await aSku(shop, 9)];
  const cartId = await aCart(shop, one, 1, actor);
  await caller(actor).setQuantity({ cartId, sku: one, quantity: 1, customFields });
  await caller(actor).addItem({ cartId, sku: other, quantity: 1 });
  return { cartId, one, other };
}

test("each line of a cart says its own, more of a SKU joins its line, and the order keeps it", async () => {
  await defineFields(shop.db, fields);
  const { cartId, one, other } = await aSpeakingCart({ engraving: "Ada" });
  expect(saidIn(await cartOf(cartId))).toEqual([{ engraving: "Ada" }, undefined]);
  await caller(guest).addItem({ cartId, sku: one, quantity: 2, customFields: { font: "sans" } });
  await caller(guest).addItem({ cartId, sku: other, quantity: 1, customFields: { engraving: "Bea" } });
  const cart = await caller(guest).setQuantity({ cartId, sku: other, quantity: 3, customFields: { engraving: null } });
  expect(saidIn(cart)).toEqual([{ engraving: "Ada", font: "sans" }, undefined]);
  expect(cart.items.map(({ quantity }) => quantity)).toEqual([3, 3]);
  const { orderId } = await buy(cartId);
  const { view } = await readOrder(shop.db, orderId);
  expect(saidIn(view)).toEqual([{ engraving: "Ada", font: "sans" }, { font: "serif" }]);
});

test("a cart is made with what its lines say, and what is wrong is told by the line", async () => {
  await defineFields(shop.db, fields);
  const [sku, other] = [await aSku(shop, 9), await aSku(shop, 9)];
  const items = (engraving: string) => [
    { sku: other, quantity: 1 },
    { sku, quantity: 1, customFields: { engraving } },
  ];
  expect(saidIn(await caller(guest).create({ items: items("Ada") }))).toEqual([undefined, { engraving: "Ada" }]);
  expect(await pathsOf(caller(guest).create({ items: items("far too long") }))).toEqual([
    "items.1.customFields.engraving",
  ]);
  const { cartId, one } = await aSpeakingCart({ engraving: "Ada" });
  const wrong = { bench: "B", nope: 1 };
  expect(await pathsOf(caller(guest).addItem({ cartId, sku: one, quantity: 1, customFields: wrong }))).toEqual([
    "customFields.bench",
    "customFields.nope",
  ]);
  expect((await cartOf(cartId)).items[0]?.quantity).toBe(1);
  const many = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`t${index}`, "x".repeat(900)]));
  await defineFields(
    shop.db,
    Object.keys(many).map((key) => ({ ...byShopper, key, lengthMax: 1_000 })),
  );
  expect(await pathsOf(caller(guest).setQuantity({ cartId, sku: one, quantity: 1, customFields: many }))).toEqual([
    "customFields",
  ]);
});

test("what is required of a line is asked for at the checkout, by the line's place", async () => {
  await defineFields(shop.db, fields);
  const { cartId, one, other } = await aSpeakingCart({ engraving: "Ada" });
  await defineFields(shop.db, [{ ...fields[0], isRequired: true }]);
  expect(await pathsOf(buy(cartId))).toEqual(["items.1.customFields.engraving"]);
  await caller(guest).setQuantity({ cartId, sku: other, quantity: 1, customFields: { engraving: "Bea" } });
  await defineFields(shop.db, [{ ...fields[0], lengthMax: 2 }]);
  expect(await pathsOf(buy(cartId))).toEqual(["items.0.customFields.engraving", "items.1.customFields.engraving"]);
  await defineFields(shop.db, [{ ...fields[0], archivedAt: 1 }]);
  await caller(guest).setQuantity({ cartId, sku: one, quantity: 2 });
  expect(saidIn((await readOrder(shop.db, (await buy(cartId)).orderId)).view)).toEqual([undefined, undefined]);
});

test("a guest's lines bring along what they say, and what the customer's own line says goes before it", async () => {
  await defineFields(shop.db, fields);
  const customer = aCustomer();
  const own = await aSpeakingCart({ engraving: "Own" }, customer);
  const cartId = await aCart(shop, own.one);
  await caller(guest).setQuantity({
    cartId,
    sku: own.one,
    quantity: 1,
    customFields: { engraving: "Guest", font: "sans" },
  });
  const fresh = await aSku(shop, 9);
  await caller(guest).addItem({ cartId, sku: fresh, quantity: 1, customFields: { engraving: "New" } });
  await transact(shop.db, (tx) => claimCart({ tx, now: shop.clock.now(), actor: customer }, cartId));
  expect(saidIn(await cartOf(own.cartId, customer))).toEqual([
    { engraving: "Own", font: "sans" },
    undefined,
    { engraving: "New" },
  ]);
});

test("staff see and say all of each line, audited by the names of the fields, and it is held", async () => {
  await defineFields(shop.db, fields);
  const { cartId, one } = await aSpeakingCart({ engraving: "Ada" });
  const { orderId } = await buy(cartId);
  expect(await staff().saveLine({ id: orderId, position: 0, values: { bench: "B1" } })).toEqual({
    ...{ engraving: "Ada", font: "serif", bench: "B1" },
  });
  const { items } = await staff().lines({ id: orderId });
  expect(items.map(({ position, values }) => [position, values])).toEqual([
    [0, { engraving: "Ada", font: "serif", bench: "B1" }],
    [1, { font: "serif" }],
  ]);
  expect(saidIn((await readOrder(shop.db, orderId)).view)).toEqual([
    { engraving: "Ada", font: "serif" },
    { font: "serif" },
  ]);
  const [audit] = await shop.db.execute(
    sql`select action, after from platform.audit_log where entity_id = ${orderId} order by seq desc limit 1`,
  );
  expect(audit).toEqual({ action: "order.line_fields_saved", after: { position: 0, keys: ["bench"] } });
  expect(await pathsOf(staff().saveLine({ id: orderId, position: 0, values: { bench: 5 } }))).toEqual([
    "customFields.bench",
  ]);
  const absent = await staff()
    .saveLine({ id: orderId, position: 9, values: {} })
    .catch((error: unknown) => error);
  expect(absent).toMatchObject({ cause: { code: "not_found" } });
  const { view } = await readOrder(shop.db, orderId);
  expect(await Array.fromAsync(heldByLines(shop.db, "bench"))).toEqual([
    { id: `${orderId}/0`, name: `${view.number}: ${one}`, value: "B1" },
  ]);
});

test("a customer's copy holds what their lines say, and erasing them leaves what says nothing of a person", async () => {
  await defineFields(shop.db, fields);
  const customer = aCustomer();
  const { cartId } = await aSpeakingCart({ engraving: "Ada" }, customer);
  const { orderId } = await buy(cartId, customer);
  await deliver(shop, orderId);
  await staff().saveLine({ id: orderId, position: 0, values: { bench: "B1" } });
  const values = { engraving: "Ada", font: "serif", bench: "B1" };
  expect(await fieldsOfLines(shop.db, customer.customerId, 10)).toMatchObject([
    { orderId, position: 0, values },
    { orderId, position: 1, values: { font: "serif" } },
  ]);
  expect((await cartsOf(shop.db, customer.customerId, 10))[0]?.items[0]?.customFields).toEqual({ engraving: "Ada" });
  await transact(shop.db, async (tx) => {
    const { cartIds } = await eraseFromOrders(tx, shop.clock.now(), customer.customerId);
    await eraseFromCarts(tx, { customerId: customer.customerId, besides: cartIds });
  });
  expect((await staff().lines({ id: orderId })).items.map((line) => line.values)).toEqual([{ bench: "B1" }, {}]);
  expect((await cartsOf(shop.db, customer.customerId, 10))[0]?.items[0]?.customFields).toEqual({});
});
