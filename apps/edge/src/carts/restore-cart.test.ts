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
const request = { method: "POST" };

test("200: the cart that was merged away, open again", async () => {
  const { headers, customerId } = await edge.signIn();
  const cart = cartView();
  edge.core.on("carts.restore", () => cart);
  const answer = await edge.ask(`/v1/carts/${cartId}/restore`, { ...request, headers });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual(cart);
  expect(edge.core.calls.at(-1)).toMatchObject({
    input: { cartId },
    claims: { actor: { kind: "customer", customerId } },
  });
});

test("401: a guest has no cart to restore", async () => {
  expect((await edge.ask(`/v1/carts/${cartId}/restore`, request)).status).toBe(401);
});

test("404: a cart that was merged into another customer's, or into none", async () => {
  edge.core.refuse("carts.restore", "not_found");
  const { headers } = await edge.signIn();
  expect((await edge.ask(`/v1/carts/${cartId}/restore`, { ...request, headers })).status).toBe(404);
});

test("422: a body with members, since it takes none", async () => {
  const { headers } = await edge.signIn();
  expect((await edge.ask(`/v1/carts/${cartId}/restore`, { body: { customerId: "cus_1" }, headers })).status).toBe(422);
});
