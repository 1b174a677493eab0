import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { money } from "@stoa/kernel";
import { writeSetting } from "../../platform/settings/index.ts";
import { paymentOfOrder } from "./payment-of-order.ts";
import { paymentsSetting } from "./settings.ts";
import {
  authorize,
  balances,
  capture,
  captureOf,
  crashAfterCall,
  intentsOf,
  paymentRow,
  plain,
  refund,
  release,
  type TestOrder,
  type TestShop,
  testOrder,
  testShop,
} from "./testing/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

describe("capturing and refunding", () => {
  test("takes the whole amount once, though the answer is lost", async () => {
    const order = testOrder();
    await authorize(shop, order);
    shop.stripe.faults?.arm({ operation: "payment_intents.capture", action: { kind: "loseAnswer" }, times: 1 });
    await crashAfterCall(shop, shop.verbs.capturePayment, plain, order);
    expect((await paymentRow(shop, order)).state).toBe("authorized");
    expect(await capture(shop, order)).toMatchObject({ kind: "captured" });
    expect(await capture(shop, order)).toMatchObject({ kind: "captured" });
    expect(await intentsOf(shop, order)).toEqual([
      { status: "succeeded", amount_capturable: 0, amount_received: 5_200 },
    ]);
  });

  test("says why when the hold is gone", async () => {
    const order = testOrder();
    await authorize(shop, order);
    const { providerReference } = await paymentRow(shop, order);
    await shop.stripeClient.paymentIntents.cancel(providerReference ?? "");
    expect(await capture(shop, order)).toMatchObject({ kind: "failed", state: "voided" });
  });

  test("refunds never pass what was captured, and the same key pays once", async () => {
    const order = testOrder();
    await authorize(shop, order);
    await expect(refund(shop, order, "r-0", money(1, "USD"))).rejects.toThrow("nothing was captured");
    await capture(shop, order);
    const first = { ...order, amount: money(2_000, "USD"), reason: null, cause: `${order.key}/r1` };
    await crashAfterCall(shop, shop.verbs.refundOrder, plain, first);
    expect(await refund(shop, order, `${order.key}/r1`, money(2_000, "USD"))).toMatchObject({ kind: "refunded" });
    await expect(refund(shop, order, `${order.key}/r2`, money(3_201, "USD"))).rejects.toThrow("more than what is left");
    expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({
      state: "partially_refunded",
      refundedAmount: 2_000,
    });
    expect(await refund(shop, order, `${order.key}/r2`, money(3_200, "USD"))).toMatchObject({ kind: "refunded" });
    expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "refunded" });
  });

  test("ten refunds at once send back no more than there is", async () => {
    const order = testOrder();
    await authorize(shop, order);
    await capture(shop, order);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => refund(shop, order, `${order.key}/p${index}`, money(1_000, "USD"))),
    );
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(5);
    const { providerReference } = await paymentRow(shop, order);
    const sent = await shop.stripeClient.refunds.list({ payment_intent: providerReference ?? "" });
    expect(sent.data.reduce((sum, one) => sum + one.amount, 0)).toBe(5_000);
  });
});

describe("a hold that can be captured only once", () => {
  const jcb = { provider: "stripe", paymentMethod: "pm_card_jcb" } as const;
  const part = (shop: TestShop, order: TestOrder, cause: string, amount: number) =>
    captureOf(shop, order, { amount: money(amount, "USD"), cause: `${order.key}/${cause}` });

  test("is taken as a whole with its first part, and later parts find it taken", async () => {
    const order = testOrder(jcb);
    await authorize(shop, order);
    expect(await part(shop, order, "first", 2_000)).toMatchObject({
      kind: "captured",
      captured: money(5_200, "USD"),
      short: money(0, "USD"),
    });
    expect(await part(shop, order, "second", 3_200)).toMatchObject({ kind: "captured", short: money(0, "USD") });
    expect(await intentsOf(shop, order)).toMatchObject([{ status: "succeeded", amount_received: 5_200 }]);
  });

  test("is taken no further than the order costs by then, though units were cancelled while it was only held", async () => {
    await using own = await testShop();
    Object.assign(own.deps, { dueOfOrder: async () => 3_000 });
    const order = testOrder(jcb);
    await authorize(own, order);
    expect(await part(own, order, "first", 2_000)).toMatchObject({ kind: "captured", captured: money(3_000, "USD") });
    expect(await intentsOf(own, order)).toMatchObject([{ status: "succeeded", amount_received: 3_000 }]);
    expect(await part(own, order, "second", 1_000)).toMatchObject({ kind: "captured", captured: money(3_000, "USD") });
    expect(await paymentRow(own, order)).toMatchObject({ captured: 3_000, held: 0 });
  });

  test("is taken in part where the shop says so; what was let go of is told as short", async () => {
    await using own = await testShop();
    const setting = { ...paymentsSetting.fallback, holdsCapturedOnce: "release_rest" } as const;
    await own.db.transaction((tx) => writeSetting(tx, own.deps.clock.now(), paymentsSetting, setting));
    const order = testOrder(jcb);
    await authorize(own, order);
    expect(await part(own, order, "first", 2_000)).toMatchObject({ kind: "captured", captured: money(2_000, "USD") });
    expect(await paymentRow(own, order)).toMatchObject({ captured: 2_000, held: 0 });
    expect(await part(own, order, "second", 3_200)).toMatchObject({ kind: "captured", short: money(3_200, "USD") });
    expect(await balances(own)).toEqual({ "stripe.balance": 2_000, "stripe.sales": -2_000 });
  });
});

test("the books end where Stripe's do", async () => {
  await using own = await testShop();
  const [kept, returned, voided] = [testOrder(), testOrder(), testOrder()];
  for (const order of [kept, returned, voided]) await authorize(own, order);
  await capture(own, kept);
  await capture(own, returned);
  await refund(own, returned, `${returned.key}/r`, money(1_200, "USD"));
  await release(own, voided);
  expect(await balances(own)).toEqual({
    "stripe.balance": 2 * 5_200 - 1_200,
    "stripe.sales": -2 * 5_200,
    "stripe.refunds": 1_200,
  });
});
