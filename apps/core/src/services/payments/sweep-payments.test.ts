import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { fixedClock } from "@stoa/kernel";
import { expirePayments } from "./sweep-payments.ts";
import { payment } from "./tables.ts";
import {
  authorize,
  capture,
  crashAfterCall,
  paymentRow,
  plain,
  release,
  type TestShop,
  testOrder,
  testShop,
} from "./testing/shop.ts";

const MINUTE_MS = 60_000;
let clock: ReturnType<typeof fixedClock>;
let shop: TestShop;
beforeEach(async () => {
  clock = fixedClock(new Date().toISOString());
  shop = await testShop({ clock });
});
afterEach(() => shop[Symbol.asyncDispose]());

const statusOf = async (reference: string | null) =>
  (await shop.stripeClient.paymentIntents.retrieve(reference ?? "")).status;

describe("the sweep of payments", () => {
  test("closes at the provider what nobody finished, and tells the order", async () => {
    const order = testOrder({ provider: "stripe", paymentMethod: "pm_card_authenticationRequired" });
    await authorize(shop, order);
    const { providerReference } = await paymentRow(shop, order);
    expect(await expirePayments(shop.deps)).toEqual({ done: 0, failed: [] });
    clock.advance(36 * MINUTE_MS);
    expect(await expirePayments(shop.deps)).toEqual({ done: 1, failed: [] });
    expect(await statusOf(providerReference)).toBe("canceled");
    expect(await paymentRow(shop, order)).toMatchObject({ state: "cancelled" });
    expect(shop.told).toEqual([order.orderId]);
    expect(await expirePayments(shop.deps)).toEqual({ done: 0, failed: [] });
  });

  test("lets go of money that an order did not want and whose release was cut short", async () => {
    const order = testOrder();
    await authorize(shop, order);
    shop.stripe.faults?.arm({ operation: "payment_intents.cancel", action: { kind: "drop" }, times: 2 });
    await expect(release(shop, order)).rejects.toThrow();
    clock.advance(6 * MINUTE_MS);
    expect(await expirePayments(shop.deps)).toEqual({ done: 1, failed: [] });
    expect(await paymentRow(shop, order)).toMatchObject({ state: "voided" });
  });

  test("finishes sending back money that an order did not want, once", async () => {
    const order = testOrder();
    await authorize(shop, order);
    await capture(shop, order);
    await crashAfterCall(shop, shop.verbs.voidAuthorization, plain, order);
    expect(await paymentRow(shop, order)).toMatchObject({ refunded: 0, refundHeld: 5_200 });
    clock.advance(6 * MINUTE_MS);
    expect(await expirePayments(shop.deps)).toEqual({ done: 1, failed: [] });
    const { providerReference, refunded } = await paymentRow(shop, order);
    expect(refunded).toBe(5_200);
    const sent = await shop.stripeClient.refunds.list({ payment_intent: providerReference ?? "" });
    expect(sent.data.map((one) => one.amount)).toEqual([5_200]);
  });

  test("names what it could not do, and goes on with the rest", async () => {
    const orders = [testOrder(), testOrder()];
    for (const order of orders) {
      await authorize(shop, order);
      shop.stripe.faults?.arm({ operation: "payment_intents.cancel", action: { kind: "drop" }, times: 2 });
      await expect(release(shop, order)).rejects.toThrow();
    }
    clock.advance(6 * MINUTE_MS);
    shop.stripe.faults?.arm({ operation: "payment_intents.cancel", action: { kind: "drop" }, times: 2 });
    const swept = await expirePayments(shop.deps);
    expect(swept.done).toBe(1);
    expect(swept.failed).toHaveLength(1);
  });

  test("notices an authorization that has lapsed, and asks again later while it has not", async () => {
    const order = testOrder();
    await authorize(shop, order);
    clock.advance(8 * 24 * 60 * MINUTE_MS);
    expect(await expirePayments(shop.deps)).toEqual({ done: 1, failed: [] });
    expect(await paymentRow(shop, order)).toMatchObject({ state: "authorized" });
    expect(await expirePayments(shop.deps)).toEqual({ done: 0, failed: [] });
    await shop.stripeClient.paymentIntents.cancel((await paymentRow(shop, order)).providerReference ?? "");
    clock.advance(61 * MINUTE_MS);
    expect(await expirePayments(shop.deps)).toEqual({ done: 1, failed: [] });
    expect(await paymentRow(shop, order)).toMatchObject({ state: "voided" });
    expect(shop.told).toEqual([order.orderId]);
  });

  test("notices one however many others there are whose provider does not answer", async () => {
    const silent = Array.from({ length: 20 }, () => testOrder());
    for (const order of silent) await authorize(shop, order);
    // Of a provider that the shop has no credentials for any more.
    await shop.db.update(payment).set({ provider: "paypal" });
    Object.assign(shop.deps, { providers: new Map([...shop.deps.providers].filter(([name]) => name !== "paypal")) });
    clock.advance(MINUTE_MS);
    const order = testOrder();
    await authorize(shop, order);
    await shop.stripeClient.paymentIntents.cancel((await paymentRow(shop, order)).providerReference ?? "");
    clock.advance(8 * 24 * 60 * MINUTE_MS);
    expect((await expirePayments(shop.deps)).failed).toHaveLength(20);
    expect(await expirePayments(shop.deps)).toEqual({ done: 1, failed: [] });
    expect(await paymentRow(shop, order)).toMatchObject({ state: "voided" });
  });
});
