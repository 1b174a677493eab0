import { afterEach, beforeEach, expect, test } from "bun:test";
import { fixedClock } from "@stoa/kernel";
import { recordNews } from "./record-news.ts";
import { isBeingCaptured, sweepCaptures } from "./sweep-captures.ts";
import { payment } from "./tables.ts";
import {
  authorize,
  captureOf,
  intentsOf,
  paymentRow,
  type TestOrder,
  type TestShop,
  testOrder,
  testShop,
} from "./testing/shop.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
let clock: ReturnType<typeof fixedClock>;
let shop: TestShop;
beforeEach(async () => {
  clock = fixedClock(new Date().toISOString());
  shop = await testShop({ clock });
});
afterEach(() => shop[Symbol.asyncDispose]());

/** As it is when the process of whoever takes the money dies before its call. */
async function beginCapture(order: TestOrder): Promise<void> {
  const input = { orderId: order.orderId, amount: "rest", cause: `${order.key}/all` } as const;
  await shop.db.transaction((tx) => shop.verbs.captureOrder.prepare({ tx, now: clock.now() }, input));
}

async function loseHold(order: TestOrder): Promise<void> {
  const { id } = await paymentRow(shop, order);
  const facts = [{ type: "voided", reference: id, amount: null }] as const;
  await shop.db.transaction((tx) => recordNews({ tx, now: clock.now() }, id, { facts }));
}

test("a capture that nobody could make for days is made when the provider is back", async () => {
  const order = testOrder();
  await authorize(shop, order);
  await beginCapture(order);
  shop.stripe.faults?.arm({ operation: "payment_intents.capture", action: { kind: "fail", status: 503 } });
  clock.advance(16 * MINUTE_MS);
  expect(await sweepCaptures(shop.deps)).toMatchObject({ done: 0, failed: [{ orderId: order.orderId }] });
  shop.stripe.faults?.clear();
  clock.advance(3 * 24 * HOUR_MS);
  expect(await sweepCaptures(shop.deps)).toEqual({ done: 1, failed: [] });
  expect(await paymentRow(shop, order)).toMatchObject({ state: "captured", captured: 5_200, captureTo: null });
  expect(await intentsOf(shop, order)).toMatchObject([{ status: "succeeded", amount_received: 5_200 }]);
});

test("captures whose hold has gone meanwhile, however many, keep no other from being made", async () => {
  const lost = Array.from({ length: 20 }, () => testOrder());
  for (const order of lost) {
    await authorize(shop, order);
    await beginCapture(order);
    await loseHold(order);
  }
  clock.advance(MINUTE_MS);
  const order = testOrder();
  await authorize(shop, order);
  await beginCapture(order);
  clock.advance(16 * MINUTE_MS);
  expect(await sweepCaptures(shop.deps)).toEqual({ done: 1, failed: [] });
  expect(await paymentRow(shop, order)).toMatchObject({ state: "captured", captured: 5_200 });
});

test("a capture whose hold was closed with a part of it taken is over, and nobody waits for it", async () => {
  const order = testOrder();
  await authorize(shop, order);
  await captureOf(shop, order, { amount: { amount: 2_000, currency: "USD" }, cause: `${order.key}/part` });
  await beginCapture(order);
  // At Stripe's own desk the rest is let go of.
  const { providerReference } = await paymentRow(shop, order);
  await shop.stripeClient.paymentIntents.capture(providerReference ?? "", {
    amount_to_capture: 0,
    final_capture: true,
  });
  clock.advance(16 * MINUTE_MS);
  expect(await sweepCaptures(shop.deps)).toEqual({ done: 1, failed: [] });
  expect(await shop.db.transaction((tx) => isBeingCaptured(tx, order.orderId))).toBe(false);
  expect(await shop.db.select().from(payment)).toMatchObject([{ captured: 2_000, held: 0, captureTo: null }]);
  clock.advance(16 * MINUTE_MS);
  expect(await sweepCaptures(shop.deps)).toEqual({ done: 0, failed: [] });
});
