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
const path = `/v1/carts/${cartId}/promotions`;
const request = { method: "POST", body: { code: "SPRING" } };

test("200: core's cart, kept by no cache", async () => {
  const cart = cartView({ id: cartId });
  edge.core.on("carts.applyPromotion", () => cart);
  const answer = await edge.ask(path, request);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("cache-control")).toBe("private, no-store");
  expect(await answer.json()).toEqual(cart);
  expect(edge.core.callsOf("carts.applyPromotion").at(-1)?.input).toEqual({ cartId, code: "SPRING" });
});

test("404: a stranger's cart is not told from one that does not exist", async () => {
  edge.core.refuse("carts.applyPromotion", "not_found");
  const answer = await edge.ask(path, request);
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ code: "not_found" });
});

test("409: a code that does not apply says why", async () => {
  edge.core.refuse("carts.applyPromotion", "promotion_not_applicable", { detail: "It has ended." });
  const answer = await edge.ask(path, request);
  expect(await answer.json()).toMatchObject({ status: 409, code: "promotion_not_applicable", detail: "It has ended." });
});

test("422: no code, or an endless one", async () => {
  for (const code of ["", " ", "x".repeat(65), 7]) expect((await edge.ask(path, { body: { code } })).status).toBe(422);
});
