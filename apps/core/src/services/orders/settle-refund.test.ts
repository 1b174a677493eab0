import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type OrderId, type RefundId, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { openDatabase, transact } from "../../platform/db/index.ts";
import type { ShopActor } from "../../platform/rpc/index.ts";
import { retrySaga, sagasOf } from "../../platform/saga/index.ts";
import { createPaymentsRouter, findStoreCredit } from "../payments/index.ts";
import { CANCEL_ORDER } from "./cancel-order.saga.ts";
import { cancelOrder } from "./cancel-order.ts";
import { REFUND_EXCHANGE } from "./exchanges/refund-exchange.saga.ts";
import { orderAccessToken } from "./order-token.ts";
import { readOrder } from "./queries.ts";
import { readReturn } from "./return-queries.ts";
import { settleRefund, stuckRefunds } from "./settle-refund.ts";
import { act, announced, aReceivedReturn, aSoldOrder, packer, timelineOf } from "./testing/after-sale.ts";
import { aCustomer, aShop, aSku, deliver, guest, type Shop, sweepUntilQuiet } from "./testing/checkout.ts";
import { exchange, settled, swap } from "./testing/exchanges.ts";

setDefaultTimeout(60_000);

let shop: Shop;
beforeAll(async () => {
  shop = await aShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const refused = {
  operation: "refunds.create",
  action: { kind: "fail", status: 400, code: "charge_disputed" },
} as const;

function desk() {
  const context = { actor: packer, requestId: "req", traceparent: null, idempotencyKey: null, clock: shop.clock };
  return createPaymentsRouter(shop.payments).createCaller(context);
}

/** Goods were exchanged, the replacement was cancelled, and the provider will not give back what the goods had paid. */
async function aRefusedRefund(actor: ShopActor = guest) {
  const { orderId, returnId } = await aReceivedReturn(shop, { actor });
  const value = (await readReturn(shop.db, returnId)).paid.amount;
  const id = (await exchange(shop, returnId, { lines: [swap(await aSku(shop, 5), 1, value)] })).orderId ?? orderId;
  await deliver(shop, id);
  shop.stripe.faults?.arm(refused);
  const accessToken = orderAccessToken(shop.orders.orderTokenSecret, id);
  await cancelOrder(shop.orders, actor, { orderId: id, accessToken });
  await deliver(shop, id);
  await deliver(shop, id);
  expect((await sagaOf(id)).state).toBe("stuck");
  const [stuck, ...others] = await stuckRefunds(shop.orders, id);
  if (!stuck || others.length > 0) throw new Error("not one refund is stuck");
  expect(stuck).toMatchObject({ cause: `exchange/${id}`, missing: { amount: value }, amount: { amount: value } });
  return { orderId, id, value, refundId: stuck.refundId };
}

async function sagaOf(id: OrderId) {
  const saga = (await sagasOf(shop.db, id)).find(({ type }) => type === REFUND_EXCHANGE);
  if (!saga) throw new Error("nothing gives it back");
  return saga;
}

const settle = (orderId: OrderId, refundId: RefundId, by: "store_credit" | "outside") =>
  act(shop, (context) => settleRefund(context, { orderId, refundId, by, reason: "transfer 4711" }));

async function manualRefunds(): Promise<number> {
  const [row] = await shop.db.execute<{ sum: string }>(sql`
    select coalesce(sum(amount), 0) as sum from payments.ledger_entry where account = 'manual.refunds'`);
  return Number(row?.sum);
}

describe("what a provider finally refuses to give back", () => {
  test("is asked for once more when staff try again, and given when the provider has thought better of it", async () => {
    const { orderId, id, value } = await aRefusedRefund();
    const before = await settled(shop, [orderId, id]);
    shop.stripe.faults?.clear();
    const saga = await sagaOf(id);
    await act(shop, ({ tx, now }) => retrySaga(tx, now, saga.id));
    const after = await settled(shop, [orderId, id]);
    expect((await sagaOf(id)).state).toBe("done");
    expect(before.kept - after.kept).toBe(value);
    expect(after).toMatchObject({ problems: [], isBalanced: true, credited: 0 });
    expect(await stuckRefunds(shop.orders, id)).toEqual([]);
  });

  test("is noted as given outside: booked once, counted against what can be refunded, and the saga ends", async () => {
    const { orderId, id, value, refundId } = await aRefusedRefund();
    const booked = await manualRefunds();
    const { kept } = await settled(shop, [orderId, id]);
    await settle(id, refundId, "outside");
    const after = await settled(shop, [orderId, id]);
    shop.stripe.faults?.clear();
    expect((await sagaOf(id)).state).toBe("done");
    // Nothing has moved at the provider; the shop's own hand has given it.
    expect(after).toMatchObject({ problems: [], isBalanced: true, kept });
    expect((await manualRefunds()) - booked).toBe(value);
    expect((await readOrder(shop.db, orderId)).view.payment.refundedTotal.amount).toBe(value);
    expect(await announced(shop, id, "order.refunded")).toHaveLength(1);
    expect((await timelineOf(shop, id)).types.slice(-2)).toEqual(["refund_failed", "payment_refunded"]);
    await expect(settle(id, refundId, "outside")).rejects.toMatchObject({ code: "state_conflict" });
    await expect(settle(orderId, refundId, "outside")).rejects.toMatchObject({ code: "not_found" });
  });

  test("is asked for again by whoever gave the whole order back at the desk, under the same key", async () => {
    const { orderId, returnId } = await aReceivedReturn(shop);
    const value = (await readReturn(shop.db, returnId)).paid.amount;
    const id = (await exchange(shop, returnId, { lines: [swap(await aSku(shop, 5), 1, value)] })).orderId ?? orderId;
    await deliver(shop, id);
    const give = () => desk().refund({ orderId: id, key: "all", reason: "never came" });
    shop.stripe.faults?.arm(refused);
    expect(await give()).toMatchObject({ kind: "failed", refunded: { amount: 0 } });
    shop.stripe.faults?.clear();
    const before = await settled(shop, [orderId, id]);
    for (const _ of [1, 2]) expect(await give()).toMatchObject({ kind: "refunded", refunded: { amount: value } });
    const after = await settled(shop, [orderId, id]);
    expect(before.kept - after.kept).toBe(value);
    expect(after).toMatchObject({ problems: [], isBalanced: true });
  });

  test("is settled in the one connection that holds the order, so many who press at once do not wait for each other's", async () => {
    const { id, refundId } = await aRefusedRefund();
    shop.stripe.faults?.clear();
    await using narrow = openDatabase({
      url: shop.database.url,
      poolSize: 1,
      statementTimeoutMs: 50_000,
      applicationName: "narrow",
    });
    const settlement = { orderId: id, refundId, by: "outside", reason: "transfer 4711" } as const;
    const context = { now: shop.clock.now(), actor: packer };
    await transact(narrow.db, (tx) => settleRefund({ ...context, tx }, settlement));
    expect(await stuckRefunds(shop.orders, id)).toEqual([]);
  });

  test("becomes the customer's store credit", async () => {
    const ada = aCustomer();
    const { orderId, id, value, refundId } = await aRefusedRefund(ada);
    await settle(id, refundId, "store_credit");
    const after = await settled(shop, [orderId, id]);
    shop.stripe.faults?.clear();
    expect((await sagaOf(id)).state).toBe("done");
    expect(after).toMatchObject({ problems: [], isBalanced: true, credited: value });
    const [credit] = await findStoreCredit({ db: shop.db, now: shop.clock.now() }, ada.customerId);
    expect(credit?.available).toBe(value);
  });

  test("of a guest becomes no store credit", async () => {
    const { id, refundId } = await aRefusedRefund();
    await expect(settle(id, refundId, "store_credit")).rejects.toMatchObject({ code: "state_conflict" });
    await settle(id, refundId, "outside");
    shop.stripe.faults?.clear();
  });

  test("is settled once, by however many at once", async () => {
    const { orderId, id, value, refundId } = await aRefusedRefund();
    const booked = await manualRefunds();
    const done = await Promise.allSettled([1, 2, 3].map(() => settle(id, refundId, "outside")));
    expect(done.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect((await manualRefunds()) - booked).toBe(value);
    expect(await settled(shop, [orderId, id])).toMatchObject({ problems: [], isBalanced: true });
    shop.stripe.faults?.clear();
  });
});

describe("what a provider finally refuses to give back of an order that was cancelled", () => {
  async function aRefusedRelease(actor: ShopActor = guest) {
    const { orderId } = await aSoldOrder(shop, [2], { actor });
    shop.stripe.faults?.arm(refused);
    const accessToken = orderAccessToken(shop.orders.orderTokenSecret, orderId);
    await cancelOrder(shop.orders, actor, { orderId, accessToken });
    await deliver(shop, orderId);
    const [stuck, ...others] = await stuckRefunds(shop.orders, orderId);
    if (!stuck || others.length > 0) throw new Error("not one refund is stuck");
    return { orderId, ...stuck };
  }
  const cancelling = async (id: OrderId) =>
    (await sagasOf(shop.db, id)).find(({ type }) => type === CANCEL_ORDER)?.state;
  const refundsOf = (id: OrderId) =>
    shop.db.execute(sql`select r.key from payments.refund r join payments.payment p on p.id = r.payment_id
      where p.order_id = ${toUuid(id)}::uuid`);

  test("is noted as given outside, and the cancellation comes to its end", async () => {
    const { orderId, refundId, missing } = await aRefusedRelease();
    const booked = await manualRefunds();
    expect(await cancelling(orderId)).not.toBe("done");
    await settle(orderId, refundId, "outside");
    await deliver(shop, orderId);
    shop.stripe.faults?.clear();
    expect(await cancelling(orderId)).toBe("done");
    expect((await manualRefunds()) - booked).toBe(missing.amount);
    expect(await stuckRefunds(shop.orders, orderId)).toEqual([]);
    expect((await timelineOf(shop, orderId)).types.at(-1)).toBe("payment_refunded");
    expect(await announced(shop, orderId, "order.refunded")).toHaveLength(1);
    await expect(settle(orderId, refundId, "outside")).rejects.toMatchObject({ code: "state_conflict" });
    // Whoever sweeps asks the provider for nothing more.
    const before = (await refundsOf(orderId)).length;
    shop.clock.advance(3_600_000);
    await sweepUntilQuiet(shop);
    expect(await refundsOf(orderId)).toHaveLength(before);
  });

  test("becomes the customer's store credit", async () => {
    const ada = aCustomer();
    const { orderId, refundId, missing } = await aRefusedRelease(ada);
    await settle(orderId, refundId, "store_credit");
    await deliver(shop, orderId);
    shop.stripe.faults?.clear();
    expect(await cancelling(orderId)).toBe("done");
    const [credit] = await findStoreCredit({ db: shop.db, now: shop.clock.now() }, ada.customerId);
    expect(credit?.available).toBe(missing.amount);
    expect((await timelineOf(shop, orderId)).types.at(-1)).toBe("payment_refunded");
  });

  test("is settled once, by however many at once, and a stranger's order has none of it", async () => {
    const { orderId, refundId, missing } = await aRefusedRelease();
    const other = await aRefusedRelease();
    await expect(settle(other.orderId, refundId, "outside")).rejects.toMatchObject({ code: "not_found" });
    const booked = await manualRefunds();
    const settled = await Promise.allSettled([1, 2, 3].map(() => settle(orderId, refundId, "outside")));
    shop.stripe.faults?.clear();
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect((await manualRefunds()) - booked).toBe(missing.amount);
  });

  test("is asked for ever less often", async () => {
    const { orderId } = await aRefusedRelease();
    for (let hour = 0; hour < 24; hour += 1) {
      shop.clock.advance(3_600_000);
      await sweepUntilQuiet(shop);
    }
    expect((await refundsOf(orderId)).length).toBeLessThan(14);
    shop.stripe.faults?.clear();
    shop.clock.advance(86_400_000);
    await sweepUntilQuiet(shop);
    expect(await cancelling(orderId)).toBe("done");
    expect(await stuckRefunds(shop.orders, orderId)).toEqual([]);
  });
});
