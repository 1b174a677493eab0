import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { money } from "@stoa/kernel";
import { paymentOfOrder } from "./payment-of-order.ts";
import {
  authorize,
  capture,
  crashAfterCall,
  decide,
  intentsOf,
  paymentRow,
  plain,
  prepareAuthorization,
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

const atStripe = (order: TestOrder) => intentsOf(shop, order);
const arm = (operation: string, kind: "loseAnswer" | "drop", times: number) =>
  shop.stripe.faults?.arm({ operation, action: { kind }, times });

describe("authorizing", () => {
  test("holds exactly the order's amount, once", async () => {
    const order = testOrder();
    expect(await authorize(shop, order)).toMatchObject({ kind: "authorized", isCaptured: false });
    expect(await atStripe(order)).toEqual([
      { status: "requires_capture", amount_capturable: 5_200, amount_received: 0 },
    ]);
    expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({
      state: "authorized",
      authorizedAmount: 5_200,
    });
  });

  test("called again it finds the hold and makes no other", async () => {
    const order = testOrder();
    await authorize(shop, order);
    expect(await authorize(shop, order)).toMatchObject({ kind: "authorized" });
    expect(await atStripe(order)).toHaveLength(1);
    expect((await paymentRow(shop, order)).tries).toBe(2);
  });

  for (const operation of ["payment_intents.create", "payment_intents.confirm"]) {
    test(`an answer to ${operation} lost after the effect leads to one charge`, async () => {
      const order = testOrder();
      arm(operation, "loseAnswer", 1);
      expect(await authorize(shop, order)).toMatchObject({ kind: "authorized" });
      expect(await atStripe(order)).toEqual([
        { status: "requires_capture", amount_capturable: 5_200, amount_received: 0 },
      ]);
    });
  }

  test("killed after Stripe has answered, it finds the hold when it is called again", async () => {
    const order = testOrder();
    await crashAfterCall(shop, shop.verbs.authorizePayment, timed(order.key, null), order);
    expect((await paymentRow(shop, order)).state).toBe("pending");
    expect(await authorize(shop, order)).toMatchObject({ kind: "authorized" });
    expect(await atStripe(order)).toHaveLength(1);
  });

  test("killed before it has stored Stripe's id, it finds the intent by its key", async () => {
    const order = testOrder();
    await crashAfterCreating(order);
    expect(await authorize(shop, order)).toMatchObject({ kind: "authorized" });
    expect(await atStripe(order)).toHaveLength(1);
  });

  test("while Stripe is away it fails, and nothing is charged twice when it is back", async () => {
    const order = testOrder();
    arm("payment_intents.confirm", "drop", 2);
    await expect(authorize(shop, order)).rejects.toThrow();
    expect(await authorize(shop, order)).toMatchObject({ kind: "authorized" });
    expect(await atStripe(order)).toHaveLength(1);
  });

  test("a declined card leaves nothing that could still be charged", async () => {
    const order = testOrder({ provider: "stripe", paymentMethod: "pm_card_visa_chargeDeclinedInsufficientFunds" });
    expect(await authorize(shop, order)).toMatchObject({ kind: "declined", declineCode: "insufficient_funds" });
    expect(await atStripe(order)).toEqual([{ status: "canceled", amount_capturable: 0, amount_received: 0 }]);
    expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "failed" });
  });

  test("a decline whose clean-up got lost is cleaned up on the next call", async () => {
    const order = testOrder({ provider: "stripe", paymentMethod: "pm_card_visa_chargeDeclined" });
    arm("payment_intents.cancel", "drop", 2);
    await expect(authorize(shop, order)).rejects.toThrow();
    expect(await authorize(shop, order)).toMatchObject({ kind: "declined", declineCode: "generic_decline" });
    expect(await atStripe(order)).toMatchObject([{ status: "canceled" }]);
  });

  test("a token that Stripe does not know is a decline", async () => {
    const order = testOrder({ provider: "stripe", paymentMethod: "pm_nobody_knows" });
    expect(await authorize(shop, order)).toMatchObject({ kind: "declined", declineCode: "resource_missing" });
    expect(await atStripe(order)).toMatchObject([{ status: "canceled" }]);
  });

  test("an amount below Stripe's least is a decline, and nothing is created", async () => {
    const order = { ...testOrder(), amount: money(1, "USD") };
    expect(await authorize(shop, order)).toMatchObject({ kind: "declined", declineCode: "amount_too_small" });
    expect(await atStripe(order)).toEqual([]);
  });

  test("an order that costs nothing is settled without Stripe", async () => {
    const order = { ...testOrder(), amount: money(0, "USD") };
    expect(await authorize(shop, order)).toMatchObject({ kind: "authorized" });
    expect(await capture(shop, order)).toMatchObject({ kind: "captured" });
    expect(await atStripe(order)).toEqual([]);
  });

  test("3-D Secure asks the shopper first and goes on when it is done", async () => {
    const order = testOrder({
      provider: "stripe",
      paymentMethod: "pm_card_authenticationRequired",
      returnUrl: "https://shop.example/return",
    });
    const asked = await authorize(shop, order);
    if (asked.kind !== "requires_action" || asked.nextAction.type !== "redirect") throw new Error(asked.kind);
    expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({
      state: "requires_action",
      nextAction: asked.nextAction,
    });
    expect(await authorize(shop, order)).toMatchObject({ kind: "requires_action" });
    await decide(asked.nextAction.url, "pay");
    expect(await authorize(shop, order)).toMatchObject({ kind: "authorized" });
    expect((await paymentOfOrder(shop.db, order.orderId))?.nextAction).toBeNull();
  });

  test("without a return URL the shopper's own page finishes 3-D Secure", async () => {
    const order = testOrder({ provider: "stripe", paymentMethod: "pm_card_authenticationRequired" });
    expect(await authorize(shop, order)).toMatchObject({
      kind: "requires_action",
      nextAction: { type: "stripe_sdk", clientSecret: expect.stringContaining("_secret_") },
    });
  });

  test("an action that nobody took by the deadline is closed at Stripe before the order is refused", async () => {
    const order = testOrder({ provider: "stripe", paymentMethod: "pm_card_authenticationRequired" });
    const answer = await authorize(shop, order, shop.deps.clock.now());
    expect(answer).toMatchObject({ kind: "declined", declineCode: "payment_expired" });
    expect(await atStripe(order)).toMatchObject([{ status: "canceled" }]);
  });
});

/** Leaves an intent at Stripe whose id nobody here knows. */
async function crashAfterCreating(order: TestOrder): Promise<void> {
  const { attempt } = await prepareAuthorization(shop, order);
  await shop.deps.providers.get("stripe")?.prepareAttempt?.(attempt);
}

describe("letting go", () => {
  test("of an order that nobody tried to pay for does nothing", async () => {
    expect(await release(shop, testOrder())).toMatchObject({ kind: "nothing" });
  });

  test("gives the hold back, and twice is the same as once", async () => {
    const order = testOrder();
    await authorize(shop, order);
    expect(await release(shop, order)).toMatchObject({ kind: "released" });
    expect(await release(shop, order)).toMatchObject({ kind: "nothing" });
    expect(await atStripe(order)).toEqual([{ status: "canceled", amount_capturable: 0, amount_received: 0 }]);
    expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "voided", authorizedAmount: 5_200 });
  });

  test("after the answer that said the money is held was never seen, holds nothing", async () => {
    const order = testOrder();
    await crashAfterCall(shop, shop.verbs.authorizePayment, timed(order.key, null), order);
    expect(await release(shop, order)).toMatchObject({ kind: "released" });
    expect(await atStripe(order)).toEqual([{ status: "canceled", amount_capturable: 0, amount_received: 0 }]);
  });

  test("of an intent whose id was never stored closes that too", async () => {
    const order = testOrder();
    await crashAfterCreating(order);
    expect(await release(shop, order)).toMatchObject({ kind: "released" });
    expect(await atStripe(order)).toEqual([{ status: "canceled", amount_capturable: 0, amount_received: 0 }]);
  });

  test("whose own answer is never seen ends the same when it is done again", async () => {
    const order = testOrder();
    await authorize(shop, order);
    await crashAfterCall(shop, shop.verbs.voidAuthorization, plain, order);
    expect(await release(shop, order)).toMatchObject({ kind: "released" });
    expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "voided" });
  });

  test("stops an authorization that stands between its two calls", async () => {
    const order = testOrder();
    const prepared = await prepareAuthorization(shop, order);
    await release(shop, order);
    await expect(shop.verbs.authorizePayment.call(prepared)).rejects.toThrow("released");
    expect(await atStripe(order)).toMatchObject([{ status: "canceled", amount_capturable: 0 }]);
    expect(await authorize(shop, order)).toMatchObject({ kind: "declined" });
  });

  test("of money that was taken sends it back", async () => {
    const order = testOrder();
    await authorize(shop, order);
    await capture(shop, order);
    expect(await release(shop, order)).toMatchObject({ kind: "refunded" });
    expect(await release(shop, order)).toMatchObject({ kind: "released" });
    expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "refunded", refundedAmount: 5_200 });
  });

  test("of money that was taken behind our back sends it back once, though that answer is never seen", async () => {
    const order = testOrder();
    await authorize(shop, order);
    const { providerReference } = await paymentRow(shop, order);
    await shop.stripeClient.paymentIntents.capture(providerReference ?? "");
    await crashAfterCall(shop, shop.verbs.voidAuthorization, plain, order);
    expect(await release(shop, order)).toMatchObject({ kind: "refunded" });
    const refunds = await shop.stripeClient.refunds.list({ payment_intent: providerReference ?? "" });
    expect(refunds.data.map((one) => one.amount)).toEqual([5_200]);
  });
});
