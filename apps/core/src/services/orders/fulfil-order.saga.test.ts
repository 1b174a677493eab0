import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { OrderId } from "@stoa/kernel";
import { runSaga, sagasOf } from "../../platform/saga/index.ts";
import { crashAt, recordGates } from "../../platform/saga/testing/crash.ts";
import { FULFIL_ORDER } from "./fulfil-order.saga.ts";
import { readOrder } from "./queries.ts";
import { announced, aSoldOrder, captureAtShipment, shelfOf, shipped } from "./testing/after-sale.ts";
import { aShop, leftBehind, type Shop, sweepUntilQuiet } from "./testing/checkout.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await aShop();
  await captureAtShipment(shop);
});
afterAll(() => shop[Symbol.asyncDispose]());

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
