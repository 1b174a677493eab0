import { describe, expect, test } from "bun:test";
import { money, newId, type OrderId, type ReturnId, toDecimal } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { retrySaga, runSaga, sagasOf } from "../../platform/saga/index.ts";
import { crashAt, recordGates } from "../../platform/saga/testing/crash.ts";
import { createPaymentsRouter } from "../payments/index.ts";
import { closeReturn } from "./move-return.ts";
import { readOrder } from "./queries.ts";
import { REFUND_RETURN } from "./refund-return.saga.ts";
import { type RefundReturn, refundReturn } from "./refund-return.ts";
import { readReturn } from "./return-queries.ts";
import { stuckRefunds } from "./settle-refund.ts";
import { orderEvent } from "./tables.ts";
import { act, announced, aReceivedReturn, countersOf, packer, timelineOf } from "./testing/after-sale.ts";
import { deliver, sweepUntilQuiet } from "./testing/checkout.ts";
import { shopForFile } from "./testing/shop-for-file.ts";

const shop = await shopForFile();

function desk() {
  const context = { actor: packer, requestId: "req", traceparent: null, idempotencyKey: null, clock: shop.clock };
  return createPaymentsRouter(shop.payments).createCaller(context);
}

const usd = (amount: number) => money(amount, "USD");
const refundedOf = async (orderId: OrderId) => (await readOrder(shop.db, orderId)).view.payment.refundedTotal.amount;
const sagaOf = async (orderId: OrderId) => (await sagasOf(shop.db, orderId)).find(({ type }) => type === REFUND_RETURN);

async function decided(more: Partial<RefundReturn> = {}) {
  const { orderId, returnId, sku } = await aReceivedReturn(shop);
  const paid = (await readReturn(shop.db, returnId)).paid.amount;
  await act(shop, (context) => refundReturn(context, { returnId, ...more }));
  const id = (await sagaOf(orderId))?.id;
  return { orderId, returnId, sku, paid, run: async () => (id ? runSaga(shop.engine, id) : null) };
}

async function expectRefundedOnce(orderId: OrderId, returnId: ReturnId, amount: number): Promise<void> {
  expect((await readReturn(shop.db, returnId)).state).toBe("refunded");
  expect(await refundedOf(orderId)).toBe(amount);
  const counters = await countersOf(shop, orderId);
  expect(counters.reduce((sum, line) => sum + line.refunded, 0)).toBe(amount);
  expect(await announced(shop, orderId, "order.refunded")).toHaveLength(1);
  const { types, isGapless } = await timelineOf(shop, orderId);
  expect(types.filter((type) => type === "payment_refunded" || type === "return_refunded")).toHaveLength(2);
  expect(isGapless).toBe(true);
}

describe("the refund of a return", () => {
  test("is what was paid for what came, unless staff say otherwise", async () => {
    const { orderId, returnId, paid, run } = await decided();
    await run();
    await expectRefundedOnce(orderId, returnId, paid);
    await act(shop, (context) => closeReturn(context, { returnId }));
  });

  test("may be lower, with a reason, and less a fee", async () => {
    const lower = await decided({ amount: usd(1_000), reason: "scratched" });
    await lower.run();
    await expectRefundedOnce(lower.orderId, lower.returnId, 1_000);
    expect(await readReturn(shop.db, lower.returnId)).toMatchObject({ refund: { reason: "scratched" } });
    const feed = await decided({ restockingFee: usd(500), reason: "restocking" });
    await feed.run();
    await expectRefundedOnce(feed.orderId, feed.returnId, feed.paid - 500);
  });

  test("is never more than was paid, and never less without a reason", async () => {
    const { orderId, returnId } = await aReceivedReturn(shop);
    const { amount } = (await readReturn(shop.db, returnId)).paid;
    for (const bad of [
      { amount: usd(amount + 1) },
      { amount: usd(amount), restockingFee: usd(1) },
      { amount: usd(amount - 1) },
      { restockingFee: usd(5) },
    ]) {
      const refunded = act(shop, (context) => refundReturn(context, { returnId, ...bad }));
      await expect(refunded).rejects.toMatchObject({ code: "validation_failed" });
    }
    for (const foreign of [
      { amount: money(1, "EUR"), reason: "scratched" },
      { restockingFee: money(1, "EUR"), reason: "worn" },
    ]) {
      const refunded = act(shop, (context) => refundReturn(context, { returnId, ...foreign }));
      await expect(refunded).rejects.toMatchObject({ code: "currency_mismatch" });
    }
    expect(await sagaOf(orderId)).toBeUndefined();
  });

  test("of nothing needs no provider", async () => {
    const { orderId, returnId } = await decided({ amount: usd(0), reason: "kept as agreed" });
    expect(await sagaOf(orderId)).toBeUndefined();
    expect((await readReturn(shop.db, returnId)).state).toBe("refunded");
  });

  test("cannot be of money that has not been taken: staff are told what to do instead", async () => {
    const { orderId, returnId } = await aReceivedReturn(shop, { payment: { provider: "manual" } });
    const refunded = act(shop, (context) => refundReturn(context, { returnId }));
    await expect(refunded).rejects.toMatchObject({ code: "state_conflict" });
    expect(await sagaOf(orderId)).toBeUndefined();
    await act(shop, (context) => closeReturn(context, { returnId }));
  });

  test("that several press at once is given once", async () => {
    const { orderId, returnId } = await aReceivedReturn(shop);
    const { amount } = (await readReturn(shop.db, returnId)).paid;
    const pressed = await Promise.allSettled(
      Array.from({ length: 5 }, () => act(shop, (context) => refundReturn(context, { returnId }))),
    );
    expect(pressed.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    await deliver(shop, orderId);
    await expectRefundedOnce(orderId, returnId, amount);
    const again = act(shop, (context) => refundReturn(context, { returnId }));
    await expect(again).rejects.toMatchObject({ code: "state_conflict" });
  });

  for (const [left, byHand] of [
    ["settles for what is left when some was given back by hand since it was decided", 300],
    ["ends when all of it was", null],
  ] as const) {
    test(`${left}, and the timeline says so`, async () => {
      const { orderId, returnId, paid, run } = await decided();
      const { total } = (await readOrder(shop.db, orderId)).view.totals;
      // Beyond what the return leaves of the order, so that it meets the return's own money.
      const given = total.amount - paid + (byHand ?? paid);
      await desk().refund({ orderId, amount: { amount: given, currency: "USD" }, reason: "goodwill", key: "by hand" });
      await run();
      const rest = paid - (byHand ?? paid);
      expect(await readReturn(shop.db, returnId)).toMatchObject({
        state: "refunded",
        refund: { amount: { amount: rest } },
      });
      expect(await refundedOf(orderId)).toBe(total.amount);
      const counters = await countersOf(shop, orderId);
      expect(counters.reduce((sum, line) => sum + line.refunded, 0)).toBe(rest);
      const told = await shop.db.select().from(orderEvent).where(eq(orderEvent.orderId, orderId));
      const words = `${toDecimal(money(rest, "USD"))} USD of ${toDecimal(money(paid, "USD"))} USD`;
      expect(told.filter(({ detail }) => detail?.startsWith(words))).toHaveLength(1);
    });
  }

  for (const [left, byHand] of [
    ["some", 300],
    ["all", null],
  ] as const) {
    test(`that the provider had refused, and of which ${left} was given back by hand since, ends when it is tried again`, async () => {
      const { orderId, returnId, paid, run } = await decided();
      shop.stripe.faults?.arm({
        operation: "refunds.create",
        action: { kind: "fail", status: 400, code: "no_balance" },
      });
      await run();
      shop.stripe.faults?.clear();
      const stuck = await sagaOf(orderId);
      expect(stuck?.state).toBe("stuck");
      const { total } = (await readOrder(shop.db, orderId)).view.totals;
      const given = total.amount - paid + (byHand ?? paid);
      await desk().refund({ orderId, amount: { amount: given, currency: "USD" }, reason: "goodwill", key: "by hand" });
      await act(shop, ({ tx, now }) => retrySaga(tx, now, stuck?.id ?? newId("saga")));
      await run();
      const rest = paid - (byHand ?? paid);
      expect((await sagaOf(orderId))?.state).toBe("done");
      expect(await readReturn(shop.db, returnId)).toMatchObject({
        state: "refunded",
        refund: { amount: { amount: rest } },
      });
      expect(await refundedOf(orderId)).toBe(total.amount);
      expect(await stuckRefunds(shop.orders, orderId)).toEqual([]);
    });
  }

  test("keeps a return open while it is on its way", async () => {
    const { returnId } = await decided();
    await expect(act(shop, (context) => closeReturn(context, { returnId }))).rejects.toMatchObject({
      code: "state_conflict",
      members: { detail: "The return's refund or exchange has begun; it can be closed when that is done." },
    });
  });

  test("of all that an order has, in pieces, is its total to the cent", async () => {
    const { orderId, returnId } = await aReceivedReturn(shop, { quantities: [3], restock: 2, writeOff: 1 });
    await act(shop, (context) => refundReturn(context, { returnId }));
    await deliver(shop, orderId);
    const { view } = await readOrder(shop.db, orderId);
    expect(view.payment.refundedTotal).toEqual(view.totals.total);
    expect([view.payment.state, view.fulfilment.state]).toEqual(["refunded", "returned"]);
  });
});

describe("a crash during a refund", () => {
  test("at any point, every step run twice or not, pays back once", async () => {
    const first = await decided();
    const gates = await recordGates(first.run);
    expect(gates.length).toBeGreaterThanOrEqual(4);
    await expectRefundedOnce(first.orderId, first.returnId, first.paid);
    for (let point = 0; point < gates.length; point += 1) {
      const { orderId, returnId, paid, run } = await decided();
      await crashAt(point, run);
      await sweepUntilQuiet(shop);
      await expectRefundedOnce(orderId, returnId, paid);
    }
  }, 60_000);

  test("of the provider's answer after the effect pays back once", async () => {
    const { orderId, returnId, paid, run } = await decided();
    shop.stripe.faults?.arm({ operation: "refunds.create", action: { kind: "loseAnswer" }, times: 2 });
    await run();
    await sweepUntilQuiet(shop);
    shop.stripe.faults?.clear();
    await expectRefundedOnce(orderId, returnId, paid);
  });
});
