import { describe, expect, test } from "bun:test";
import { money, type OrderId } from "@stoa/kernel";
import { runSaga, sagasOf } from "../../platform/saga/index.ts";
import { crashAt, recordGates } from "../../platform/saga/testing/crash.ts";
import { applyGiftCard } from "../carts/index.ts";
import { issueGiftCard, paymentOfOrder, verifyCredits } from "../payments/index.ts";
import { cancelLines } from "./cancel-lines.ts";
import { FULFIL_ORDER } from "./fulfil-order.saga.ts";
import { readOrder } from "./queries.ts";
import { act, announced, aSoldOrder, captureAtShipment, shelfOf, shipped, timelineOf } from "./testing/after-sale.ts";
import { aCartOf, aSku, card, deliver, guest, leftBehind, place, sweepUntilQuiet } from "./testing/checkout.ts";
import { shopForFile } from "./testing/shop-for-file.ts";

const shop = await shopForFile();
await captureAtShipment(shop);

const paymentStateOf = async (orderId: OrderId) => (await readOrder(shop.db, orderId)).view.payment.state;

async function aShippedOrder() {
  const { orderId, skus } = await aSoldOrder(shop, [2]);
  expect(await paymentStateOf(orderId)).toBe("authorized");
  await shipped(shop, orderId);
  const id = (await sagasOf(shop.db, orderId)).find((saga) => saga.type === FULFIL_ORDER)?.id;
  if (!id) throw new Error("no saga");
  return { orderId, sku: skus[0] ?? "", run: () => runSaga(shop.engine, id) };
}

async function expectShippedAndPaidOnce(orderId: OrderId, sku: string): Promise<void> {
  const { view, charges } = await leftBehind(shop, orderId, sku);
  expect([view.state, view.payment.state]).toEqual(["completed", "captured"]);
  expect(charges).toEqual([{ state: "captured", amount: view.totals.total.amount }]);
  expect(view.fulfilment.shipments).toHaveLength(1);
  expect(await shelfOf(shop, sku)).toEqual({ onHand: 8, allocated: 0 });
  expect(await announced(shop, orderId, "order.shipped")).toHaveLength(1);
  expect(view.timeline.filter((entry) => entry.type === "payment_captured")).toHaveLength(1);
}

describe("money that waits for the shipment", () => {
  test("is taken when the parcel leaves", async () => {
    const { orderId, sku, run } = await aShippedOrder();
    expect(await run()).toBe("done");
    await expectShippedAndPaidOnce(orderId, sku);
  });

  test("is taken once, wherever the process dies, and the parcel is on record once", async () => {
    const first = await aShippedOrder();
    const gates = await recordGates(first.run);
    expect(gates.length).toBeGreaterThanOrEqual(4);
    for (let point = 0; point < gates.length; point += 1) {
      const { orderId, sku, run } = await aShippedOrder();
      await crashAt(point, run);
      await sweepUntilQuiet(shop);
      await expectShippedAndPaidOnce(orderId, sku);
    }
  }, 60_000);

  test("is taken later from a provider that is away, however its answers are lost", async () => {
    const { orderId, sku, run } = await aShippedOrder();
    shop.stripe.faults?.arm({ operation: "payment_intents.capture", action: { kind: "loseAnswer" }, times: 3 });
    await run();
    await sweepUntilQuiet(shop);
    shop.stripe.faults?.clear();
    await expectShippedAndPaidOnce(orderId, sku);
  });
});

describe("money that waits for several parcels", () => {
  const booksOf = async (orderId: OrderId, sku: string) => (await leftBehind(shop, orderId, sku)).charges;
  const capturedOf = async (orderId: OrderId) => (await paymentOfOrder(shop.db, orderId))?.capturedAmount ?? 0;

  test("is taken for each what its units cost, and in all the order's total", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [1, 3]);
    const [first = "", second = ""] = skus;
    const { total } = (await readOrder(shop.db, orderId)).view.totals;
    const taken: number[] = [];
    for (const items of [
      [{ sku: second, quantity: 1 }],
      [
        { sku: first, quantity: 1 },
        { sku: second, quantity: 1 },
      ],
    ]) {
      await shipped(shop, orderId, { items });
      await deliver(shop, orderId);
      taken.push(await capturedOf(orderId));
      expect(await paymentStateOf(orderId)).toBe("authorized");
    }
    await shipped(shop, orderId);
    await deliver(shop, orderId);
    expect(taken).toEqual([...taken].sort((left, right) => left - right));
    expect(taken[0]).toBeGreaterThan(0);
    expect([await capturedOf(orderId), await paymentStateOf(orderId)]).toEqual([total.amount, "captured"]);
  });

  test("is not taken for what is cancelled, and what is held for it is let go of", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [1, 2]);
    const [first = "", second = ""] = skus;
    await shipped(shop, orderId, { items: [{ sku: first, quantity: 1 }] });
    await deliver(shop, orderId);
    const before = await capturedOf(orderId);
    await act(shop, (context) => cancelLines(context, { orderId, items: [{ sku: second, quantity: 2 }] }));
    await deliver(shop, orderId);
    const { view } = await readOrder(shop.db, orderId);
    expect([view.state, view.payment.state, view.payment.refundedTotal.amount]).toEqual(["completed", "captured", 0]);
    expect(await capturedOf(orderId)).toBe(before);
    expect(await booksOf(orderId, first)).toEqual([{ state: "captured", amount: view.totals.total.amount }]);
    expect((await timelineOf(shop, orderId)).types.at(-1)).toBe("payment_voided");
  });

  test("is not taken for what was cancelled before, though the hold can be captured only once", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [3], { payment: card("pm_card_jcb") });
    const [sku = ""] = skus;
    await act(shop, (context) => cancelLines(context, { orderId, items: [{ sku, quantity: 1 }] }));
    await deliver(shop, orderId);
    await shipped(shop, orderId, { items: [{ sku, quantity: 1 }] });
    await deliver(shop, orderId);
    const { total } = (await readOrder(shop.db, orderId)).view.totals;
    const kept = await capturedOf(orderId);
    expect(kept).toBeLessThan(total.amount * 0.7);
    await shipped(shop, orderId);
    await deliver(shop, orderId);
    expect([await capturedOf(orderId), await paymentStateOf(orderId)]).toEqual([kept, "captured"]);
  });

  test("comes after what a gift card paid, and goes back before it", async () => {
    const [first, second] = [await aSku(shop, 5), await aSku(shop, 5)];
    const cartId = await aCartOf(shop, [
      { sku: first, quantity: 1 },
      { sku: second, quantity: 1 },
    ]);
    const actor = { kind: "system", name: "test" } as const;
    const asked = { amount: money(3_000, "USD"), expiresAt: null, customerId: null, reason: null, actor };
    const { code } = await act(shop, (context) => issueGiftCard(context, asked));
    await act(shop, ({ tx, now }) => applyGiftCard(shop.carts, { tx, now, actor: guest }, { cartId, code }));
    const orderId = await place(shop, cartId);
    await deliver(shop, orderId);
    const { total } = (await readOrder(shop.db, orderId)).view.totals;
    await shipped(shop, orderId, { items: [{ sku: first, quantity: 1 }] });
    await deliver(shop, orderId);
    const captured = await capturedOf(orderId);
    await act(shop, (context) => cancelLines(context, { orderId, items: [{ sku: second, quantity: 1 }] }));
    await deliver(shop, orderId);
    const { view } = await readOrder(shop.db, orderId);
    // The first unit costs half of everything; the card has paid for it, and what it paid too much is back on it.
    const kept = total.amount / 2;
    expect(captured).toBe(Math.max(0, kept - 3_000));
    expect(3_000 + captured - view.payment.refundedTotal.amount).toBe(kept);
    expect(await verifyCredits(shop.db)).toEqual([]);
  });
});
