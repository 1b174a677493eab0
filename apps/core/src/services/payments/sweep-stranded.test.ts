import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { fixedClock, money, type OrderId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { writeSetting } from "../../platform/settings/index.ts";
import { applyProviderEvent } from "./apply-event.ts";
import { paymentsSetting } from "./settings.ts";
import { settleRefundOtherwise, unsettledRefunds } from "./settle-refund.ts";
import { expirePayments } from "./sweep-payments.ts";
import { sweepRefunds } from "./sweep-refunds.ts";
import { type OrderFate, sweepStranded } from "./sweep-stranded.ts";
import { payment } from "./tables.ts";
import { storeProviderEvent } from "./take-event.ts";
import { tendHolds } from "./tend-holds.ts";
import {
  authorize,
  balances,
  capture,
  captureOf,
  crashAfterCall,
  decide,
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

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
let clock: ReturnType<typeof fixedClock>;
let shop: TestShop;
let fates: Map<OrderId, OrderFate>;
beforeEach(async () => {
  clock = fixedClock(new Date().toISOString());
  shop = await testShop({ clock });
  fates = new Map();
});
afterEach(() => shop[Symbol.asyncDispose]());

/** What core's sweeps do in their time, minute by minute. */
async function sweepFor(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    clock.advance(MINUTE_MS);
    await sweepStranded(shop.deps, async () => fates);
    await expirePayments(shop.deps);
  }
}

const takenOf = async (order: TestOrder) =>
  (await intentsOf(shop, order)).reduce((sum, intent) => sum + intent.amount_received, 0);

async function pay(): Promise<TestOrder> {
  const order = testOrder();
  await authorize(shop, order);
  return order;
}

describe("money that no order wants", () => {
  test("is back within 15 minutes: taken for an order that does not exist, was refused, or was cancelled", async () => {
    const [missing, refused, cancelled] = [await pay(), await pay(), await pay()];
    for (const order of [missing, refused, cancelled]) await capture(shop, order);
    fates.set(refused.orderId, "unwanted").set(cancelled.orderId, "unwanted");
    await sweepFor(15);
    for (const order of [missing, refused, cancelled]) {
      expect(await paymentRow(shop, order)).toMatchObject({ captured: 5_200, refunded: 5_200 });
    }
    expect(await balances(shop)).toEqual({ "stripe.sales": -3 * 5_200, "stripe.refunds": 3 * 5_200 });
  });

  test("is let go of where it was only held", async () => {
    const order = await pay();
    await sweepFor(15);
    expect(await paymentRow(shop, order)).toMatchObject({ state: "voided", held: 0 });
    expect(await takenOf(order)).toBe(0);
  });

  test("comes back though the provider told of the capture only after all was over", async () => {
    const order = await pay();
    const { providerReference, id } = await paymentRow(shop, order);
    await shop.stripeClient.paymentIntents.capture(providerReference ?? "");
    const intent = await shop.stripeClient.paymentIntents.retrieve(providerReference ?? "");
    await shop.db.update(payment).set({ state: "cancelled", held: 0, authorized: 0 }).where(eq(payment.id, id));
    const rawBody = JSON.stringify({ id: "evt_late", type: "payment_intent.succeeded", data: { object: intent } });
    const event = await storeProviderEvent(shop.deps, { provider: "stripe", rawBody, verdict: "signature_valid" });
    if (event) await applyProviderEvent(shop.deps, event);
    await sweepFor(15);
    expect(await paymentRow(shop, order)).toMatchObject({ state: "captured", refunded: 5_200 });
  });

  test("is never taken from an order that wants it, nor from one that has not decided", async () => {
    const [wanted, placing] = [await pay(), await pay()];
    await capture(shop, wanted);
    fates.set(wanted.orderId, "wanted").set(placing.orderId, "undecided");
    await sweepFor(30);
    expect(await paymentRow(shop, wanted)).toMatchObject({ refunded: 0, releaseRequestedAt: null });
    expect(await paymentRow(shop, placing)).toMatchObject({ state: "authorized", releaseRequestedAt: null });
    fates.set(placing.orderId, "unwanted");
    await sweepFor(15);
    expect(await paymentRow(shop, placing)).toMatchObject({ state: "voided" });
  });
});

describe("a hold that is about to end", () => {
  test("is told a day before, once, and captured three hours before", async () => {
    const order = await pay();
    await captureOf(shop, order, { amount: money(1_000, "USD"), cause: "part" });
    clock.advance(6.5 * 24 * HOUR_MS);
    expect((await tendHolds(shop.deps)).ending).toMatchObject([{ orderId: order.orderId }]);
    expect(await tendHolds(shop.deps)).toEqual({ ending: [], acted: 0, failed: [] });
    clock.advance(10 * HOUR_MS);
    expect(await tendHolds(shop.deps)).toMatchObject({ acted: 1, failed: [] });
    expect(await takenOf(order)).toBe(5_200);
    expect(await tendHolds(shop.deps)).toMatchObject({ acted: 0 });
  });

  test("is let go of where the shop says so, and what was captured stays", async () => {
    const setting = { ...paymentsSetting.fallback, beforeHoldEnds: "release" } as const;
    await shop.db.transaction((tx) => writeSetting(tx, clock.now(), paymentsSetting, setting));
    const order = await pay();
    await captureOf(shop, order, { amount: money(1_000, "USD"), cause: "part" });
    clock.advance(6.95 * 24 * HOUR_MS);
    expect(await tendHolds(shop.deps)).toMatchObject({ acted: 1 });
    expect(await paymentRow(shop, order)).toMatchObject({ captured: 1_000, held: 0, refunded: 0 });
  });

  test("is taken as far as the order costs by then: what was held for cancelled units is let go of", async () => {
    Object.assign(shop.deps, { dueOfOrder: async () => 3_000 });
    const order = await pay();
    clock.advance(6.95 * 24 * HOUR_MS);
    expect(await tendHolds(shop.deps)).toMatchObject({ acted: 1, failed: [] });
    expect(await paymentRow(shop, order)).toMatchObject({ captured: 3_000, held: 0, refunded: 0 });
    expect(await intentsOf(shop, order)).toMatchObject([{ amount_received: 3_000 }]);
  });

  test("is secured anew at PayPal when its three days are over, and taken from there", async () => {
    const order = testOrder({ provider: "paypal", returnUrl: "https://shop.example/back" });
    const asked = await authorize(shop, order);
    if (asked.kind !== "requires_action" || asked.nextAction.type !== "redirect") throw new Error(asked.kind);
    await decide(asked.nextAction.url, "pay");
    await authorize(shop, order);
    const seconds = 4 * 24 * 60 * 60;
    await fetch(`${shop.paypal.url}/_stoa/clock`, { method: "POST", body: JSON.stringify({ seconds }) });
    clock.advance(seconds * 1_000);
    expect(await capture(shop, order)).toMatchObject({ kind: "captured" });
    expect(await paymentRow(shop, order)).toMatchObject({ state: "captured", captured: 5_200, held: 0 });
  });
});

test("what a provider refuses to give back of an order let go of is settled by hand, and nobody asks for it again", async () => {
  const order = await pay();
  await capture(shop, order);
  shop.stripe.faults?.arm({ operation: "refunds.create", action: { kind: "fail", status: 400 } });
  await release(shop, order);
  const [unsettled] = await unsettledRefunds(shop.db, order.orderId);
  if (!unsettled) throw new Error("nothing is missing");
  const actor = { kind: "system", name: "test" } as const;
  const by = { orderId: order.orderId, settlement: { by: "outside" }, reason: "transfer", actor } as const;
  await shop.db.transaction((tx) =>
    settleRefundOtherwise({ tx, now: clock.now() }, { ...by, refundId: unsettled.refundId }),
  );
  expect(await paymentRow(shop, order)).toMatchObject({ refunded: 0, refundHeld: 5_200 });
  clock.advance(HOUR_MS);
  expect(await expirePayments(shop.deps)).toEqual({ done: 0, failed: [] });
});

test("a refund of which a part was refused is followed up, and nothing is given in place of the part", async () => {
  const order = await pay();
  await capture(shop, order);
  const [first, second] = [`${order.key}/refused`, `${order.key}/out`];
  shop.stripe.faults?.arm({ operation: "refunds.create", action: { kind: "fail", status: 400 }, times: 1 });
  expect(await refund(shop, order, first, money(700, "USD"))).toMatchObject({ kind: "failed" });
  const input = { ...order, amount: money(300, "USD"), reason: null, cause: second };
  await crashAfterCall(shop, shop.verbs.refundOrder, plain, input);
  // As it is when one payment refuses its part and another's answer is out.
  await shop.db.execute(`update payments.refund set request_id = (select id from payments.refund_request where cause = '${first}')
    where request_id = (select id from payments.refund_request where cause = '${second}')`);
  clock.advance(16 * MINUTE_MS);
  expect(await sweepRefunds(shop.deps)).toEqual({ done: 1, failed: [] });
  expect(await paymentRow(shop, order)).toMatchObject({ refunded: 300, refundHeld: 300 });
  await release(shop, order);
});

test("a refund whose end nobody heard is taken up again by its own key", async () => {
  const order = await pay();
  await capture(shop, order);
  const input = { ...order, amount: money(700, "USD"), reason: null, cause: `${order.key}/r` };
  await crashAfterCall(shop, shop.verbs.refundOrder, plain, input);
  expect(await sweepRefunds(shop.deps)).toEqual({ done: 0, failed: [] });
  clock.advance(16 * MINUTE_MS);
  expect(await sweepRefunds(shop.deps)).toEqual({ done: 1, failed: [] });
  expect(await paymentRow(shop, order)).toMatchObject({ refunded: 700, refundHeld: 700 });
  await release(shop, order);
  expect(await paymentRow(shop, order)).toMatchObject({ refunded: 5_200 });
});
