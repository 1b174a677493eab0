import { afterAll, beforeAll, expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";
import { usd } from "../testing/fixtures.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
});
afterAll(() => edge[Symbol.asyncDispose]());

const cartId = newId("cart");
const path = `/v1/carts/${cartId}/shipping-methods`;

test("200: the ways to ship with their prices", async () => {
  const methods = { items: [{ id: "standard", name: "Standard", price: usd(500) }] };
  edge.core.on("carts.shippingMethods", () => methods);
  const answer = await edge.ask(path);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual(methods);
});

test("404 and 422: an unknown cart, a cart without an address", async () => {
  edge.core.refuse("carts.shippingMethods", "not_found");
  expect((await edge.ask(path)).status).toBe(404);
  edge.core.refuse("carts.shippingMethods", "shipping_address_required");
  expect((await edge.ask(path)).status).toBe(422);
});
