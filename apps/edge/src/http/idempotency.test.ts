import { afterAll, beforeAll, expect, test } from "bun:test";
import { keys } from "@stoa/read-models";
import { type EdgeUnderTest, edgeUnderTest, TEST_ADDRESS_HEADER } from "../testing/edge-under-test.ts";
import { cartView } from "../testing/fixtures.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
  await edge.seedShop();
});
afterAll(() => edge[Symbol.asyncDispose]());

const keyed = (key: string, more: Readonly<Record<string, string>> = {}) => ({ "idempotency-key": key, ...more });

test("the same key and body get the very same bytes again, and the work is done once", async () => {
  edge.core.on("carts.create", () => cartView());
  const before = edge.core.callsOf("carts.create").length;
  const key = crypto.randomUUID();
  const first = await edge.ask("/v1/carts", { body: { currency: "USD" }, headers: keyed(key) });
  const again = await edge.ask("/v1/carts", { raw: '{ "currency":\n"USD" }', headers: keyed(key) });
  expect([first.status, again.status]).toEqual([201, 201]);
  expect(first.headers.get("idempotent-replayed")).toBeNull();
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(again.headers.get("location")).toBe(first.headers.get("location"));
  expect(again.headers.get("cache-control")).toBe("private, no-store");
  expect(await again.text()).toBe(await first.text());
  expect(edge.core.callsOf("carts.create").length - before).toBe(1);
});

test("422: the same key with another body", async () => {
  const key = crypto.randomUUID();
  await edge.ask("/v1/carts", { body: {}, headers: keyed(key) });
  const other = await edge.ask("/v1/carts", { body: { currency: "EUR" }, headers: keyed(key) });
  expect(other.status).toBe(422);
  expect(await other.json()).toMatchObject({ code: "idempotency_key_reused" });
});

test("409: the same key while its request is under way; of many at once one does the work", async () => {
  const { promise: gate, resolve } = Promise.withResolvers<void>();
  const before = edge.core.callsOf("carts.create").length;
  edge.core.on("carts.create", async () => {
    await gate;
    return cartView();
  });
  const headers = keyed(crypto.randomUUID());
  const asked = Array.from({ length: 8 }, () => edge.ask("/v1/carts", { body: {}, headers }));
  const first = await Promise.race(asked);
  expect(first.status).toBe(409);
  expect(await first.json()).toMatchObject({ code: "request_in_progress" });
  resolve();
  const statuses = (await Promise.all(asked)).map((answer) => answer.status).sort();
  expect(statuses).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
  expect(edge.core.callsOf("carts.create").length - before).toBe(1);
  edge.core.on("carts.create", () => cartView());
});

test("a refusal without effect frees the key again", async () => {
  const key = crypto.randomUUID();
  edge.core.refuse("carts.create", "sku_unknown");
  const body = { items: [{ sku: "A", quantity: 1 }] };
  expect((await edge.ask("/v1/carts", { body, headers: keyed(key) })).status).toBe(422);
  edge.core.on("carts.create", () => cartView());
  expect((await edge.ask("/v1/carts", { body, headers: keyed(key) })).status).toBe(201);
});

test("the keys of different people never meet", async () => {
  const key = "1";
  const ids = new Set<unknown>();
  const [ann, bob] = [await edge.signIn(), await edge.signIn()];
  for (const headers of [
    ann.headers,
    bob.headers,
    { [TEST_ADDRESS_HEADER]: "203.0.113.1" },
    { [TEST_ADDRESS_HEADER]: "203.0.113.2" },
  ]) {
    const answer = await edge.ask("/v1/carts", { body: {}, headers: keyed(key, headers) });
    expect(answer.headers.get("idempotent-replayed")).toBeNull();
    ids.add(Object(await answer.json()).id);
  }
  expect(ids.size).toBe(4);
});

test("422: a key that is empty, too long or not ASCII", async () => {
  for (const key of ["", "x".repeat(256), "kéy"]) {
    expect([key.length, (await edge.ask("/v1/carts", { body: {}, headers: keyed(key) })).status]).toEqual([
      key.length,
      422,
    ]);
  }
});

test("an answer is listed by whom it was given to, a guest's by the cart it is about, so that erasing the person finds it", async () => {
  const { redis } = edge;
  const shopper = await edge.signIn();
  const listed = (owner: string) => redis.zrange(keys.answersOf(owner), "0", "-1");
  edge.core.on("carts.create", () => cartView());
  await edge.ask("/v1/carts", { body: {}, headers: keyed(crypto.randomUUID(), shopper.headers) });
  const [record = "", ...others] = await listed(shopper.customerId);
  expect([record.startsWith("edge:once:"), others, await redis.exists(record)]).toEqual([true, [], 1]);
  const { id } = cartView();
  edge.core.on("carts.addItem", () => cartView());
  const before = (await listed(id)).length;
  await edge.ask(`/v1/carts/${id}/items`, {
    body: { sku: "A", quantity: 1 },
    headers: keyed(crypto.randomUUID()),
  });
  expect((await listed(id)).length).toBe(before + 1);
  expect(await redis.ttl(keys.answersOf(id))).toBeGreaterThan(86_000);
});
