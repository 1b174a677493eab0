import { afterAll, beforeAll, expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";
import { cartView } from "../testing/fixtures.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
});
afterAll(() => edge[Symbol.asyncDispose]());

test("201: a new cart and where it is, also for an empty body", async () => {
  const cart = cartView();
  edge.core.on("carts.create", () => cart);
  const answer = await edge.ask("/v1/carts", { body: { currency: "EUR", items: [{ sku: "A", quantity: 1 }] } });
  expect(answer.status).toBe(201);
  expect(answer.headers.get("location")).toBe(`/v1/carts/${cart.id}`);
  expect(answer.headers.get("cache-control")).toBe("private, no-store");
  expect(await answer.json()).toEqual(cart);
  expect((await edge.ask("/v1/carts", { method: "POST" })).status).toBe(201);
});

test("a customer's cart is made on behalf of the customer", async () => {
  const { headers, customerId } = await edge.signIn();
  edge.core.on("carts.create", () => cartView());
  await edge.ask("/v1/carts", { body: {}, headers });
  expect(edge.core.calls.at(-1)?.claims.actor).toMatchObject({ kind: "customer", customerId });
});

test("422: a currency that is none, more than 100 lines, a SKU that is unknown", async () => {
  const items = Array.from({ length: 101 }, (_, index) => ({ sku: `S${index}`, quantity: 1 }));
  for (const body of [{ currency: "XXX" }, { items }, { id: newId("cart") }]) {
    expect((await edge.ask("/v1/carts", { body })).status).toBe(422);
  }
  edge.core.refuse("carts.create", "sku_unknown");
  expect(await (await edge.ask("/v1/carts", { body: {} })).json()).toMatchObject({ code: "sku_unknown" });
});
