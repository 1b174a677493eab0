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
const path = `/v1/carts/${cartId}`;
const request = { method: "GET" };

test("200: core's cart, kept by no cache", async () => {
  const cart = cartView({ id: cartId });
  edge.core.on("carts.get", () => cart);
  const answer = await edge.ask(path, request);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("cache-control")).toBe("private, no-store");
  expect(await answer.json()).toEqual(cart);
  expect(edge.core.callsOf("carts.get").at(-1)?.input).toEqual({ cartId });
});

test("200: with explain=1 core is asked for the reasons; anything else is no explanation", async () => {
  const explanation = [{ rule: "price" as const, outcome: "used" as const, reason: "lowest_price" as const, sku: "A" }];
  const cart = cartView({ id: cartId, explanation });
  edge.core.on("carts.get", () => cart);
  const answer = await edge.ask(`${path}?explain=1`, request);
  expect(await answer.json()).toEqual(cart);
  expect(edge.core.callsOf("carts.get").at(-1)?.input).toEqual({ cartId, explain: true });
  await edge.ask(`${path}?explain=0`, request);
  expect(edge.core.callsOf("carts.get").at(-1)?.input).toEqual({ cartId });
  expect((await edge.ask(`${path}?explain=please`, request)).status).toBe(422);
});

test("404: a stranger's cart is not told from one that does not exist", async () => {
  edge.core.refuse("carts.get", "not_found");
  const answer = await edge.ask(path, request);
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ code: "not_found" });
});
