import { afterAll, beforeAll, expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";
import { usd } from "../testing/fixtures.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
});
afterAll(() => edge[Symbol.asyncDispose]());

const orderId = newId("ord");
const id = newId("ret");
const path = `/v1/orders/${orderId}/returns`;
const body = {
  items: [{ sku: "LAMP-1", quantity: 2, reason: "too bright" }],
  exchangeFor: [{ sku: "LAMP-2", quantity: 1 }],
  customFields: { bag: "blue" },
};

const stored = {
  id,
  orderId,
  state: "received",
  items: [{ sku: "LAMP-1", title: "Lamp", quantity: 2, reason: "too bright", restocked: 1, writtenOff: 1 }],
  paid: usd(1_000),
  refund: { amount: usd(900), restockingFee: usd(100), reason: "scratched" },
  rejection: null,
  replacementId: null,
  exchangeFor: [{ sku: "LAMP-2", quantity: 1 }],
  customFields: { bag: "blue" },
  requestedAt: "2026-11-24T10:00:00.000Z",
};
const shown = {
  id,
  orderId,
  state: "received",
  items: [{ sku: "LAMP-1", title: "Lamp", quantity: 2, reason: "too bright", received: 2 }],
  refund: usd(900),
  exchangeFor: stored.exchangeFor,
  customFields: stored.customFields,
  requestedAt: stored.requestedAt,
};

test("201: the return, with where it is; the guest's token goes on to core, which decides", async () => {
  edge.core.on("orders.returns.request", () => stored);
  const answer = await edge.ask(path, { body, headers: { "x-order-token": "token-1" } });
  expect(answer.status).toBe(201);
  expect(answer.headers.get("location")).toBe(`${path}/${id}`);
  expect(answer.headers.get("cache-control")).toBe("private, no-store");
  expect(await answer.json()).toEqual(shown);
  expect(edge.core.calls.at(-1)?.input).toEqual({ orderId, ...body, accessToken: "token-1" });
});

test("200: the returns of an order, one of them, and one that is taken back", async () => {
  edge.core.on("orders.returns.ofOrder", () => ({ items: [stored] }));
  expect(await (await edge.ask(path)).json()).toEqual({ items: [shown] });
  edge.core.on("orders.returns.get", () => stored);
  expect(await (await edge.ask(`${path}/${id}`)).json()).toEqual(shown);
  edge.core.on("orders.returns.cancel", () => ({ ...stored, state: "cancelled", refund: null }));
  const cancelled = await edge.ask(`${path}/${id}/cancel`, { method: "POST" });
  expect(cancelled.status).toBe(200);
  expect(await cancelled.json()).toMatchObject({ id, state: "cancelled" });
});

test("404, 409 and 422: a stranger's order, more than was shipped, a SKU that the order has not", async () => {
  for (const [code, status] of [
    ["not_found", 404],
    ["state_conflict", 409],
    ["sku_unknown", 422],
  ] as const) {
    edge.core.refuse("orders.returns.request", code);
    const answer = await edge.ask(path, { body });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ code });
  }
  edge.core.refuse("orders.returns.ofOrder", "not_found");
  expect((await edge.ask(path)).status).toBe(404);
  edge.core.refuse("orders.returns.get", "not_found");
  expect((await edge.ask(`${path}/${id}`)).status).toBe(404);
  edge.core.refuse("orders.returns.cancel", "state_conflict");
  expect((await edge.ask(`${path}/${id}/cancel`, { method: "POST" })).status).toBe(409);
});

test("422: no items, no reason, a quantity that is none, or a refund of one's own choice", async () => {
  const [item] = body.items;
  const bad = [
    {},
    { items: [] },
    { items: [{ sku: "LAMP-1", quantity: 2 }] },
    { items: [{ ...item, reason: " " }] },
    ...[0, -1, 1.5, 1_000, "1"].map((quantity) => ({ items: [{ ...item, quantity }] })),
    { ...body, refund: usd(1) },
    { ...body, exchangeFor: [] },
    { ...body, exchangeFor: [...body.exchangeFor, ...body.exchangeFor] },
    { items: [{ ...item, price: 1 }] },
  ];
  for (const wrong of bad) expect((await edge.ask(path, { body: wrong })).status).toBe(422);
});

test("a key that was used with an order's token gives its answer to nobody without it", async () => {
  const headers = { "idempotency-key": crypto.randomUUID() };
  edge.core.on("orders.returns.request", () => stored);
  const own = await edge.ask(path, { body, headers: { ...headers, "x-order-token": "token" } });
  expect(own.status).toBe(201);
  edge.core.refuse("orders.returns.request", "not_found");
  for (const token of [{}, { "x-order-token": "other" }]) {
    expect((await edge.ask(path, { body, headers: { ...headers, ...token } })).status).toBe(404);
  }
  const again = await edge.ask(path, { body, headers: { ...headers, "x-order-token": "token" } });
  expect(again.headers.get("idempotent-replayed")).toBe("true");
});
