import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { money, type RefundId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { transact } from "../../platform/db/index.ts";
import { recordNews } from "./record-news.ts";
import type { PreparedRefund } from "./refund-order.ts";
import { takeRefundsByHand } from "./refunds-by-hand.ts";
import { refund } from "./tables.ts";
import { authorize, capture, paymentRow, type TestOrder, type TestShop, testOrder, testShop } from "./testing/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const part = money(1_000, "USD");

async function taken(): Promise<TestOrder> {
  const order = testOrder();
  await authorize(shop, order);
  await capture(shop, order);
  return order;
}

const prepare = ({ orderId }: TestOrder, cause: string): Promise<PreparedRefund> =>
  transact(shop.db, (tx) =>
    shop.verbs.refundOrder.prepare(
      { tx, now: shop.deps.clock.now() },
      { orderId, amount: part, reason: null, cause: `${orderId}/${cause}` },
    ),
  );

/** The provider's answer to the one part of a refund. */
interface Answer {
  readonly reference: string | null;
  readonly state: "succeeded" | "failed";
}

const settle = (prepared: PreparedRefund, { reference, state }: Answer) =>
  transact(shop.db, (tx) =>
    shop.verbs.refundOrder.settle({ tx, now: shop.deps.clock.now() }, prepared, [
      { reference, state, refusal: state === "failed" ? "refused" : null },
    ]),
  );

async function statesOf(prepared: readonly PreparedRefund[]) {
  const rows = await shop.db.select().from(refund);
  const of = (id: RefundId) => rows.find((row) => row.requestId === id);
  return prepared.map(({ refundId }) => `${of(refundId)?.providerReference} ${of(refundId)?.state}`);
}

describe("two refunds of the same amount at once", () => {
  test("are told apart when the later one is answered first", async () => {
    const order = await taken();
    const [first, second] = [await prepare(order, "first"), await prepare(order, "second")];
    expect(await settle(second, { reference: "re_second", state: "succeeded" })).toMatchObject({ kind: "refunded" });
    expect(await settle(first, { reference: "re_first", state: "succeeded" })).toMatchObject({ kind: "refunded" });
    expect(await statesOf([first, second])).toEqual(["re_first succeeded", "re_second succeeded"]);
    expect(await paymentRow(shop, order)).toMatchObject({ refunded: 2_000, refundHeld: 2_000 });
  });

  test("one that is refused takes nothing from the other", async () => {
    const order = await taken();
    const [first, second] = [await prepare(order, "first"), await prepare(order, "second")];
    expect(await settle(second, { reference: null, state: "failed" })).toMatchObject({ kind: "failed" });
    expect(await settle(first, { reference: "re_given", state: "succeeded" })).toMatchObject({ kind: "refunded" });
    expect(await paymentRow(shop, order)).toMatchObject({ refunded: 1_000, refundHeld: 1_000 });
  });

  test("one at the provider's own desk is not taken for ours, whose answer is out", async () => {
    const order = await taken();
    const ours = await prepare(order, "ours");
    const { id } = await paymentRow(shop, order);
    await transact(shop.db, (tx) =>
      recordNews({ tx, now: shop.deps.clock.now() }, id, {
        facts: [{ type: "refunded", reference: "re_by_hand", amount: part }],
      }),
    );
    expect(await settle(ours, { reference: "re_ours", state: "succeeded" })).toMatchObject({ kind: "refunded" });
    expect(await paymentRow(shop, order)).toMatchObject({ refunded: 2_000, refundHeld: 2_000 });
    const rows = await shop.db.select().from(refund).where(eq(refund.paymentId, id));
    expect(rows.map(({ state }) => state)).toEqual(["succeeded", "succeeded"]);
  });
});

test("a refund at the provider's own desk is told once by each of its ends; one of a saga is not told here", async () => {
  const order = await taken();
  const { orderId } = order;
  const { id: paymentId } = await paymentRow(shop, order);
  const tell = (type: "refunded" | "refund_failed") =>
    transact(shop.db, async (tx) => {
      const context = { tx, now: shop.deps.clock.now() };
      await recordNews(context, paymentId, { facts: [{ type, reference: `re_${paymentId}`, amount: part }] });
      return (await takeRefundsByHand(context, orderId)).map(({ end }) => end);
    });
  await settle(await prepare(order, "return"), { reference: `re_saga_${paymentId}`, state: "succeeded" });
  expect(await tell("refunded")).toEqual(["refunded"]);
  expect(await tell("refunded")).toEqual([]);
  expect(await tell("refund_failed")).toEqual(["refund_failed"]);
  expect(await tell("refund_failed")).toEqual([]);
});
