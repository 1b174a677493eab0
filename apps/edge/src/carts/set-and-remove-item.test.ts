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
const items = `/v1/carts/${cartId}/items`;
const set = { method: "PATCH", body: { quantity: 3 } };

// To core, an item is removed by setting its quantity to 0.
describe.each([
  { act: "set", path: `${items}/A%2F1`, request: set, input: { cartId, sku: "A/1", quantity: 3 } },
  { act: "remove", path: `${items}/A-1`, request: { method: "DELETE" }, input: { cartId, sku: "A-1", quantity: 0 } },
])("$act", ({ path, request, input }) => {
  test("200: core's cart, kept by no cache", async () => {
    const cart = cartView({ id: cartId });
    edge.core.on("carts.setQuantity", () => cart);
    const answer = await edge.ask(path, request);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("private, no-store");
    expect(await answer.json()).toEqual(cart);
    expect(edge.core.callsOf("carts.setQuantity").at(-1)?.input).toEqual(input);
  });

  test("404: a stranger's cart is not told from one that does not exist", async () => {
    edge.core.refuse("carts.setQuantity", "not_found");
    const answer = await edge.ask(path, request);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: "not_found" });
  });

  test("409: a cart that was ordered changes no more", async () => {
    edge.core.refuse("carts.setQuantity", "cart_completed");
    expect((await edge.ask(path, request)).status).toBe(409);
  });
});

test("422: a quantity out of bounds, or text", async () => {
  for (const quantity of [-1, 1000, "3", 0.5]) {
    expect((await edge.ask(`${items}/A-1`, { ...set, body: { quantity } })).status).toBe(422);
  }
});
