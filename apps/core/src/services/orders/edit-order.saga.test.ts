import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { OrderId } from "@stoa/kernel";
import { runSaga, sagasOf } from "../../platform/saga/index.ts";
import { crashAt, recordGates } from "../../platform/saga/testing/crash.ts";
import { codeOf } from "../../testing/index.ts";
import { createPaymentsRouter, paymentOfOrder } from "../payments/index.ts";
import { commitChange, previewChange } from "./change-order.ts";
import { createFulfilment } from "./create-fulfilment.ts";
import { EDIT_ORDER } from "./edit-order.saga.ts";
import { cancelChange } from "./end-change.ts";
import { paidForKept } from "./line-money.ts";
import { linesOf } from "./lock-order.ts";
import { type ChangeContent, changeContentSchema } from "./order-change.ts";
import { acceptManually } from "./pay-change.ts";
import { readOrder } from "./queries.ts";
import {
  act,
  announced,
  aSoldOrder,
  cancelAsGuest,
  captureAtShipment,
  shelfOf,
  shipped,
  staffWith,
  timelineOf,
} from "./testing/after-sale.ts";
import { aShop, aSku, available, leftBehind, PRICE, type Shop, sweepUntilQuiet } from "./testing/checkout.ts";
import { at, edit, expectExact, one, payEdit, pricer, stateOf } from "./testing/edits.ts";
import { shopForFile, viewOf } from "./testing/shop-for-file.ts";

setDefaultTimeout(60_000);

const shop = await shopForFile();

const content = (change: Partial<ChangeContent>) => changeContentSchema.parse(change);

describe("an edit", () => {
  test("that takes units out gives back what was paid for them, and their stock", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [2, 3]);
    const change = await edit(shop, orderId, { remove: [one(skus[1] ?? "", 2)] });
    expect(change).toMatchObject({ state: "applied", token: null });
    await sweepUntilQuiet(shop);
    const view = await viewOf(shop, orderId);
    expect(view.items.map((item) => item.cancelled)).toEqual([undefined, 2]);
    expect(view.payment.refundedTotal.amount).toBe(-change.difference.amount);
    expect(await shelfOf(shop, skus[1] ?? "")).toEqual({ onHand: 10, allocated: 1 });
    await expectExact(shop, orderId);
    const timeline = await timelineOf(shop, orderId);
    expect(timeline.types.slice(-2)).toEqual(["changed", "payment_refunded"]);
    expect(timeline.isGapless).toBe(true);
    expect(await announced(shop, orderId, "order.refunded")).toHaveLength(1);
  });

  test("that costs more takes effect when the difference is paid, with units that were held for it", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [2]);
    const extra = await aSku(shop, 3);
    const before = await viewOf(shop, orderId);
    const change = await edit(shop, orderId, { add: [one(extra, 2)] });
    expect(change).toMatchObject({ state: "awaiting_payment", difference: { amount: 2 * PRICE } });
    expect(await viewOf(shop, orderId)).toMatchObject({ items: before.items, totals: before.totals });
    expect(await available(shop, extra)).toBe(1);
    expect(await announced(shop, orderId, "order.payment_requested")).toHaveLength(1);
    await payEdit(shop, change);
    await sweepUntilQuiet(shop);
    expect(await stateOf(shop, change)).toBe("applied");
    const view = await viewOf(shop, orderId);
    expect(view.items.map(({ sku, quantity }) => [sku, quantity])).toEqual([
      [skus[0] ?? "", 2],
      [extra, 2],
    ]);
    expect(view.totals.total.amount).toBe(before.totals.total.amount + 2 * PRICE);
    expect(view.payment.state).toBe("captured");
    expect(await shelfOf(shop, extra)).toEqual({ onHand: 3, allocated: 2 });
    await expectExact(shop, orderId);
    await shipped(shop, orderId);
    await sweepUntilQuiet(shop);
    expect((await viewOf(shop, orderId)).state).toBe("completed");
    expect(await shelfOf(shop, extra)).toEqual({ onHand: 1, allocated: 0 });
  });

  test("that puts in for less than it takes out gives back the difference alone", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [1, 2]);
    const extra = await aSku(shop, 3);
    const change = await edit(shop, orderId, { remove: [one(skus[1] ?? "", 2)], add: [at(extra, 1_001)] });
    await sweepUntilQuiet(shop);
    const { charges, view } = await leftBehind(shop, orderId, extra);
    expect(charges).toHaveLength(1);
    expect(view.payment.refundedTotal.amount).toBe(-change.difference.amount);
    await expectExact(shop, orderId);
  });

  test("of goods for goods of the same price moves no money", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [1, 1]);
    const extra = await aSku(shop, 3);
    const taken = { orderId, content: content({ remove: [one(skus[1] ?? "")] }) };
    const back = -(await act(shop, (context) => previewChange(shop.orders, context, taken))).difference.amount;
    const change = await edit(shop, orderId, { remove: [one(skus[1] ?? "")], add: [at(extra, back)] });
    expect(change).toMatchObject({ state: "applied", difference: { amount: 0 } });
    await sweepUntilQuiet(shop);
    expect((await viewOf(shop, orderId)).payment).toMatchObject({ state: "captured", refundedTotal: { amount: 0 } });
    await expectExact(shop, orderId);
  });

  test("is made of what was previewed, or not at all, and one at a time", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [5]);
    const [sku = ""] = skus;
    const wanted = { orderId, content: content({ remove: [one(sku)] }) };
    const { version } = await act(shop, (context) => previewChange(shop.orders, context, wanted));
    const tries = await Promise.allSettled(
      Array.from({ length: 4 }, () => edit(shop, orderId, { remove: [one(sku)] }, version)),
    );
    expect(tries.filter((done) => done.status === "fulfilled")).toHaveLength(1);
    expect(await codeOf(edit(shop, orderId, { remove: [one(sku)] }, version))).toBe("version_conflict");
    await sweepUntilQuiet(shop);
    const waiting = await edit(shop, orderId, { add: [one(sku)] });
    expect(await codeOf(edit(shop, orderId, { remove: [one(sku)] }))).toBe("state_conflict");
    await act(shop, (context) => cancelChange(context, waiting.changeId));
    expect((await edit(shop, orderId, { remove: [one(sku)] })).state).toBe("applied");
    await sweepUntilQuiet(shop);
    await expectExact(shop, orderId);
  });

  test("of what cannot be changed is refused, and nothing is left of it", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [2]);
    const [sku = ""] = skus;
    expect(await codeOf(edit(shop, orderId, { remove: [one(sku, 3)] }))).toBe("state_conflict");
    expect(await codeOf(edit(shop, orderId, { remove: [one(sku, 2)] }))).toBe("state_conflict");
    expect(await codeOf(edit(shop, orderId, { remove: [one("NONE")] }))).toBe("sku_unknown");
    expect(await codeOf(edit(shop, orderId, { add: [one("NONE")] }))).toBe("out_of_stock");
    expect(await codeOf(edit(shop, orderId, { add: [one(sku, 99)] }))).toBe("out_of_stock");
    const clerk = staffWith("orders:read", "orders:write");
    const priced = { orderId, content: content({ add: [at(sku, 1)] }) };
    expect(await codeOf(act(shop, (context) => previewChange(shop.orders, context, priced), clerk))).toBe("forbidden");
    await act(shop, (context) => createFulfilment(context, { orderId, items: [one(sku)] }));
    expect(await codeOf(edit(shop, orderId, { remove: [one(sku, 2)] }))).toBe("state_conflict");
    expect(await available(shop, sku)).toBe(8);
    await cancelAsGuest(shop, orderId);
    expect(await codeOf(edit(shop, orderId, { add: [one(sku)] }, 1))).toBe("state_conflict");
  });
});

test("an order whose money is only held is not edited: parcels will take what they cost", async () => {
  await using later = await aShop();
  await captureAtShipment(later);
  const { orderId, skus } = await aSoldOrder(later, [2]);
  const wanted = { orderId, content: content({ remove: [one(skus[0] ?? "")] }) };
  const { version } = await act(later, (context) => previewChange(later.orders, context, wanted));
  const commit = { ...wanted, version, reason: "they called", expiresInSeconds: 3_600 };
  expect(await codeOf(act(later, (context) => commitChange(later.orders, context, commit)))).toBe("state_conflict");
  // Once it has been taken, the order is edited like any other, and its parcels take nothing more.
  const extra = await aSku(later, 5);
  await takeAll(later, orderId);
  const swapped = content({ remove: [one(skus[0] ?? "")], add: [one(extra, 2)] });
  const seen = await act(later, (context) => previewChange(later.orders, context, { orderId, content: swapped }));
  const edited = { ...commit, content: swapped, version: seen.version };
  const change = await act(later, (context) => commitChange(later.orders, context, edited));
  await act(later, (context) => acceptManually(later.orders, context, change.changeId));
  await sweepUntilQuiet(later);
  await takeAll(later, orderId);
  await shipped(later, orderId);
  await sweepUntilQuiet(later);
  const { view } = await readOrder(later.db, orderId);
  expect(view.state).toBe("completed");
  const paid = await paymentOfOrder(later.db, orderId);
  const lines = await later.db.transaction((tx) => linesOf(tx, orderId));
  expect(paid).toMatchObject({ heldAmount: 0, capturedAmount: paidForKept(lines, "USD") });
});

/** Staff take what is held for an order. */
async function takeAll(of: Shop, orderId: OrderId): Promise<void> {
  const context = { actor: pricer, requestId: "req", traceparent: null, idempotencyKey: null, clock: of.clock };
  await createPaymentsRouter(of.payments).createCaller(context).capture({ orderId });
}

test("an edit against a parcel of the same units ends with one winner", async () => {
  for (let round = 0; round < 6; round += 1) {
    const { orderId, skus } = await aSoldOrder(shop, [2, 1]);
    const [sku = ""] = skus;
    const [parcel, change] = await Promise.allSettled([
      act(shop, (context) => createFulfilment(context, { orderId, items: [one(sku, 2)] })),
      edit(shop, orderId, { remove: [one(sku)] }),
    ]);
    expect([parcel.status, change.status].sort()).toEqual(["fulfilled", "rejected"]);
    await sweepUntilQuiet(shop);
    await expectExact(shop, orderId);
  }
}, 60_000);

test("an edit against a cancellation leaves no unit and no money", async () => {
  for (let round = 0; round < 4; round += 1) {
    const { orderId, skus } = await aSoldOrder(shop, [2, 1]);
    const extra = await aSku(shop, 3);
    await Promise.allSettled([
      edit(shop, orderId, { remove: [one(skus[0] ?? "", 2)], add: [at(extra, 1)] }),
      cancelAsGuest(shop, orderId),
    ]);
    await sweepUntilQuiet(shop);
    const { charges, view } = await leftBehind(shop, orderId, extra);
    expect(view.state).toBe("cancelled");
    expect(charges.filter(({ state }) => state === "captured" || state === "held")).toEqual([]);
    for (const sku of [...skus, extra]) expect((await shelfOf(shop, sku)).allocated).toBe(0);
    expect(await available(shop, extra)).toBe(3);
  }
}, 60_000);

describe("a crash while an edit takes effect", () => {
  async function edited() {
    const { orderId, skus } = await aSoldOrder(shop, [1, 2]);
    const extra = await aSku(shop, 3);
    await edit(shop, orderId, { remove: [one(skus[1] ?? "", 2)], add: [at(extra, 999)] });
    const id = (await sagasOf(shop.db, orderId)).find((saga) => saga.type === EDIT_ORDER)?.id;
    if (!id) throw new Error("no saga");
    return { orderId, sku: skus[1] ?? "", extra, run: () => runSaga(shop.engine, id) };
  }

  async function expectOnce({ orderId, sku, extra }: Awaited<ReturnType<typeof edited>>): Promise<void> {
    expect(await shelfOf(shop, sku)).toEqual({ onHand: 10, allocated: 0 });
    expect(await shelfOf(shop, extra)).toEqual({ onHand: 3, allocated: 1 });
    expect(await available(shop, extra)).toBe(2);
    expect(await announced(shop, orderId, "order.refunded")).toHaveLength(1);
    await expectExact(shop, orderId);
  }

  test("at any point, every step run twice or not, moves stock and money once", async () => {
    const first = await edited();
    const gates = await recordGates(first.run);
    expect(gates.length).toBeGreaterThanOrEqual(4);
    await expectOnce(first);
    for (let point = 0; point < gates.length; point += 1) {
      const again = await edited();
      await crashAt(point, again.run);
      await sweepUntilQuiet(shop);
      await expectOnce(again);
    }
  }, 60_000);

  test("of the provider's answer after the refund pays back once", async () => {
    const lost = await edited();
    shop.stripe.faults?.arm({ operation: "refunds.create", action: { kind: "loseAnswer" }, times: 1 });
    await lost.run();
    await sweepUntilQuiet(shop);
    shop.stripe.faults?.clear();
    await expectOnce(lost);
  });
});
