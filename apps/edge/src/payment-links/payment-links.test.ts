import { afterAll, beforeAll, expect, test } from "bun:test";
import { channels, keys, type OrderView, type PaymentLinkView } from "@stoa/read-models";
import { type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";
import { orderView, storedOrder, usd } from "../testing/fixtures.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
});
afterAll(() => edge[Symbol.asyncDispose]());

const token = "Ab-_".repeat(10).concat("xyz");
const path = `/v1/payment-links/${token}`;
const payment = { provider: "stripe" as const, paymentMethod: "pm_card_visa" };
const key = () => ({ "idempotency-key": crypto.randomUUID() });
const { totals, shippingMethod } = orderView();
const link: PaymentLinkView = {
  state: "open",
  currency: "USD",
  items: [],
  ...{ totals, shippingMethod },
  amountDue: usd(5_700),
  expiresAt: "2026-12-01T10:00:00.000Z",
};

const pay = (body: object, headers: Readonly<Record<string, string>> = key()) =>
  edge.ask(`${path}/pay`, { body, headers });

/** Core makes the order; its view is written and announced as the projection does it. */
function paying(view: OrderView) {
  const stored = storedOrder(view, { token: "guest-token" });
  edge.core.on("orders.payLink", () => {
    queueMicrotask(async () => {
      await edge.redis.publish(channels.order(view.id), await edge.seed(keys.order(view.id), stored));
    });
    return { orderId: view.id, accessToken: "guest-token", order: null, replayed: false };
  });
}

test("200: what is due, private to whoever holds the link", async () => {
  edge.core.on("orders.paymentLink", () => link);
  const answer = await edge.ask(path);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("cache-control")).toBe("private, no-store");
  expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
  expect(await answer.json()).toEqual(link);
  expect(edge.core.calls.at(-1)?.input).toEqual({ token });
});

test("404: a link that core does not know, and a token that can be none, without asking core", async () => {
  edge.core.refuse("orders.paymentLink", "not_found");
  expect((await edge.ask(path)).status).toBe(404);
  const before = edge.core.calls.length;
  for (const wrong of ["short", "x".repeat(44), `${"x".repeat(42)}%27`]) {
    expect((await edge.ask(`/v1/payment-links/${wrong}`)).status).toBe(404);
    expect((await edge.ask(`/v1/payment-links/${wrong}/pay`, { body: { payment }, headers: key() })).status).toBe(404);
  }
  expect(edge.core.calls.length).toBe(before);
});

test("201: an order that is confirmed while the shopper waits, with the token that opens it", async () => {
  const view = orderView();
  paying(view);
  const answer = await pay({ payment });
  expect(answer.status).toBe(201);
  expect(answer.headers.get("location")).toBe(`/v1/orders/${view.id}`);
  expect(await answer.json()).toEqual({ ...view, accessToken: "guest-token" });
  expect(edge.core.callsOf("orders.payLink").at(-1)?.input).toEqual({ token, payment });
});

test("202: a shopper who has to authenticate is told what to do", async () => {
  const nextAction = { type: "redirect" as const, url: "https://pay.example/approve" };
  paying(
    orderView({
      state: "pending",
      payment: { state: "requires_action", provider: "stripe", nextAction, refundedTotal: usd(0) },
    }),
  );
  const answer = await pay({ payment: { ...payment, returnUrl: "http://localhost/thanks" } });
  expect(answer.status).toBe(202);
  expect(await answer.json()).toMatchObject({ payment: { nextAction } });
});

test("201 and 202: what an edit of a standing order costs more, paid or still to be approved", async () => {
  const nextAction = { type: "redirect" as const, url: "https://pay.example/approve" };
  const view = orderView({ payment: { state: "captured", provider: "stripe", nextAction, refundedTotal: usd(0) } });
  for (const [isDue, status] of [
    [false, 201],
    [true, 202],
  ] as const) {
    const order = storedOrder(view);
    edge.core.on("orders.payLink", () => ({ orderId: view.id, accessToken: "t", replayed: false, order, isDue }));
    const answer = await pay({ payment });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ id: view.id, payment: { nextAction }, accessToken: "t" });
  }
});

test("402 and 409: an order that is refused answers why", async () => {
  for (const [code, status] of [
    ["payment_declined", 402],
    ["out_of_stock", 409],
  ] as const) {
    const view = orderView({ state: "refused", refusal: { code, detail: "No." } });
    paying(view);
    const answer = await pay({ payment });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ code, orderId: view.id });
  }
});

test("404 and 409: a link that is worthless, over, or being paid in another tab", async () => {
  for (const [code, status] of [
    ["not_found", 404],
    ["state_conflict", 409],
    ["request_in_progress", 409],
  ] as const) {
    edge.core.refuse("orders.payLink", code);
    const answer = await pay({ payment });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ code });
  }
});

test("400: without a key nothing is paid", async () => {
  const before = edge.core.callsOf("orders.payLink").length;
  const answer = await pay({ payment }, {});
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ code: "idempotency_key_required" });
  expect(edge.core.callsOf("orders.payLink").length).toBe(before);
});

test("422: no payment, a price of one's own, a stranger's page to come back to", async () => {
  for (const body of [
    {},
    { payment, amount: 1 },
    { payment: { ...payment, amount: 1 } },
    { payment: { ...payment, returnUrl: "https://evil.example/" } },
  ])
    expect((await pay(body)).status).toBe(422);
});

test("the same payment again gets the very same bytes, and core is asked once", async () => {
  paying(orderView());
  const [headers, before] = [key(), edge.core.callsOf("orders.payLink").length];
  const first = await pay({ payment }, headers);
  const again = await pay({ payment }, headers);
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(await again.text()).toBe(await first.text());
  expect(edge.core.callsOf("orders.payLink").length - before).toBe(1);
});
