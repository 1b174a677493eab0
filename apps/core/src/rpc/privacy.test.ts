import { afterAll, beforeAll, expect, test } from "bun:test";
import { newId, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { CustomerActor } from "../platform/rpc/index.ts";
import { aCart, aShop, aSku, card, deliver, placeOrder, type Shop } from "../services/orders/testing/checkout.ts";
import { createAddress } from "../services/users/index.ts";
import { testRedis } from "../testing/index.ts";
import { createPrivacyRouter } from "./privacy.ts";

let shop: Shop;
let cache: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  [shop, cache] = await Promise.all([aShop(), testRedis()]);
});
afterAll(async () => {
  await cache[Symbol.asyncDispose]();
  await shop[Symbol.asyncDispose]();
});

const NAME = "Griselda Quicksilver";
const home = { name: NAME, line1: "Main St 1", city: "Berlin", postalCode: "10115", country: "DE", phone: "+49301234" };

/** A customer with an address and a confirmed order, and what they may call. */
async function aCustomer(payment: Parameters<typeof placeOrder>[2]["payment"] = card("pm_card_visa")) {
  const email = `griselda-${crypto.randomUUID()}@example.com`;
  const actor: CustomerActor = {
    kind: "customer",
    customerId: newId("cus"),
    userId: crypto.randomUUID(),
    email,
    emailVerified: true,
  };
  const { userId, customerId } = actor;
  await shop.db.execute(
    sql`insert into users."user" (id, name, email, customer_id) values (${userId}, ${NAME}, ${email}, ${customerId})`,
  );
  const deps = { db: shop.db, clock: shop.clock, redis: cache.redis };
  await createAddress(deps, actor, { address: home });
  const cartId = await aCart(shop, await aSku(shop, 5), 1, actor);
  const patch = { email, shippingAddress: home };
  const request = { cartId, patch, payment, idempotencyKey: crypto.randomUUID() };
  const { orderId } = await placeOrder(shop.orders, actor, request);
  const context = { actor, requestId: "request-1", traceparent: null, idempotencyKey: null, clock: shop.clock };
  return { actor, email, orderId, caller: createPrivacyRouter(deps).createCaller(context) };
}

test("a customer gets everything the shop holds of them", async () => {
  const { caller, email, orderId } = await aCustomer();
  await deliver(shop, orderId);
  const data = await caller.exportMe();
  expect(data.profile.email).toBe(email);
  expect(data.addresses.map((address) => address.name)).toEqual([NAME]);
  expect(data.orders.map((order) => order.id)).toEqual([orderId]);
});

test("an erased customer is in no table any more, and the order keeps its totals", async () => {
  const { caller, email, orderId } = await aCustomer();
  await deliver(shop, orderId);
  await caller.deleteMe();
  const tables = await shop.db.execute<{ name: string }>(sql`select format('%I.%I', table_schema, table_name) as name
    from information_schema.tables where table_schema in ('users', 'carts', 'orders', 'platform', 'payments', 'notifications')`);
  for (const { name } of tables) {
    const found = await shop.db.execute(sql.raw(`select 1 from ${name} t where t::text ilike '%${email}%'`));
    expect([name, found.length]).toEqual([name, 0]);
  }
  const [order] = await shop.db.execute(
    sql`select total, state from orders."order" where email = '' and state = 'confirmed'`,
  );
  expect(Number(order?.total)).toBeGreaterThan(0);
});

test("saved cards are in what a customer gets, and go with the customer", async () => {
  const { actor, caller, orderId } = await aCustomer({ ...card("pm_card_visa"), savePaymentMethod: true });
  await deliver(shop, orderId);
  const kept = { paymentMethods: [{ brand: "visa", last4: "4242" }] };
  expect(await caller.exportMe()).toMatchObject(kept);
  await caller.deleteMe();
  const rows = await shop.db.execute(sql`select id from payments.saved_method
    where customer_id = ${toUuid(actor.customerId)}::uuid and removed_at is null`);
  expect(rows.length).toBe(0);
});

test("nobody is forgotten while an order is still being placed", async () => {
  const { caller } = await aCustomer();
  await expect(caller.deleteMe()).rejects.toMatchObject({ cause: { code: "state_conflict" } });
});
