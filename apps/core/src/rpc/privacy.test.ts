import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { newId, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { Right, StaffActor } from "../platform/rpc/index.ts";
import { joinGuestOrders } from "../services/orders/index.ts";
import { card, deliver } from "../services/orders/testing/checkout.ts";
import { defineFields } from "../testing/index.ts";
import { createPrivacyRouter } from "./privacy.ts";
import { aCustomer, aGuestOrder, aPrivacyBench, NAME, type PrivacyBench } from "./testing/privacy.ts";

setDefaultTimeout(60_000);

let bench: PrivacyBench;
let shop: PrivacyBench["shop"];
let cache: PrivacyBench["cache"];
beforeAll(async () => {
  bench = await aPrivacyBench();
  ({ shop, cache } = bench);
});
afterAll(() => bench[Symbol.asyncDispose]());

test("a customer gets everything the shop holds of them", async () => {
  const { caller, email, orderId } = await aCustomer(bench);
  await deliver(shop, orderId);
  const data = await caller.exportMe();
  expect(data.profile.email).toBe(email);
  expect(data.addresses.map((address) => address.name)).toEqual([NAME]);
  expect(data.orders.map((order) => order.id)).toEqual([orderId]);
});

test("orders placed as a guest are the customer's once they have confirmed the address, and not before", async () => {
  const { actor, email, orderId } = await aCustomer(bench);
  const guestOrder = await aGuestOrder(bench, email.toUpperCase());
  const stranger = await aGuestOrder(bench, `x${email}`);
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
  const { actor, caller, orderId } = await aCustomer(bench);
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

test("what is too long to be given whole is named, and mails of what was bought as a guest are in it", async () => {
  const { actor, orderId, email } = await aCustomer(bench);
  await deliver(shop, orderId);
  await shop.db.execute(sql`update users."user" set email_verified = true where id = ${actor.userId}`);
  const guestOrder = await aGuestOrder(bench, email);
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

test("saved cards are in what a customer gets, and go with the customer", async () => {
  const { actor, caller, orderId } = await aCustomer(bench, { ...card("pm_card_visa"), savePaymentMethod: true });
  await deliver(shop, orderId);
  const kept = { paymentMethods: [{ brand: "visa", last4: "4242" }] };
  expect(await caller.exportMe()).toMatchObject(kept);
  await caller.deleteMe();
  const rows = await shop.db.execute(sql`select id from payments.saved_method
    where customer_id = ${toUuid(actor.customerId)}::uuid and removed_at is null`);
  expect(rows.length).toBe(0);
});

test("what the shop's own fields say of a person is in what they get, and goes with them", async () => {
  const said = { visibility: "shoppers", isShopperEditable: true, kind: "text" };
  await defineFields(shop.db, [
    { entity: "customer", key: "vat", ...said },
    { entity: "customer", key: "risk", kind: "text" },
    { entity: "order", key: "batch", kind: "text", isPersonal: false },
    { entity: "order", key: "message", ...said },
  ]);
  const { actor, caller, orderId } = await aCustomer(bench);
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
test("staff with the right do the same for whoever asks by letter, and both are audited", async () => {
  const { actor, email, orderId } = await aCustomer(bench);
  await deliver(shop, orderId);
  const guestOrder = await aGuestOrder(bench, email);
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
