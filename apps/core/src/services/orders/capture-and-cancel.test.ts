import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type OrderId, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { transact } from "../../platform/db/index.ts";
import { eventually } from "../../testing/index.ts";
import { createPaymentsRouter, sweepCaptures } from "../payments/index.ts";
import { cancelLines } from "./cancel-lines.ts";
import { dueOfOrder } from "./due-of-order.ts";
import { act, aSoldOrder, captureAtShipment, packer } from "./testing/after-sale.ts";
import { aShop, deliver, type Shop } from "./testing/checkout.ts";
import { settled } from "./testing/exchanges.ts";

setDefaultTimeout(60_000);

let shop: Shop;
beforeAll(async () => {
  shop = await aShop();
  await captureAtShipment(shop);
});
afterAll(() => shop[Symbol.asyncDispose]());

function desk() {
  const context = { actor: packer, requestId: "req", traceparent: null, idempotencyKey: null, clock: shop.clock };
  return createPaymentsRouter(shop.payments).createCaller(context);
}

const cancelOne = (orderId: OrderId, sku = "") =>
  act(shop, (context) => cancelLines(context, { orderId, items: [{ sku, quantity: 1 }] }));
/** A capture is on record before the provider is asked for it. */
async function isBeingTaken(orderId: OrderId): Promise<boolean> {
  const [row] = await shop.db.execute(
    sql`select 1 from payments.payment where order_id = ${toUuid(orderId)} and capture_target > 0`,
  );
  return row !== undefined;
}
const dueOf = (orderId: OrderId) => transact(shop.db, (tx) => dueOfOrder(tx, orderId));

describe("units that are cancelled while staff take the money", () => {
  for (const how of ["capture", "captureOrder"] as const) {
    test(`leave the shop with what the rest costs, whoever comes first (${how})`, async () => {
      for (let round = 0; round < 4; round += 1) {
        const { orderId, skus } = await aSoldOrder(shop, [2, 3]);
        const take = () =>
          how === "capture" ? desk().capture({ orderId }) : desk().captureOrder({ orderId, key: `round ${round}` });
        await Promise.allSettled(
          round % 2 === 0 ? [take(), cancelOne(orderId, skus[1])] : [cancelOne(orderId, skus[1]), take()],
        );
        await deliver(shop, orderId);
        const { kept, isBalanced } = await settled(shop, [orderId]);
        expect([round, kept, isBalanced]).toEqual([round, (await dueOf(orderId)) ?? -1, true]);
      }
    });
  }

  test("and whose refund is decided while the capture is on its way get back what it took for them", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [2, 3]);
    shop.stripe.faults?.arm({
      operation: "payment_intents.capture",
      action: { kind: "delay", delayMs: 600 },
      times: 1,
    });
    const taking = desk().captureOrder({ orderId, key: "slow" });
    await eventually(() => isBeingTaken(orderId));
    await cancelOne(orderId, skus[1]);
    await deliver(shop, orderId);
    expect(await taking).toMatchObject({ kind: "captured" });
    const { kept } = await settled(shop, [orderId]);
    expect(kept).toBe((await dueOf(orderId)) ?? -1);
  });

  test("wait for a capture whose process died, until the sweep has taken it up", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [2, 3]);
    shop.stripe.faults?.arm({ operation: "payment_intents.capture", action: { kind: "drop" } });
    await expect(desk().captureOrder({ orderId, key: "dies" })).rejects.toThrow();
    shop.stripe.faults?.clear();
    await cancelOne(orderId, skus[1]);
    await deliver(shop, orderId);
    shop.clock.advance(16 * 60_000);
    expect(await sweepCaptures(shop.payments)).toMatchObject({ failed: [] });
    expect(await sweepCaptures(shop.payments)).toMatchObject({ done: 0 });
    const { kept, isBalanced } = await settled(shop, [orderId]);
    expect([kept, isBalanced]).toEqual([(await dueOf(orderId)) ?? -1, true]);
  });

  test("cannot be paid by name either: more than the rest costs is refused, and the same key goes on where it was", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [2, 3]);
    const whole = (await dueOf(orderId)) ?? 0;
    await cancelOne(orderId, skus[1]);
    const refusal = { code: "CONFLICT" };
    await expect(
      desk().captureOrder({ orderId, amount: { amount: whole, currency: "USD" }, key: "all" }),
    ).rejects.toMatchObject(refusal);
    const rest = (await dueOf(orderId)) ?? 0;
    for (const _ of [1, 2]) {
      expect(
        await desk().captureOrder({ orderId, amount: { amount: rest, currency: "USD" }, key: "rest" }),
      ).toMatchObject({ kind: "captured" });
    }
    await expect(
      desk().captureOrder({ orderId, amount: { amount: 1, currency: "USD" }, key: "more" }),
    ).rejects.toMatchObject(refusal);
  });
});
