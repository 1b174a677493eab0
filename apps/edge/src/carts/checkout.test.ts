import { afterAll, beforeAll, expect, test } from "bun:test";
import { type CartId, newId } from "@stoa/kernel";
import { channels, keys, type OrderView, type StoredOrder } from "@stoa/read-models";
import { type EdgeUnderTest, edgeUnderTest, eventually } from "../testing/edge-under-test.ts";
import { address, orderView, storedOrder, usd } from "../testing/fixtures.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
});
afterAll(() => edge[Symbol.asyncDispose]());

const payment = { provider: "stripe" as const, paymentMethod: "pm_card_visa" };
const key = () => ({ "idempotency-key": crypto.randomUUID() });

function checkout(cartId: CartId, body: object, headers: Readonly<Record<string, string>> = key(), asked = edge) {
  return asked.ask(`/v1/carts/${cartId}/checkout`, { body, headers });
}

/** Core places the order; its view is written and announced as the projection does it. */
function placing(view: OrderView, later: (stored: StoredOrder) => Promise<void> = async () => {}, asked = edge) {
  const stored = storedOrder(view, { token: "guest-token" });
  asked.core.on("orders.place", () => {
    queueMicrotask(() => later(stored));
    return { orderId: view.id, accessToken: "guest-token", order: null, replayed: false };
  });
  return stored;
}

async function project(stored: StoredOrder, version = Date.now()) {
  const envelope = await edge.seed(keys.order(stored.view.id), stored, version);
  await edge.redis.publish(channels.order(stored.view.id), envelope);
}

test("201: an order that is confirmed while the shopper waits, with where it is and its token", async () => {
  const view = orderView();
  placing(view, async (stored) => {
    const channel = channels.order(stored.view.id);
    await eventually(async () => expect(Number((await edge.redis.pubsub("NUMSUB", channel))[1])).toBe(1));
    await project(stored);
  });
  const cartId = newId("cart");
  const answer = await checkout(cartId, {
    payment,
    email: "ann@shop.example",
    shippingAddress: address,
    expectedTotal: usd(5700),
  });
  expect(answer.status).toBe(201);
  expect(answer.headers.get("location")).toBe(`/v1/orders/${view.id}`);
  expect(await answer.json()).toEqual({ ...view, accessToken: "guest-token" });
  expect(edge.core.callsOf("orders.place").at(-1)).toMatchObject({
    input: {
      cartId,
      payment,
      expectedTotal: usd(5700),
      patch: { email: "ann@shop.example", shippingAddress: address },
    },
  });
});

test("202: a shopper who has to approve is told at once what to do", async () => {
  const nextAction = { type: "redirect" as const, url: "https://pay.example/approve" };
  const view = orderView({
    state: "pending",
    payment: { state: "requires_action", provider: "paypal", nextAction, refundedTotal: usd(0) },
  });
  placing(view, project);
  const answer = await checkout(newId("cart"), {
    payment: { provider: "paypal", returnUrl: "http://localhost/thanks" },
  });
  expect(answer.status).toBe(202);
  expect(await answer.json()).toMatchObject({ id: view.id, state: "pending", payment: { nextAction } });
});

/** An edge that hardly waits for an order to settle. */
const impatient = () => edgeUnderTest({ settings: { settleWaitMs: 20 } });

test("202: an order that has not settled in time is answered as far as it is", async () => {
  await using hasty = await impatient();
  const view = orderView({ state: "pending" });
  const stored = placing(view, undefined, hasty);
  await hasty.seed(keys.order(view.id), { ...stored, settled: false });
  const answer = await checkout(newId("cart"), { payment }, key(), hasty);
  expect(answer.status).toBe(202);
  expect(await answer.json()).toMatchObject({ id: view.id, state: "pending", accessToken: "guest-token" });
});

test("the order is asked of core when Redis never hears of it", async () => {
  await using hasty = await impatient();
  const view = orderView({ state: "pending" });
  const stored = placing(view, undefined, hasty);
  hasty.core.on("orders.view", () => stored);
  expect((await checkout(newId("cart"), { payment }, key(), hasty)).status).toBe(202);
});

test("a settlement is seen in Redis although its announcement was lost", async () => {
  const view = orderView();
  placing(view, async (stored) => {
    await edge.seed(keys.order(stored.view.id), stored);
  });
  expect((await checkout(newId("cart"), { payment })).status).toBe(201);
});

test("409 and 402: an order that is refused answers why, with its id and nothing of the vendor's", async () => {
  const refusals = [
    { code: "out_of_stock", status: 409, extensions: { items: [{ sku: "A", requested: 2, available: 1 }] } },
    { code: "price_changed", status: 409, extensions: { totals: orderView().totals } },
    { code: "payment_declined", status: 402, extensions: { declineCode: "insufficient_funds" } },
  ];
  for (const { code, status, extensions } of refusals) {
    const view = orderView({ state: "refused", refusal: { code, detail: "No.", extensions } });
    placing(view, project);
    const answer = await checkout(newId("cart"), { payment });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ code, detail: "No.", orderId: view.id, ...extensions });
  }
});

test("422 and 409: what core refuses before there is an order", async () => {
  for (const [code, status] of [
    ["cart_empty", 422],
    ["email_required", 422],
    ["shipping_address_required", 422],
    ["shipping_method_required", 422],
    ["cart_completed", 409],
    ["not_found", 404],
  ] as const) {
    edge.core.refuse("orders.place", code);
    const answer = await checkout(newId("cart"), { payment });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ code });
  }
});

test("400: without a key nothing is ordered", async () => {
  const before = edge.core.callsOf("orders.place").length;
  const answer = await checkout(newId("cart"), { payment }, {});
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ code: "idempotency_key_required" });
  expect(edge.core.callsOf("orders.place").length).toBe(before);
});

test("the same checkout again gets the very same bytes, confirmed or refused, and core is asked once", async () => {
  for (const view of [
    orderView(),
    orderView({ state: "refused", refusal: { code: "payment_declined", detail: "No." } }),
  ]) {
    placing(view, project);
    const [cartId, headers, before] = [newId("cart"), key(), edge.core.callsOf("orders.place").length];
    const first = await checkout(cartId, { payment }, headers);
    const again = await checkout(cartId, { payment }, headers);
    expect(again.status).toBe(first.status);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(await again.text()).toBe(await first.text());
    expect(edge.core.callsOf("orders.place").length - before).toBe(1);
  }
});

test("core gets one key for a checkout that is tried again, and never the same for two people", async () => {
  const keysOf = async (headers: Readonly<Record<string, string>>, cartId: CartId) => {
    edge.core.refuse("orders.place", "cart_empty");
    const before = edge.core.callsOf("orders.place").length;
    for (let attempt = 0; attempt < 2; attempt += 1)
      await checkout(cartId, { payment }, { ...headers, "idempotency-key": "1" });
    return edge.core
      .callsOf("orders.place")
      .slice(before)
      .map((call) => call.idempotencyKey);
  };
  const cartId = newId("cart");
  const guest = await keysOf({}, cartId);
  const other = await keysOf({}, newId("cart"));
  const customer = await keysOf((await edge.signIn()).headers, cartId);
  for (const [first, second] of [guest, other, customer]) expect(second).toBe(first ?? "none");
  expect(new Set([guest[0], other[0], customer[0]]).size).toBe(3);
});

test("503: when core is away the key stays free for another try", async () => {
  await using lonely = await edgeUnderTest();
  const [path, headers] = [`/v1/carts/${newId("cart")}/checkout`, key()];
  const port = await lonely.core.stop();
  const answer = await lonely.ask(path, { body: { payment }, headers });
  expect(answer.status).toBe(503);
  lonely.core.start(port);
  lonely.core.refuse("orders.place", "cart_empty");
  expect((await lonely.ask(path, { body: { payment }, headers })).status).toBe(422);
});

test("422: a total, a price or a right of the shopper's own making; a return to somewhere else", async () => {
  const before = edge.core.callsOf("orders.place").length;
  for (const body of [
    {},
    { payment: { provider: "cash" } },
    { payment: { ...payment, amount: 1 } },
    { payment, total: usd(1) },
    { payment, totals: { total: usd(1) } },
    { payment, tax: usd(0) },
    { payment, customerId: newId("cus") },
    { payment, expectedTotal: { amount: 0.5, currency: "USD" } },
    { payment, expectedTotal: { amount: 2 ** 53, currency: "USD" } },
    { payment: { ...payment, returnUrl: "https://evil.example/" } },
    { payment: { ...payment, returnUrl: "javascript:alert(1)" } },
    { payment: { ...payment, returnUrl: "http://localhost@evil.example/" } },
  ]) {
    expect((await checkout(newId("cart"), body)).status).toBe(422);
  }
  expect(edge.core.callsOf("orders.place").length).toBe(before);
});
