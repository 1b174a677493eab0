import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { newId, toUuid } from "@stoa/kernel";
import { keys, SESSION_KEY_PREFIX } from "@stoa/read-models";
import { sql } from "drizzle-orm";
import type { CustomerActor, Right, StaffActor } from "../platform/rpc/index.ts";
import { joinGuestOrders } from "../services/orders/index.ts";
import { aCart, aShop, aSku, card, deliver, placeOrder, type Shop } from "../services/orders/testing/checkout.ts";
import { createAddress, erasedLately } from "../services/users/index.ts";
import { defineFields, testRedis } from "../testing/index.ts";
import { createPrivacyRouter } from "./privacy.ts";

setDefaultTimeout(60_000);

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
  const { actor, caller, email, orderId } = await aCustomer();
  await deliver(shop, orderId);
  await caller.deleteMe();
  expect(await erasedLately.has(cache.redis, actor.customerId)).toBe(true);
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

test("copies of sessions go before the account does: none outlives a process that ends right behind the commit", async () => {
  const { actor, orderId } = await aCustomer();
  await deliver(shop, orderId);
  const token = crypto.randomUUID();
  const copy = SESSION_KEY_PREFIX + token;
  await shop.db.execute(sql`insert into users.session (id, user_id, token, expires_at)
    values (${token}, ${actor.userId}, ${token}, now() + interval '1 day')`);
  await cache.redis.set(copy, "{}");
  const isErased = async () => {
    const rows = await shop.db.execute(sql`select 1 from users.customer
      where id = ${toUuid(actor.customerId)}::uuid and erased_at is not null`);
    return rows.length > 0;
  };
  const dying = new Proxy(cache.redis, {
    get: (redis, name) =>
      name === "del"
        ? async (...keys: string[]) => {
            if (await isErased()) throw new Error("the process has ended");
            return redis.del(...keys);
          }
        : Reflect.get(redis, name).bind(redis),
  });
  const context = { actor, requestId: "request-1", traceparent: null, idempotencyKey: null, clock: shop.clock };
  const caller = createPrivacyRouter({ db: shop.db, clock: shop.clock, redis: dying }).createCaller(context);
  await expect(caller.deleteMe()).rejects.toThrow("the process has ended");
  expect([await isErased(), await cache.redis.exists(copy)]).toEqual([true, 0]);
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

/** An order of somebody who has not signed in. */
async function aGuestOrder(email: string) {
  const cartId = await aCart(shop, await aSku(shop, 5), 1);
  const request = { cartId, patch: { email, shippingAddress: home }, payment: card("pm_card_visa") };
  const { orderId } = await placeOrder(
    shop.orders,
    { kind: "guest" },
    { ...request, idempotencyKey: crypto.randomUUID() },
  );
  await deliver(shop, orderId);
  return orderId;
}

test("orders placed as a guest are the customer's once they have confirmed the address, and not before", async () => {
  const { actor, email, orderId } = await aCustomer();
  const guestOrder = await aGuestOrder(email.toUpperCase());
  const stranger = await aGuestOrder(`x${email}`);
  const deps = { db: shop.db, clock: shop.clock };
  const ownerOf = async (id: string) => {
    const [row] = await shop.db.execute<{ customer_id: string | null; version: number }>(
      sql`select customer_id, version from orders."order" where id = ${toUuid(id)}::uuid`,
    );
    return row;
  };
  const before = await ownerOf(guestOrder);
  expect(await joinGuestOrders(deps, { ...actor, emailVerified: false })).toBe(0);
  expect((await ownerOf(guestOrder))?.customer_id).toBeNull();
  expect(await joinGuestOrders(deps, actor)).toBe(1);
  expect(await joinGuestOrders(deps, actor)).toBe(0);
  const after = await ownerOf(guestOrder);
  expect(after?.customer_id).toBe(toUuid(actor.customerId));
  expect(Number(after?.version)).toBe(Number(before?.version) + 1);
  expect((await ownerOf(stranger))?.customer_id).toBeNull();
  expect((await ownerOf(orderId))?.customer_id).toBe(toUuid(actor.customerId));
  const [announced] = await shop.db.execute(
    sql`select 1 from platform.outbox where type = 'order.changed' and key = ${guestOrder} limit 1`,
  );
  expect(announced).toBeDefined();
});

test("what a customer gets is complete: carts, mails, sessions and ways to sign in beside profile, addresses and orders", async () => {
  const { actor, caller, orderId } = await aCustomer();
  await deliver(shop, orderId);
  await shop.db.execute(sql`insert into users.session (id, token, user_id, ip_address, user_agent, expires_at)
    values (${crypto.randomUUID()}, ${crypto.randomUUID()}, ${actor.userId}, '203.0.113.9', 'a browser', now() + interval '1 day')`);
  await shop.db.execute(sql`insert into users.account (id, account_id, provider_id, user_id)
    values (${crypto.randomUUID()}, 'x', 'credential', ${actor.userId})`);
  await shop.db.execute(sql`insert into notifications.email (id, kind, cause, customer_id, user_id, data, state, available_at, created_at)
    values (${crypto.randomUUID()}::uuid, 'verify_email', ${crypto.randomUUID()}, ${toUuid(actor.customerId)}::uuid, ${actor.userId}, '{}', 'queued', now(), now())`);
  const data = await caller.exportMe();
  expect(data.carts.map((cart) => [cart.state, cart.items.length])).toEqual([["completed", 1]]);
  expect(data.mails.map((mail) => mail.kind)).toEqual(["verify_email"]);
  expect(data.access).toMatchObject({ signInBy: ["credential"], sessions: [{ ipAddress: "203.0.113.9" }] });
  expect(data.profile.acceptsMarketing).toBe(false);
});

test("staff with the right do the same for whoever asks by letter, and both are audited", async () => {
  const { actor, email, orderId } = await aCustomer();
  await deliver(shop, orderId);
  const guestOrder = await aGuestOrder(email);
  const desk = (...held: Right[]) => {
    const who = { staffId: newId("stf"), userId: "u", name: "Sam", email: "sam@example.com", roles: [] };
    const staff: StaffActor = { kind: "staff", ...who, rights: new Set(held) };
    const context = { requestId: "r", traceparent: null, idempotencyKey: null, clock: shop.clock };
    const deps = { db: shop.db, clock: shop.clock, redis: cache.redis };
    return createPrivacyRouter(deps).createCaller({ ...context, actor: staff });
  };
  await shop.db.execute(sql`update users."user" set email_verified = true where id = ${actor.userId}`);
  const { customerId } = actor;
  await expect(desk("customers:read").eraseCustomer({ id: customerId })).rejects.toMatchObject({
    cause: { code: "forbidden" },
  });
  const data = await desk("customers:write").exportCustomer({ id: customerId });
  expect(data.orders.map((order) => order.id).sort()).toEqual([guestOrder, orderId].sort());
  await desk("customers:write").eraseCustomer({ id: customerId });
  const left = await shop.db.execute(sql`select 1 from orders."order" where email ilike ${email}`);
  expect(left.length).toBe(0);
  await expect(desk("customers:write").exportCustomer({ id: customerId })).rejects.toMatchObject({
    cause: { code: "not_found" },
  });
  // Half of it has come back, as from a backup.
  await shop.db.execute(sql`update users.customer set phone = '+49 30 1' where id = ${toUuid(customerId)}::uuid`);
  await shop.db.execute(sql`update orders."order" set email = ${email} where id = ${toUuid(orderId)}::uuid`);
  await expect(desk("customers:read").eraseCustomer({ id: customerId })).rejects.toMatchObject({
    cause: { code: "forbidden" },
  });
  await desk("customers:write").eraseCustomer({ id: customerId });
  const back = await shop.db.execute(sql`select 1 from orders."order" where email ilike ${email}
    union all select 1 from users.customer where id = ${toUuid(customerId)}::uuid and phone is not null`);
  expect(back.length).toBe(0);
  await expect(desk("customers:write").eraseCustomer({ id: newId("cus") })).rejects.toMatchObject({
    cause: { code: "not_found" },
  });
  const audited = await shop.db.execute<{ action: string; actor_kind: string }>(
    sql`select action, actor_kind from platform.audit_log where entity_id = ${customerId} order by seq`,
  );
  expect(audited.map((row) => `${row.actor_kind} ${row.action}`)).toEqual([
    "staff customer.exported",
    "staff customer.erased",
    "staff customer.erased",
  ]);
});

test("what is too long to be given whole is named, and mails of what was bought as a guest are in it", async () => {
  const { actor, orderId, email } = await aCustomer();
  await deliver(shop, orderId);
  await shop.db.execute(sql`update users."user" set email_verified = true where id = ${actor.userId}`);
  const guestOrder = await aGuestOrder(email);
  await shop.db.execute(
    sql`insert into notifications.email (id, kind, cause, order_id, data, state, available_at, created_at, sent_at)
      values (${crypto.randomUUID()}::uuid, 'order_confirmed', ${guestOrder}, ${toUuid(guestOrder)}::uuid, '{}', 'sent', now(), now(), now())`,
  );
  const deps = { db: shop.db, clock: shop.clock, redis: cache.redis };
  const context = { actor, requestId: "request-1", traceparent: null, idempotencyKey: null, clock: shop.clock };
  const longest = { orders: 2, orderFields: 2, orderLineFields: 2, returnFields: 2, carts: 1, mails: 2 };
  const whole = await createPrivacyRouter(deps, { ...longest, carts: 9 })
    .createCaller(context)
    .exportMe();
  expect(whole.incomplete).toEqual([]);
  expect(whole.mails.map((mail) => mail.orderId)).toContain(guestOrder);
  const cut = await createPrivacyRouter(deps, { ...longest, orders: 1 })
    .createCaller(context)
    .exportMe();
  expect([cut.orders.length, cut.incomplete]).toEqual([1, ["orders"]]);
});

test("answers kept for repeated requests go with whom they were given to, those about their carts as a guest too", async () => {
  const { actor, orderId, caller } = await aCustomer();
  await deliver(shop, orderId);
  const other = await aCustomer();
  await deliver(shop, other.orderId);
  const cartId = await aCart(shop, await aSku(shop, 5), 1, actor);
  const keep = (scope: string, answer: object) =>
    shop.db.execute(sql`insert into platform.idempotency_key (scope, key, request_hash, answer, created_at, expires_at)
      values (${scope}, ${crypto.randomUUID()}, '', ${JSON.stringify({ value: answer })}::jsonb, now(), now() + interval '1 day')`);
  await keep(`${actor.customerId}:carts.addItem`, { id: newId("cart"), email: actor.email });
  await keep("guest:carts.addItem", { id: cartId, shippingAddress: home });
  await keep(`${other.actor.customerId}:carts.addItem`, { id: newId("cart") });
  await keep("guest:carts.addItem", { id: newId("cart") });
  const atEdge = { mine: `edge:once:${crypto.randomUUID()}`, orders: `edge:once:${crypto.randomUUID()}` };
  const owners = { mine: actor.customerId, orders: orderId };
  for (const name of ["mine", "orders"] as const) {
    await cache.redis.set(atEdge[name], JSON.stringify(home));
    await cache.redis.zadd(keys.answersOf(owners[name]), 1, atEdge[name]);
  }
  const rows = () => shop.db.execute(sql`select 1 from platform.idempotency_key where request_hash = ''`);
  expect((await rows()).length).toBe(4);
  await caller.deleteMe();
  expect((await rows()).length).toBe(2);
  expect(await cache.redis.exists(...Object.values(atEdge), keys.answersOf(actor.customerId))).toBe(0);
});

test("a guest's cart that still names a person goes with them once the address is theirs beyond doubt", async () => {
  const { actor, orderId, email } = await aCustomer();
  await deliver(shop, orderId);
  const cartId = await aCart(shop, await aSku(shop, 5), 1);
  await shop.db.execute(sql`update carts.cart set email = ${email.toUpperCase()} where id = ${toUuid(cartId)}::uuid`);
  const deps = { db: shop.db, clock: shop.clock, redis: cache.redis };
  const context = { requestId: "r", traceparent: null, idempotencyKey: null, clock: shop.clock };
  const emailOf = async () => {
    const [row] = await shop.db.execute(sql`select email from carts.cart where id = ${toUuid(cartId)}::uuid`);
    return row?.email;
  };
  const unproven = { ...actor, emailVerified: false };
  await createPrivacyRouter(deps)
    .createCaller({ ...context, actor: unproven })
    .deleteMe();
  expect(await emailOf()).toBe(email.toUpperCase());
  await createPrivacyRouter(deps)
    .createCaller({ ...context, actor })
    .deleteMe();
  expect(await emailOf()).toBeNull();
});

test("everything that somebody has ever bought as a guest goes with them, however much it is", async () => {
  const { actor, email, orderId, caller } = await aCustomer();
  await deliver(shop, orderId);
  const columns = await shop.db.execute<{ name: string }>(sql`select column_name as name from information_schema.columns
    where table_schema = 'orders' and table_name = 'order' and is_generated = 'NEVER'`);
  const own = new Map([
    ["id", "gen_random_uuid()"],
    ["number", "'G' || n"],
    ["customer_id", "null"],
    ["cart_id", "null"],
    ["saga_id", "null"],
    ["draft_id", "null"],
  ]);
  const names = columns.map(({ name }) => name);
  await shop.db.execute(
    sql.raw(`insert into orders."order" (${names.map((name) => `"${name}"`).join(", ")})
    select ${names.map((name) => own.get(name) ?? `"${name}"`).join(", ")} from orders."order", generate_series(1, 501) n
    where id = '${toUuid(orderId)}'::uuid`),
  );
  await caller.deleteMe();
  const left = await shop.db.execute(sql`select 1 from orders."order" where email = ${email}`);
  expect([left.length, actor.email]).toEqual([0, email]);
});

test("nobody is forgotten while an order is still being placed", async () => {
  const { caller, actor } = await aCustomer();
  await expect(caller.deleteMe()).rejects.toMatchObject({ cause: { code: "state_conflict" } });
  expect(await erasedLately.has(cache.redis, actor.customerId)).toBe(false);
});

test("what the shop's own fields say of a person is in what they get, and goes with them", async () => {
  const said = { visibility: "shoppers", isShopperEditable: true, kind: "text" };
  await defineFields(shop.db, [
    { entity: "customer", key: "vat", ...said },
    { entity: "customer", key: "risk", kind: "text" },
    { entity: "order", key: "batch", kind: "text", isPersonal: false },
    { entity: "order", key: "message", ...said },
  ]);
  const { actor, caller, orderId } = await aCustomer();
  await deliver(shop, orderId);
  await caller.exportMe();
  const set = (table: string, id: string, values: object) =>
    shop.db.execute(
      sql`update ${sql.raw(table)} set custom_fields = ${JSON.stringify(values)}::jsonb where id = ${toUuid(id)}::uuid`,
    );
  const ofCustomer = { vat: "DE1 Quicksilver", risk: "high Quicksilver" };
  const ofOrder = { batch: "B1", message: "for Quicksilver" };
  await set("users.customer", actor.customerId, ofCustomer);
  await set('orders."order"', orderId, ofOrder);
  const data = await caller.exportMe();
  expect(data.customFields).toEqual(ofCustomer);
  expect(data.profile.customFields).toEqual({ vat: ofCustomer.vat });
  expect(data.orderFields).toEqual([{ orderId, values: ofOrder }]);
  await caller.deleteMe();
  const left =
    await shop.db.execute(sql`select custom_fields from users.customer where id = ${toUuid(actor.customerId)}::uuid
    union all select custom_fields from orders."order" where id = ${toUuid(orderId)}::uuid`);
  expect(left.map((row) => row.custom_fields)).toEqual([{}, { batch: "B1" }]);
});
