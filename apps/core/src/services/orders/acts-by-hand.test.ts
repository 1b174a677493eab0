import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { money, type OrderId } from "@stoa/kernel";
import { createPaymentsRouter, expirePayments, paymentsOfOrders, sweepRefunds, tendHolds } from "../payments/index.ts";
import { announced, aSoldOrder, captureAtShipment, packer, timelineOf } from "./testing/after-sale.ts";
import { aShop, card, deliver, type Shop } from "./testing/checkout.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await aShop();
}, 60_000);
afterAll(() => shop[Symbol.asyncDispose]());

function desk() {
  const context = { actor: packer, requestId: "req", traceparent: null, idempotencyKey: null, clock: shop.clock };
  return createPaymentsRouter(shop.payments).createCaller(context);
}

/** The provider's own clock: what it keeps waiting ends. */
const passTime = (seconds = 60) =>
  fetch(`${shop.stripe.url}/_stoa/clock`, { method: "POST", body: JSON.stringify({ seconds }) });

async function toldOf(orderId: OrderId) {
  const { types, actors } = await timelineOf(shop, orderId);
  const refunds = await announced(shop, orderId, "order.refunded");
  return { types: types.filter((type) => type.startsWith("payment_") || type === "refund_failed"), actors, refunds };
}

describe("what staff do with an order's money by hand stands in its timeline", () => {
  test("money that has come, and a refund: once each however often it is asked for, with who did it, and the shopper is written to", async () => {
    const { orderId } = await aSoldOrder(shop, [2], { payment: { provider: "manual" } });
    await Promise.all([desk().capture({ orderId }), desk().capture({ orderId })]);
    await desk().capture({ orderId });
    const refund = { orderId, amount: money(300, "USD"), key: "late", reason: "came late" };
    await Promise.all([desk().refund(refund), desk().refund(refund)]);
    await desk().refund(refund);
    await desk().refund({ ...refund, key: "again" });
    const { types, actors, refunds } = await toldOf(orderId);
    expect(types).toEqual(["payment_authorized", "payment_captured", "payment_refunded", "payment_refunded"]);
    expect(actors.slice(-3)).toEqual(["Grace", "Grace", "Grace"]);
    expect(refunds).toHaveLength(2);
  });

  test("parts that are taken, and a hold that is let go of", async () => {
    await captureAtShipment(shop);
    const { orderId } = await aSoldOrder(shop, [2]);
    for (const key of ["a", "a", "b"])
      await desk().captureOrder({ orderId, amount: { amount: 500, currency: "USD" }, key });
    const [paid] = await paymentsOfOrders(shop.db, [orderId]).then((found) => [...found.values()].flat());
    if (!paid) throw new Error("nobody has paid");
    await desk().void({ id: paid.paymentId });
    const { types } = await toldOf(orderId);
    expect(types).toEqual(["payment_authorized", "payment_captured", "payment_captured", "payment_voided"]);
  });

  test("a hold that the sweep takes before it ends, as the sweep's", async () => {
    const { orderId } = await aSoldOrder(shop, [2]);
    const [paid] = (await paymentsOfOrders(shop.db, [orderId])).values();
    shop.clock.advance((paid?.authorizedUntil ?? 0) - shop.clock.now() - 3_600_000);
    for (const _ of [1, 2]) expect(await tendHolds(shop.payments)).toMatchObject({ failed: [] });
    const { types, actors } = await toldOf(orderId);
    expect(types).toEqual(["payment_authorized", "payment_captured"]);
    expect(actors.at(-1)).toBe("payments");
  });

  for (const [method, end] of [
    ["pm_card_pendingRefund", "payment_refunded"],
    ["pm_card_refundFail", "refund_failed"],
  ] as const) {
    test(`a refund that the provider keeps waiting is told by its end (${end})`, async () => {
      const { orderId } = await aSoldOrder(shop, [1], { payment: card(method) });
      await deliver(shop, orderId);
      await desk().captureOrder({ orderId, key: "all" });
      const before = (await toldOf(orderId)).types;
      expect(
        await desk().refund({ orderId, amount: { amount: 300, currency: "USD" }, key: "late", reason: "late" }),
      ).toMatchObject({
        kind: "pending",
      });
      expect((await toldOf(orderId)).types).toEqual(before);
      await passTime();
      shop.clock.advance(3_600_000);
      for (const _ of [1, 2]) await sweepRefunds(shop.payments);
      const { types, refunds } = await toldOf(orderId);
      expect(types).toEqual([...before, end]);
      expect(refunds).toHaveLength(end === "payment_refunded" ? 1 : 0);
    });
  }
});

test("a hold that ends at the provider before anything was taken stands in the timeline, once, for whoever is about to send the goods", async () => {
  await captureAtShipment(shop);
  const { orderId } = await aSoldOrder(shop, [1]);
  const weekAndDay = 8 * 24 * 3_600;
  await passTime(weekAndDay);
  shop.clock.advance(weekAndDay * 1_000);
  for (const _ of [1, 2]) await expirePayments(shop.payments);
  const { types, actors } = await toldOf(orderId);
  expect(types).toEqual(["payment_authorized", "payment_voided"]);
  expect(actors.at(-1)).toBe("payment provider");
});

test("where nothing is left to give back, that is said", async () => {
  const { orderId } = await aSoldOrder(shop, [1], { payment: { provider: "manual" } });
  await expect(desk().refund({ orderId, key: "a", reason: "late" })).rejects.toMatchObject({ code: "CONFLICT" });
});
