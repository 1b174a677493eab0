import { afterAll, beforeAll, describe, expect, test } from "bun:test";
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

// To join a guest's cart with one's own, and to have back the one that was merged away: both are for customers, and take nothing but the path.
describe.each(["claim", "restore"] as const)("%s", (act) => {
  const path = `/v1/carts/${cartId}/${act}`;
  const procedure = `carts.${act}` as const;

  test("200: the cart as it is by then", async () => {
    const { headers, customerId } = await edge.signIn();
    const cart = cartView();
    edge.core.on(procedure, () => cart);
    const answer = await edge.ask(path, { ...request, headers });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(cart);
    expect(edge.core.calls.at(-1)).toMatchObject({
      input: { cartId },
      claims: { actor: { kind: "customer", customerId } },
    });
  });

  test("401: a guest has no cart of an account", async () => {
    expect((await edge.ask(path, request)).status).toBe(401);
  });

  test("404: another customer's cart, or none", async () => {
    edge.core.refuse(procedure, "not_found");
    const { headers } = await edge.signIn();
    expect((await edge.ask(path, { ...request, headers })).status).toBe(404);
  });

  test("422: a body with members, since it takes none", async () => {
    const { headers } = await edge.signIn();
    expect((await edge.ask(path, { body: { customerId: "cus_1" }, headers })).status).toBe(422);
  });
});
