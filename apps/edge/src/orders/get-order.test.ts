import { afterAll, beforeAll, expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { keys } from "@stoa/read-models";
import { type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";
import { type OrderOwner, orderView, storedOrder, usd } from "../testing/fixtures.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
});
afterAll(() => edge[Symbol.asyncDispose]());

async function seedOrder(owner: OrderOwner, members: Parameters<typeof orderView>[0] = {}) {
  const view = orderView(members);
  await edge.seed(keys.order(view.id), storedOrder(view, owner));
  return view;
}

test("200: a guest who shows the order's token, without core's help", async () => {
  const view = await seedOrder({ token: "token-1" });
  const before = edge.core.calls.length;
  const answer = await edge.ask(`/v1/orders/${view.id}`, { headers: { "x-order-token": "token-1" } });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("cache-control")).toBe("private, no-store");
  expect(await answer.json()).toEqual(view);
  expect(edge.core.calls.length).toBe(before);
});

test("200: the customer whose order it is", async () => {
  const { customerId, headers } = await edge.signIn();
  const view = await seedOrder({ customerId });
  expect((await edge.ask(`/v1/orders/${view.id}`, { headers })).status).toBe(200);
});

test("404: strangers, whatever they show, learn not even that it exists", async () => {
  const { customerId } = await edge.signIn();
  const stranger = await edge.signIn();
  const view = await seedOrder({ customerId, token: "token-2" });
  const shown = [
    {},
    stranger.headers,
    { "x-order-token": "token-3" },
    { "x-order-token": "" },
    { "x-order-token": "x".repeat(300) },
  ];
  edge.core.refuse("orders.view", "not_found");
  const missing = await (await edge.ask(`/v1/orders/${newId("ord")}`)).json();
  for (const headers of shown) {
    const answer = await edge.ask(`/v1/orders/${view.id}`, { headers });
    expect(answer.status).toBe(404);
    expect({ ...Object(await answer.json()), requestId: "" }).toEqual({ ...Object(missing), requestId: "" });
  }
});

test("200: an order that Redis lacks is asked of core, and guarded all the same", async () => {
  const view = orderView();
  edge.core.on("orders.view", () => storedOrder(view, { token: "token-4" }));
  expect((await edge.ask(`/v1/orders/${view.id}`, { headers: { "x-order-token": "token-4" } })).status).toBe(200);
  expect((await edge.ask(`/v1/orders/${view.id}`)).status).toBe(404);
});

test("what is the shop's own business is not shown: why an order is held, what a refusal carries", async () => {
  const held = await seedOrder({ token: "t" }, { state: "on_hold" });
  expect(await (await edge.ask(`/v1/orders/${held.id}`, { headers: { "x-order-token": "t" } })).json()).toMatchObject({
    state: "confirmed",
  });
  const payment = { state: "pending" as const, provider: "manual" as const, refundedTotal: usd(0) };
  const unpaid = await seedOrder({ token: "t" }, { state: "on_hold", payment });
  expect(await (await edge.ask(`/v1/orders/${unpaid.id}`, { headers: { "x-order-token": "t" } })).json()).toMatchObject(
    { state: "pending" },
  );
  const refusal = { code: "payment_declined", detail: "No.", extensions: { raw: "vendor" } };
  const refused = await seedOrder({ token: "t" }, { state: "refused", refusal });
  const answer = Object(
    await (await edge.ask(`/v1/orders/${refused.id}`, { headers: { "x-order-token": "t" } })).json(),
  );
  expect(answer.refusal).toEqual({ code: "payment_declined", detail: "No." });
});

test("503: while both Redis and core are away", async () => {
  await using cut = await edgeUnderTest({ redisUrl: "redis://127.0.0.1:1" });
  expect((await cut.ask(`/v1/orders/${newId("ord")}`)).status).toBe(503);
});
