import { afterAll, beforeAll, expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";
import { orderView, storedOrder } from "../testing/fixtures.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
});
afterAll(() => edge[Symbol.asyncDispose]());

const orderId = newId("ord");
const path = `/v1/orders/${orderId}/cancel`;

test("200: the cancelled order; the guest's token goes on to core, which decides", async () => {
  const view = orderView({ id: orderId, state: "cancelled" });
  edge.core.on("orders.cancel", () => storedOrder(view));
  const answer = await edge.ask(path, { method: "POST", headers: { "x-order-token": "token-1" } });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual(view);
  expect(edge.core.calls.at(-1)?.input).toEqual({ orderId, accessToken: "token-1" });
});

test("404 and 409: a stranger's order, one that has shipped", async () => {
  edge.core.refuse("orders.cancel", "not_found");
  expect((await edge.ask(path, { method: "POST" })).status).toBe(404);
  edge.core.refuse("orders.cancel", "order_not_cancellable");
  const answer = await edge.ask(path, { method: "POST" });
  expect(answer.status).toBe(409);
  expect(await answer.json()).toMatchObject({ code: "order_not_cancellable" });
});

test("422: a body with members, since it takes none", async () => {
  expect((await edge.ask(path, { body: { refund: 1 } })).status).toBe(422);
});
