import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { newId, toUuid } from "@stoa/kernel";
import { keys, SESSION_KEY_PREFIX } from "@stoa/read-models";
import { sql } from "drizzle-orm";
import { aCart, aSku, deliver } from "../services/orders/testing/checkout.ts";
import { erasedLately } from "../services/users/index.ts";
import { createPrivacyRouter } from "./privacy.ts";
import { aCustomer, aPrivacyBench, home, type PrivacyBench } from "./testing/privacy.ts";

setDefaultTimeout(60_000);

let bench: PrivacyBench;
let shop: PrivacyBench["shop"];
let cache: PrivacyBench["cache"];
beforeAll(async () => {
  bench = await aPrivacyBench();
  ({ shop, cache } = bench);
});
afterAll(() => bench[Symbol.asyncDispose]());

test("an erased customer is in no table any more, and the order keeps its totals", async () => {
  const { actor, caller, email, orderId } = await aCustomer(bench);
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
  const { actor, orderId } = await aCustomer(bench);
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

test("answers kept for repeated requests go with whom they were given to, those about their carts as a guest too", async () => {
  const { actor, orderId, caller } = await aCustomer(bench);
  await deliver(shop, orderId);
  const other = await aCustomer(bench);
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
  const { actor, orderId, email } = await aCustomer(bench);
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
  const { actor, email, orderId, caller } = await aCustomer(bench);
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
  const { caller, actor } = await aCustomer(bench);
  await expect(caller.deleteMe()).rejects.toMatchObject({ cause: { code: "state_conflict" } });
  expect(await erasedLately.has(cache.redis, actor.customerId)).toBe(false);
});
