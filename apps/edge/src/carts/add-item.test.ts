import { afterAll, beforeAll, expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";
import { cartView } from "../testing/fixtures.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
});
afterAll(() => edge[Symbol.asyncDispose]());

const cartId = newId("cart");
const path = `/v1/carts/${cartId}/items`;
const said = { sku: "A-1", quantity: 2, customFields: { engraving: "Ada", wrap: null } };
const request = { method: "POST", body: said };

test("200: core's cart, kept by no cache", async () => {
  const cart = cartView({ id: cartId });
  edge.core.on("carts.addItem", () => cart);
  const answer = await edge.ask(path, request);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("cache-control")).toBe("private, no-store");
  expect(await answer.json()).toEqual(cart);
  expect(edge.core.callsOf("carts.addItem").at(-1)?.input).toEqual({ cartId, ...said });
});

test("404: a stranger's cart is not told from one that does not exist", async () => {
  edge.core.refuse("carts.addItem", "not_found");
  const answer = await edge.ask(path, request);
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ code: "not_found" });
});

test("409: a cart that was ordered changes no more", async () => {
  edge.core.refuse("carts.addItem", "cart_completed");
  expect((await edge.ask(path, request)).status).toBe(409);
});

test("409 and 422: core's refusals come through with what they say", async () => {
  const items = [{ sku: "A-1", requested: 2, available: 1 }];
  edge.core.refuse("carts.addItem", "out_of_stock", { items });
  expect(await (await edge.ask(path, request)).json()).toMatchObject({ code: "out_of_stock", items });
  edge.core.refuse("carts.addItem", "sku_unknown");
  expect((await edge.ask(path, request)).status).toBe(422);
});

test("422: quantities that are none, and a price that the shopper would like", async () => {
  const before = edge.core.callsOf("carts.addItem").length;
  for (const quantity of [0, -1, 1.5, 1e9, "1", null, true, [1]]) {
    expect((await edge.ask(path, { body: { sku: "A-1", quantity } })).status).toBe(422);
  }
  expect(
    (await edge.ask(path, { body: { sku: "A-1", quantity: 1, unitPrice: { amount: 1, currency: "USD" } } })).status,
  ).toBe(422);
  expect(edge.core.callsOf("carts.addItem").length).toBe(before);
});
