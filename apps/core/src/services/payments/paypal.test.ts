import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { money } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { paymentOfOrder } from "./payment-of-order.ts";
import { createPaypalClient } from "./providers/paypal-client.ts";
import { providerCall } from "./tables.ts";
import {
  authorize,
  capture,
  crashAfterCall,
  decide,
  paymentRow,
  refund,
  release,
  type TestOrder,
  type TestShop,
  testOrder,
  testShop,
  timed,
} from "./testing/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const newOrder = () => testOrder({ provider: "paypal", returnUrl: "https://shop.example/back" });

/** Up to the shopper's answer on PayPal's page. */
async function answer(order: TestOrder, decision: "pay" | "decline" | "cancel"): Promise<void> {
  const asked = await authorize(shop, order);
  if (asked.kind !== "requires_action" || asked.nextAction.type !== "redirect") throw new Error(asked.kind);
  await decide(asked.nextAction.url, decision);
}

const REVIEW_MS = 3_600_000;
/** What PayPal looks at before it completes it: done in an hour, which only `reviewEnds` brings about. */
const reviewed = { kind: "delay", delayMs: REVIEW_MS } as const;

async function reviewEnds(): Promise<void> {
  await fetch(`${shop.paypal.url}/_stoa/clock`, {
    method: "POST",
    body: JSON.stringify({ seconds: REVIEW_MS / 1_000 }),
  });
}

async function operationsOf(order: TestOrder): Promise<string[]> {
  await shop.drainCalls();
  const { id } = await paymentRow(shop, order);
  const calls = await shop.db
    .select()
    .from(providerCall)
    .where(eq(providerCall.paymentId, id))
    .orderBy(providerCall.seq);
  return calls.map((call) => `${call.operation} ${call.outcome}`);
}

describe("the PayPal wallet", () => {
  test("sends the shopper to PayPal, and asks for the same approval again until it is given", async () => {
    const order = newOrder();
    const asked = await authorize(shop, order);
    expect(asked).toMatchObject({ kind: "requires_action", nextAction: { type: "redirect" } });
    expect(await authorize(shop, order)).toMatchObject({ kind: "requires_action" });
    await answer(order, "cancel");
    expect(await authorize(shop, order)).toMatchObject({ kind: "requires_action" });
    await answer(order, "pay");
    expect(await authorize(shop, order)).toMatchObject({ kind: "authorized" });
    expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "authorized", nextAction: null });
  });

  test("a means that PayPal declines is a decline, and nothing is held", async () => {
    const order = newOrder();
    await answer(order, "decline");
    expect(await authorize(shop, order)).toMatchObject({ kind: "declined", declineCode: "instrument_declined" });
    expect(await authorize(shop, order)).toMatchObject({ kind: "declined" });
    expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "failed", authorizedAmount: 0 });
  });

  test("an approval that comes after the order was let go of charges nothing", async () => {
    const order = newOrder();
    const asked = await authorize(shop, order);
    if (asked.kind !== "requires_action" || asked.nextAction.type !== "redirect") throw new Error(asked.kind);
    await release(shop, order);
    await decide(asked.nextAction.url, "pay");
    expect(await authorize(shop, order)).toMatchObject({ kind: "declined" });
    expect(await operationsOf(order)).not.toContain("authorize ok");
  });

  test("an approval that nobody gave by the deadline ends the attempt", async () => {
    const order = newOrder();
    await authorize(shop, order);
    await shop.db.execute("update payments.payment set expires_at = now() - interval '1 minute'");
    expect(await authorize(shop, order)).toMatchObject({ kind: "declined", declineCode: "payment_expired" });
  });

  test("an order that nobody approved and PayPal has forgotten holds nothing, and ends the attempt", async () => {
    const forget = () =>
      shop.paypal.faults?.arm({ operation: "orders.get", action: { kind: "fail", status: 404 }, times: 1 });
    const released = newOrder();
    await authorize(shop, released);
    forget();
    await release(shop, released);
    expect(await paymentRow(shop, released)).toMatchObject({ state: "cancelled", closedAt: expect.any(Number) });
    const asked = newOrder();
    await authorize(shop, asked);
    forget();
    expect(await authorize(shop, asked)).toMatchObject({ kind: "declined", declineCode: "payment_expired" });
  });

  test("a capture that PayPal reviews for days is pending all the time, and is made once", async () => {
    const order = newOrder();
    await answer(order, "pay");
    await authorize(shop, order);
    shop.paypal.faults?.arm({ operation: "capture.settlement", action: reviewed, times: 1 });
    expect(await capture(shop, order)).toMatchObject({ kind: "pending" });
    await shop.db.execute("update payments.payment set capture_started_at = now() - interval '3 days'");
    expect(await capture(shop, order)).toMatchObject({ kind: "pending" });
    await reviewEnds();
    expect(await capture(shop, order)).toMatchObject({ kind: "captured" });
    expect((await operationsOf(order)).filter((call) => call === "capture ok")).toHaveLength(1);
  });

  test("a capture that PayPal reviews is pending until it completes, and is made once", async () => {
    const order = newOrder();
    await answer(order, "pay");
    await authorize(shop, order);
    shop.paypal.faults?.arm({ operation: "capture.settlement", action: reviewed, times: 1 });
    for (let round = 0; round < 2; round += 1) expect(await capture(shop, order)).toMatchObject({ kind: "pending" });
    await reviewEnds();
    expect(await capture(shop, order)).toMatchObject({ kind: "captured" });
    const calls = await operationsOf(order);
    expect(calls.filter((call) => call === "capture ok")).toHaveLength(1);
  });

  test("a refund that PayPal keeps waiting is pending, promised once, and done in the end", async () => {
    const order = newOrder();
    await answer(order, "pay");
    await authorize(shop, order);
    await capture(shop, order);
    shop.paypal.faults?.arm({ operation: "refund.settlement", action: reviewed, times: 1 });
    const key = `${order.key}/r`;
    expect(await refund(shop, order, key, money(5_000, "USD"))).toMatchObject({ kind: "pending" });
    await expect(refund(shop, order, `${order.key}/s`, money(201, "USD"))).rejects.toThrow("more than what is left");
    expect(await refund(shop, order, key, money(5_000, "USD"))).toMatchObject({ kind: "pending" });
    await reviewEnds();
    expect(await refund(shop, order, key, money(5_000, "USD"))).toMatchObject({ kind: "refunded" });
    expect(await paymentRow(shop, order)).toMatchObject({ refunded: 5_000, refundHeld: 5_000 });
  });

  test("a refund that fails in the end gives its promise back", async () => {
    const order = newOrder();
    await answer(order, "pay");
    await authorize(shop, order);
    await capture(shop, order);
    shop.paypal.faults?.arm({ operation: "refund.settlement", action: { kind: "fail" }, times: 1 });
    const key = `${order.key}/r`;
    await refund(shop, order, key, money(5_200, "USD"));
    await reviewEnds();
    expect(await refund(shop, order, key, money(5_200, "USD"))).toMatchObject({ kind: "failed" });
    expect(await paymentRow(shop, order)).toMatchObject({ state: "captured", refunded: 0, refundHeld: 0 });
    expect(await refund(shop, order, `${order.key}/again`, money(5_200, "USD"))).toMatchObject({ kind: "refunded" });
  });

  test("an authorization that is still under way when the order is let go of is found and voided", async () => {
    const order = newOrder();
    await answer(order, "pay");
    shop.paypal.faults?.arm({ operation: "orders.authorize", action: { kind: "drop" }, times: 2 });
    await expect(crashAfterCall(shop, shop.verbs.authorizePayment, timed(order.key, null), order)).rejects.toThrow();
    await release(shop, order);
    const calls = await operationsOf(order);
    expect(calls).toContain("authorize ok");
    expect(calls).toContain("void ok");
    expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "voided" });
  });

  test("a token that PayPal has taken back is replaced without anybody noticing", async () => {
    await authorize(shop, newOrder());
    shop.paypal.faults?.arm({ operation: "orders.create", action: { kind: "fail", status: 401 }, times: 1 });
    expect(await authorize(shop, newOrder())).toMatchObject({ kind: "requires_action" });
  });

  test("an answer to the request for a token that is lost costs no call but those that waited for it", async () => {
    for (const action of [{ kind: "drop" }, { kind: "fail", status: 503 }] as const) {
      await using own = await testShop();
      own.paypal.faults?.arm({ operation: "oauth.token", action });
      await expect(authorize(own, newOrder())).rejects.toThrow();
      own.paypal.faults?.clear();
      expect(await authorize(own, newOrder())).toMatchObject({ kind: "requires_action" });
    }
  });

  test("amounts travel as the decimals that their currency has", async () => {
    for (const amount of [money(5_990, "JPY"), money(123_400, "HUF"), money(5, "EUR")]) {
      const order = { ...newOrder(), amount };
      await answer(order, "pay");
      expect(await authorize(shop, order)).toMatchObject({ kind: "authorized" });
    }
  });
});

test("the SDK's requests go where they are told to, and nowhere else", async () => {
  const seen: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      seen.push(`${request.method} ${new URL(request.url).pathname}`);
      return Response.json({ access_token: "t", token_type: "Bearer", expires_in: 60 });
    },
  });
  const client = createPaypalClient({ apiUrl: `http://127.0.0.1:${server.port}`, clientId: "c", clientSecret: "s" });
  await client.clientCredentialsAuthManager.fetchToken();
  expect(seen).toEqual(["POST /v1/oauth2/token"]);
  await server.stop(true);
});
