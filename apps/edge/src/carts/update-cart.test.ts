import { afterAll, beforeAll, expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";
import { address, cartView } from "../testing/fixtures.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
});
afterAll(() => edge[Symbol.asyncDispose]());

const cartId = newId("cart");
const path = `/v1/carts/${cartId}`;
const request = { method: "PATCH", body: { email: "ann@shop.example", shippingAddress: address } };

test("200: core's cart, kept by no cache", async () => {
  const cart = cartView({ id: cartId });
  edge.core.on("carts.update", () => cart);
  const answer = await edge.ask(path, request);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("cache-control")).toBe("private, no-store");
  expect(await answer.json()).toEqual(cart);
  expect(edge.core.callsOf("carts.update").at(-1)?.input).toEqual({
    cartId,
    patch: { email: "ann@shop.example", shippingAddress: address },
  });
});

test("404: a stranger's cart is not told from one that does not exist", async () => {
  edge.core.refuse("carts.update", "not_found");
  const answer = await edge.ask(path, request);
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ code: "not_found" });
});

test("409: a cart that was ordered changes no more", async () => {
  edge.core.refuse("carts.update", "cart_completed");
  expect((await edge.ask(path, request)).status).toBe(409);
});

test("422: an address without its city, a country that is none, an e-mail that is none, a currency, an owner, a group", async () => {
  const { city: _, ...incomplete } = address;
  for (const body of [
    { shippingAddress: incomplete },
    { shippingAddress: { ...address, country: "XX" } },
    { billingAddress: { ...address, id: "adr_1" } },
    { email: "ann" },
    { totals: {} },
    { currency: "EUR" },
    { customerId: "cus_1" },
    { customerGroups: ["wholesale"] },
  ]) {
    expect((await edge.ask(path, { method: "PATCH", body })).status).toBe(422);
  }
});
