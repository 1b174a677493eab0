import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { OrderId } from "@stoa/kernel";
import { runSaga, sagasOf } from "../../platform/saga/index.ts";
import { crashAt, recordGates } from "../../platform/saga/testing/crash.ts";
import { CANCEL_LINES } from "./cancel-lines.saga.ts";
import { cancelLines } from "./cancel-lines.ts";
import { createFulfilment } from "./create-fulfilment.ts";
import { shipFulfilment } from "./ship-fulfilment.ts";
import {
  act,
  announced,
  aSoldOrder,
  cancelAsGuest,
  countersOf,
  parcelStates,
  shelfOf,
  shipped,
  timelineOf,
} from "./testing/after-sale.ts";
import { aCartOf, aSku, available, deliver, leftBehind, place, sweepUntilQuiet } from "./testing/checkout.ts";
import { shopForFile, viewOf } from "./testing/shop-for-file.ts";

setDefaultTimeout(60_000);

const shop = await shopForFile();

const refundedOf = async (orderId: OrderId) => (await viewOf(shop, orderId)).payment.refundedTotal.amount;

function cancelUnits(orderId: OrderId, sku: string, quantity: number): Promise<void> {
  return act(shop, (context) => cancelLines(context, { orderId, items: [{ sku, quantity }], reason: "sold out" }));
}

describe("cancelling a line's units", () => {
  test("gives back their stock and what was paid for them, and the order goes on", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [2, 3]);
    const [first = "", second = ""] = skus;
    await cancelUnits(orderId, second, 1);
    await deliver(shop, orderId);
    const view = await viewOf(shop, orderId);
    expect([view.state, view.payment.state]).toEqual(["confirmed", "partially_refunded"]);
    expect(view.items.map((item) => item.cancelled)).toEqual([undefined, 1]);
    expect(await available(shop, second)).toBe(8);
    expect(await available(shop, first)).toBe(8);
    const counters = await countersOf(shop, orderId);
    expect(counters[1]?.refunded).toBe(view.payment.refundedTotal.amount);
    expect(await announced(shop, orderId, "order.cancelled")).toHaveLength(1);
    expect(await announced(shop, orderId, "order.refunded")).toHaveLength(1);
    const timeline = await timelineOf(shop, orderId);
    expect(timeline.types.slice(-2)).toEqual(["lines_cancelled", "payment_refunded"]);
    expect(timeline.isGapless).toBe(true);
  });

  test("piece by piece gives back the order's total to the cent, and the last piece cancels it", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [3, 1, 3]);
    for (const [line, quantity] of [
      [0, 1],
      [2, 2],
      [0, 2],
      [1, 1],
      [2, 1],
    ] as const) {
      await cancelUnits(orderId, skus[line] ?? "", quantity);
      await deliver(shop, orderId);
    }
    const view = await viewOf(shop, orderId);
    expect([view.state, view.payment.state]).toEqual(["cancelled", "refunded"]);
    expect(view.payment.refundedTotal).toEqual(view.totals.total);
    const counters = await countersOf(shop, orderId);
    expect(counters.reduce((sum, line) => sum + line.refunded, 0)).toBe(view.totals.total.amount);
    for (const sku of skus) expect(await shelfOf(shop, sku)).toEqual({ onHand: 10, allocated: 0 });
  });

  test("by two at once: as many units as there are, each paid back once", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [1, 3]);
    const [, sku = ""] = skus;
    const done = await Promise.allSettled(Array.from({ length: 5 }, () => cancelUnits(orderId, sku, 1)));
    expect(done.filter((one) => one.status === "fulfilled")).toHaveLength(3);
    await deliver(shop, orderId);
    expect(await countersOf(shop, orderId)).toMatchObject([{ cancelled: 0 }, { cancelled: 3 }]);
    expect(await available(shop, sku)).toBe(10);
    const { view, charges } = await leftBehind(shop, orderId, sku);
    expect(charges).toHaveLength(1);
    expect(view.payment.refundedTotal.amount).toBeLessThan(view.totals.total.amount);
  });

  test("while the capture is on its way waits for it, and then gives back just these", async () => {
    const sku = await aSku(shop, 5);
    const other = await aSku(shop, 5);
    shop.stripe.faults?.arm({ operation: "payment_intents.capture", action: { kind: "loseAnswer" }, times: 1 });
    const orderId = await place(
      shop,
      await aCartOf(shop, [
        { sku, quantity: 1 },
        { sku: other, quantity: 1 },
      ]),
    );
    await deliver(shop, orderId);
    await cancelUnits(orderId, sku, 1);
    await deliver(shop, orderId);
    await sweepUntilQuiet(shop);
    shop.stripe.faults?.clear();
    const [line] = await countersOf(shop, orderId);
    expect(line?.refunded).toBeGreaterThan(0);
    expect(await refundedOf(orderId)).toBe(line?.refunded ?? 0);
  });

  test("that are in a parcel, or that the order has not, is refused", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [2]);
    const [sku = ""] = skus;
    await act(shop, (context) => createFulfilment(context, { orderId, items: [{ sku, quantity: 1 }] }));
    await expect(cancelUnits(orderId, sku, 2)).rejects.toMatchObject({ code: "state_conflict" });
    await expect(cancelUnits(orderId, "NONE", 1)).rejects.toMatchObject({ code: "sku_unknown" });
  });
});

describe("cancelling an order", () => {
  test("of which part has left gives back the rest, and completes it", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [2, 3]);
    const [first = "", second = ""] = skus;
    await shipped(shop, orderId, { items: [{ sku: first, quantity: 1 }] });
    await act(shop, (context) => createFulfilment(context, { orderId, items: [{ sku: second, quantity: 1 }] }));
    await cancelAsGuest(shop, orderId);
    await deliver(shop, orderId);
    const view = await viewOf(shop, orderId);
    expect([view.state, view.fulfilment.state, view.payment.state]).toEqual([
      "completed",
      "fulfilled",
      "partially_refunded",
    ]);
    expect(view.items.map(({ shipped: left, cancelled }) => [left, cancelled])).toEqual([
      [1, 1],
      [undefined, 3],
    ]);
    expect(await parcelStates(shop, orderId)).toEqual(["cancelled", "shipped"]);
    expect(await shelfOf(shop, first)).toEqual({ onHand: 9, allocated: 0 });
    expect(await shelfOf(shop, second)).toEqual({ onHand: 10, allocated: 0 });
  });

  test("whose parcels wait takes them apart and gives back everything", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [2, 1]);
    await act(shop, (context) => createFulfilment(context, { orderId }));
    await cancelAsGuest(shop, orderId);
    await deliver(shop, orderId);
    const view = await viewOf(shop, orderId);
    expect([view.state, view.payment.state]).toEqual(["cancelled", "refunded"]);
    expect(view.payment.refundedTotal).toEqual(view.totals.total);
    expect(await parcelStates(shop, orderId)).toEqual(["cancelled"]);
    expect(await available(shop, skus[0] ?? "")).toBe(10);
    const counters = await countersOf(shop, orderId);
    expect(counters).toMatchObject([
      { fulfilled: 0, cancelled: 2 },
      { fulfilled: 0, cancelled: 1 },
    ]);
    expect(counters.reduce((sum, line) => sum + line.refunded, 0)).toBe(view.totals.total.amount);
  });

  test("that has left as a whole is refused", async () => {
    const { orderId } = await aSoldOrder(shop, [1]);
    await shipped(shop, orderId);
    await expect(cancelAsGuest(shop, orderId)).rejects.toMatchObject({ code: "order_not_cancellable" });
  });

  test("while it is shipped ends with one winner: sent and paid for, or kept and paid back", async () => {
    for (let round = 0; round < 8; round += 1) {
      const { orderId, skus } = await aSoldOrder(shop, [2]);
      const fulfilmentId = await act(shop, (context) => createFulfilment(context, { orderId }));
      const [ship, cancel] = await Promise.allSettled([
        act(shop, (context) => shipFulfilment(context, { fulfilmentId })),
        cancelAsGuest(shop, orderId),
      ]);
      expect([ship.status, cancel.status].sort()).toEqual(["fulfilled", "rejected"]);
      await deliver(shop, orderId);
      const view = await viewOf(shop, orderId);
      const hasLeft = ship.status === "fulfilled";
      expect(view.state).toBe(hasLeft ? "completed" : "cancelled");
      expect(view.payment.refundedTotal.amount).toBe(hasLeft ? 0 : view.totals.total.amount);
      expect(await shelfOf(shop, skus[0] ?? "")).toEqual({ onHand: hasLeft ? 8 : 10, allocated: 0 });
    }
  }, 60_000);
});

describe("a crash while lines are cancelled", () => {
  async function cancelledInPart() {
    const { orderId, skus } = await aSoldOrder(shop, [1, 2]);
    await cancelUnits(orderId, skus[1] ?? "", 1);
    const sagas = await sagasOf(shop.db, orderId);
    const id = sagas.find((saga) => saga.type === CANCEL_LINES)?.id;
    if (!id) throw new Error("no saga");
    return { orderId, sku: skus[1] ?? "", run: () => runSaga(shop.engine, id) };
  }

  async function expectGivenBackOnce(orderId: OrderId, sku: string): Promise<void> {
    expect(await available(shop, sku)).toBe(9);
    const [, line] = await countersOf(shop, orderId);
    expect(line?.refunded).toBeGreaterThan(0);
    expect(await refundedOf(orderId)).toBe(line?.refunded ?? 0);
    expect(await announced(shop, orderId, "order.refunded")).toHaveLength(1);
  }

  test("at any point, every step run twice or not, gives back stock and money once", async () => {
    const first = await cancelledInPart();
    const gates = await recordGates(first.run);
    expect(gates.length).toBeGreaterThanOrEqual(4);
    await expectGivenBackOnce(first.orderId, first.sku);
    for (let point = 0; point < gates.length; point += 1) {
      const { orderId, sku, run } = await cancelledInPart();
      await crashAt(point, run);
      await sweepUntilQuiet(shop);
      await expectGivenBackOnce(orderId, sku);
    }
  }, 60_000);

  test("of the provider's answer after the refund pays back once", async () => {
    const { orderId, sku, run } = await cancelledInPart();
    shop.stripe.faults?.arm({ operation: "refunds.create", action: { kind: "loseAnswer" }, times: 1 });
    await run();
    await sweepUntilQuiet(shop);
    shop.stripe.faults?.clear();
    await expectGivenBackOnce(orderId, sku);
  });
});
