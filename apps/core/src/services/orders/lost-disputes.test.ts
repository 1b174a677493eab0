import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { newId, type OrderId, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { retrySaga, sagasOf } from "../../platform/saga/index.ts";
import {
  applyProviderEvent,
  createPaymentsRouter,
  createStripeClient,
  expirePayments,
  takeProviderEvent,
} from "../payments/index.ts";
import { CANCEL_ORDER } from "./cancel-order.saga.ts";
import { readOrder } from "./queries.ts";
import { REFUND_RETURN } from "./refund-return.saga.ts";
import { refundReturn } from "./refund-return.ts";
import { readReturn } from "./return-queries.ts";
import { stuckRefunds } from "./settle-refund.ts";
import { act, aReceivedReturn, aSoldOrder, cancelAsGuest, packer, timelineOf } from "./testing/after-sale.ts";
import { aShop, deliver, type Shop, sweepUntilQuiet } from "./testing/checkout.ts";

setDefaultTimeout(60_000);

let shop: Shop;
beforeAll(async () => {
  shop = await aShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

function desk() {
  const context = { actor: packer, requestId: "req", traceparent: null, idempotencyKey: null, clock: shop.clock };
  return createPaymentsRouter(shop.payments).createCaller(context);
}

/** The shopper's bank decides over all that was paid. */
async function dispute(orderId: OrderId, status: "lost" | "won", hour = 1): Promise<void> {
  const client = createStripeClient({ apiUrl: shop.stripe.url, secretKey: "sk_test_stoa" });
  const { data } = await client.paymentIntents.search({ query: `metadata["orderId"]:"${orderId}"` });
  const [intent] = data;
  const object = {
    ...{ id: `dp_${orderId}`, amount: intent?.amount, currency: "usd", payment_intent: intent?.id },
    ...{ reason: "fraudulent", status },
  };
  const created = Date.UTC(2026, 10, 24, hour) / 1_000;
  const told = { id: `evt_${object.id}_${status}`, created, type: "charge.dispute.closed", data: { object } };
  const rawBody = JSON.stringify(told);
  const event = { provider: "stripe", rawBody, verdict: "signature_valid" } as const;
  const taken = await takeProviderEvent(shop.payments, event);
  expect(taken && (await applyProviderEvent(shop.payments, taken.id))).toBe("applied");
}

const refundsOf = (orderId: OrderId) =>
  shop.db.execute(sql`select r.key from payments.refund r join payments.payment p on p.id = r.payment_id
    where p.order_id = ${toUuid(orderId)}::uuid`);

const stateOf = async (orderId: OrderId, type: string) =>
  (await sagasOf(shop.db, orderId)).find((saga) => saga.type === type);

describe("what a shopper has got by a dispute that was lost", () => {
  test("cannot be given to them once more; what a dispute left to the shop can", async () => {
    const [lost, won] = [await aSoldOrder(shop, [2]), await aSoldOrder(shop, [2])];
    await dispute(lost.orderId, "lost");
    await dispute(won.orderId, "won");
    const refund = (orderId: OrderId) => desk().refund({ orderId, key: "all", reason: "sorry" });
    await expect(refund(lost.orderId)).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await refund(won.orderId)).toMatchObject({ kind: "refunded" });
  });

  test("is nothing that a cancellation waits for", async () => {
    const { orderId } = await aSoldOrder(shop, [2]);
    await dispute(orderId, "lost");
    await cancelAsGuest(shop, orderId);
    await deliver(shop, orderId);
    await sweepUntilQuiet(shop);
    expect((await stateOf(orderId, CANCEL_ORDER))?.state).toBe("done");
    expect(await refundsOf(orderId)).toHaveLength(0);
    expect(await stuckRefunds(shop.orders, orderId)).toEqual([]);
    const { types } = await timelineOf(shop, orderId);
    expect(types.filter((type) => type === "payment_voided" || type === "payment_refunded")).toEqual([]);
    expect((await readOrder(shop.db, orderId)).view.state).toBe("cancelled");
  });

  test("ends the refund of a return that its provider refused meanwhile, when it is tried again", async () => {
    const { orderId, returnId } = await aReceivedReturn(shop);
    await act(shop, (context) => refundReturn(context, { returnId }));
    shop.stripe.faults?.arm({
      operation: "refunds.create",
      action: { kind: "fail", status: 400, code: "charge_disputed" },
    });
    await deliver(shop, orderId);
    shop.stripe.faults?.clear();
    const stuck = await stateOf(orderId, REFUND_RETURN);
    expect(stuck?.state).toBe("stuck");
    await dispute(orderId, "lost");
    expect(await stuckRefunds(shop.orders, orderId)).toEqual([]);
    await act(shop, ({ tx, now }) => retrySaga(tx, now, stuck?.id ?? newId("saga")));
    await deliver(shop, orderId);
    expect((await stateOf(orderId, REFUND_RETURN))?.state).toBe("done");
    expect(await readReturn(shop.db, returnId)).toMatchObject({ state: "refunded", refund: { amount: { amount: 0 } } });
  });

  test("goes back to them when the shop wins after all and has cancelled the order: money that is here again is owed again", async () => {
    const { orderId } = await aSoldOrder(shop, [2]);
    await dispute(orderId, "lost", 1);
    await cancelAsGuest(shop, orderId);
    await deliver(shop, orderId);
    await sweepUntilQuiet(shop);
    expect(await refundsOf(orderId)).toHaveLength(0);
    await dispute(orderId, "won", 2);
    shop.clock.advance(6 * 60_000);
    expect(await expirePayments(shop.payments)).toMatchObject({ failed: [] });
    expect(await refundsOf(orderId)).toHaveLength(1);
    expect((await timelineOf(shop, orderId)).types.filter((type) => type.startsWith("dispute_"))).toEqual([
      "dispute_lost",
      "dispute_won",
    ]);
  });
});
