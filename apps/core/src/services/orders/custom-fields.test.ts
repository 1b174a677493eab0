import { afterAll, beforeAll, expect, test } from "bun:test";
import { newId, Problem } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { FieldPatch } from "../../platform/custom-fields/index.ts";
import { transact } from "../../platform/db/index.ts";
import type { ShopActor, StaffActor } from "../../platform/rpc/index.ts";
import { defineFields } from "../../testing/index.ts";
import { claimCart, getCart, updateCart } from "../carts/index.ts";
import { eraseFromOrders } from "./erase-customer.ts";
import { createOrderFieldsRouter } from "./fields-router.ts";
import { heldByOrders } from "./order-fields.ts";
import { placeOrder } from "./place-order.ts";
import { readOrder } from "./queries.ts";
import { aCart, aCustomer, aShop, aSku, deliver, guest, type Shop } from "./testing/checkout.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await aShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const byShopper = { entity: "order", visibility: "shoppers", isShopperEditable: true };
const fields = [
  { ...byShopper, key: "message", kind: "text", lengthMax: 20 },
  { ...byShopper, key: "wrap", kind: "choice", choices: [{ value: "paper" }, { value: "box" }], defaultValue: "paper" },
  { entity: "order", key: "batch", kind: "text", isPersonal: false },
  { entity: "order", key: "checked", kind: "boolean", visibility: "shoppers" },
];

const patchCart = (cartId: Awaited<ReturnType<typeof aCart>>, customFields: FieldPatch, actor: ShopActor = guest) =>
  transact(shop.db, (tx) =>
    updateCart(shop.carts, { tx, now: shop.clock.now(), actor }, { cartId, patch: { customFields } }),
  );
const cartOf = (cartId: Awaited<ReturnType<typeof aCart>>, actor: ShopActor = guest) =>
  getCart(shop.carts, { db: shop.db, now: shop.clock.now(), actor }, cartId);
const buy = (
  cartId: Awaited<ReturnType<typeof aCart>>,
  { customFields, actor = guest }: { customFields?: FieldPatch; actor?: ShopActor } = {},
) =>
  placeOrder(shop.orders, actor, {
    cartId,
    payment: { provider: "manual" },
    patch: customFields ? { customFields } : {},
    idempotencyKey: crypto.randomUUID(),
  });

async function errorsOf(work: Promise<unknown>): Promise<string[]> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Problem)) throw error ?? new Error("was not refused");
  expect(error.code).toBe("validation_failed");
  return (error.members.errors ?? []).map(({ path, message }) => `${path} ${message}`);
}

test("what a shopper says on the cart is the order's, with what holds where they say nothing", async () => {
  await defineFields(shop.db, fields);
  const cartId = await aCart(shop, await aSku(shop, 5));
  await patchCart(cartId, { message: "For Ada" });
  expect((await cartOf(cartId)).customFields).toEqual({ message: "For Ada" });
  const { orderId } = await buy(cartId);
  const { view } = await readOrder(shop.db, orderId);
  expect(view.customFields).toEqual({ message: "For Ada", wrap: "paper" });
});

test("the checkout's own members go before the cart's, which keeps them", async () => {
  await defineFields(shop.db, fields);
  const cartId = await aCart(shop, await aSku(shop, 5));
  await patchCart(cartId, { message: "For Ada", wrap: "box" });
  const { orderId } = await buy(cartId, { customFields: { message: "For Bea", wrap: null } });
  expect((await readOrder(shop.db, orderId)).view.customFields).toEqual({ message: "For Bea", wrap: "paper" });
  expect((await cartOf(cartId)).customFields).toEqual({ message: "For Bea" });
});

test("a shopper is refused what is not theirs to say, at the cart and at the checkout", async () => {
  await defineFields(shop.db, fields);
  const cartId = await aCart(shop, await aSku(shop, 5));
  const wrong = { message: "x".repeat(21), batch: "B1", nope: 1, checked: true, wrap: "foil" };
  const errors = [
    "customFields.message must have at most 20 characters",
    "customFields.batch there is no such field",
    "customFields.nope there is no such field",
    "customFields.checked is not for shoppers to change",
    "customFields.wrap foil is none of the choices",
  ];
  expect(await errorsOf(patchCart(cartId, wrong))).toEqual(errors);
  expect(await errorsOf(buy(cartId, { customFields: wrong }))).toEqual(errors);
  expect((await cartOf(cartId)).customFields).toBeUndefined();
});

test("what is required is asked for at the checkout, not before", async () => {
  await defineFields(shop.db, [{ ...fields[0], isRequired: true }]);
  const cartId = await aCart(shop, await aSku(shop, 5));
  await patchCart(cartId, { message: null });
  expect(await errorsOf(buy(cartId))).toEqual(["customFields.message is required"]);
  const { orderId } = await buy(cartId, { customFields: { message: "Hi" } });
  expect((await readOrder(shop.db, orderId)).view.customFields).toEqual({ message: "Hi" });
});

test("what was said before a field was archived or narrowed keeps no order from being placed, or says what is wrong", async () => {
  await defineFields(shop.db, fields);
  const cartId = await aCart(shop, await aSku(shop, 5));
  await patchCart(cartId, { message: "For Ada", wrap: "box" });
  await defineFields(shop.db, [
    { ...fields[0], lengthMax: 3 },
    { ...fields[1], archivedAt: 1 },
  ]);
  expect(await errorsOf(buy(cartId))).toEqual(["customFields.message must have at most 3 characters"]);
  const { orderId } = await buy(cartId, { customFields: { message: "Ada" } });
  expect((await readOrder(shop.db, orderId)).view.customFields).toEqual({ message: "Ada" });
});

test("two who say different things of one cart at once are both heard", async () => {
  await defineFields(shop.db, fields);
  const cartId = await aCart(shop, await aSku(shop, 5));
  await Promise.all([patchCart(cartId, { message: "For Ada" }), patchCart(cartId, { wrap: "box" })]);
  expect((await cartOf(cartId)).customFields).toEqual({ message: "For Ada", wrap: "box" });
});

test("a guest's cart brings what was said on it along", async () => {
  await defineFields(shop.db, fields);
  const customer = aCustomer();
  const own = await aCart(shop, await aSku(shop, 5), 1, customer);
  await patchCart(own, { wrap: "box" }, customer);
  const cartId = await aCart(shop, await aSku(shop, 5));
  await patchCart(cartId, { message: "For Ada", wrap: "paper" });
  await transact(shop.db, (tx) => claimCart({ tx, now: shop.clock.now(), actor: customer }, cartId));
  expect((await cartOf(own, customer)).customFields).toEqual({ message: "For Ada", wrap: "box" });
});

/** What is there to be led to. */
const targets = new Set<string>();

const desk = (...rights: string[]) => {
  const who = { staffId: newId("stf"), userId: "u", name: "Sam", email: "sam@example.com", roles: [] };
  const actor = { kind: "staff", ...who, rights: new Set(rights) } as unknown as StaffActor;
  const context = { actor, requestId: "r", traceparent: null, idempotencyKey: null, clock: shop.clock };
  return createOrderFieldsRouter({ ...shop.orders, findTargets: async () => targets }).createCaller(context);
};

test("staff see and say all of it, are audited by the names of the fields, and shoppers see their part anew", async () => {
  await defineFields(shop.db, fields);
  const { orderId } = await buy(await aCart(shop, await aSku(shop, 5)), { customFields: { message: "For Ada" } });
  const before = await readOrder(shop.db, orderId);
  const staff = desk("orders:read", "orders:write");
  const saved = await staff.save({ id: orderId, values: { batch: "B1", checked: true, message: null } });
  expect(saved).toEqual({ batch: "B1", checked: true, wrap: "paper" });
  expect(await staff.get({ id: orderId })).toEqual(saved);
  expect(before.view.customFields).toEqual({ message: "For Ada", wrap: "paper" });
  expect((await readOrder(shop.db, orderId)).view.customFields).toEqual({ checked: true, wrap: "paper" });
  const [audit] = await shop.db.execute(
    sql`select action, after from platform.audit_log where entity_id = ${orderId} order by seq desc limit 1`,
  );
  expect(audit).toEqual({ action: "order.fields_saved", after: { keys: ["batch", "checked", "message"] } });
  const [told] = await shop.db.execute(
    sql`select count(*)::int as n from platform.outbox where type = 'order.changed' and key = ${orderId}`,
  );
  expect(Number(told?.n)).toBeGreaterThan(1);
  const refused = await staff.save({ id: orderId, values: { batch: 5 } }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ cause: { code: "validation_failed" } });
  const reader = await desk("orders:read")
    .save({ id: orderId, values: {} })
    .catch((error: unknown) => error);
  expect(reader).toMatchObject({ cause: { code: "forbidden" } });
  expect(await Array.fromAsync(heldByOrders(shop.db, "batch"))).toContainEqual(
    expect.objectContaining({ id: orderId, value: "B1" }),
  );
});

test("erasing a customer leaves of their orders' fields what says nothing of a person", async () => {
  await defineFields(shop.db, fields);
  const customer = aCustomer();
  const cartId = await aCart(shop, await aSku(shop, 5), 1, customer);
  const { orderId } = await buy(cartId, { customFields: { message: "For Ada" }, actor: customer });
  await deliver(shop, orderId);
  await desk("orders:read", "orders:write").save({ id: orderId, values: { batch: "B1" } });
  await transact(shop.db, (tx) => eraseFromOrders(tx, shop.clock.now(), customer.customerId));
  expect(await desk("orders:read").get({ id: orderId })).toEqual({ batch: "B1" });
});

test("what staff lead an order to has to be there when they write it, and may be gone afterwards", async () => {
  const leading = { entity: "order", kind: "reference" };
  await defineFields(shop.db, [
    { ...leading, key: "gift", to: "product", countMax: 3 },
    { ...leading, key: "instead_of", to: "order" },
    { entity: "order", key: "batch", kind: "text" },
  ]);
  const { orderId } = await buy(await aCart(shop, await aSku(shop, 5)));
  const [lamp, desk1, gone] = [newId("prod"), newId("prod"), newId("prod")];
  targets.add(lamp).add(desk1);
  const staff = desk("orders:read", "orders:write");
  const refused = await staff
    .save({ id: orderId, values: { gift: [lamp, gone], instead_of: newId("ord"), batch: "B1" } })
    .catch((error: unknown) => error);
  const errors = ["gift", "instead_of"].map((key) => {
    return { path: `customFields.${key}`, message: "leads nowhere", code: "reference_not_found" };
  });
  expect(refused).toMatchObject({ cause: { code: "validation_failed", members: { errors } } });
  expect(await staff.get({ id: orderId })).toEqual({});
  await staff.save({ id: orderId, values: { gift: [lamp] } });
  targets.delete(lamp);
  expect(await staff.save({ id: orderId, values: { gift: [lamp, desk1], batch: "B1" } })).toEqual({
    ...{ gift: [lamp, desk1], batch: "B1" },
  });
});
