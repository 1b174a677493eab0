import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { money, type OrderId } from "@stoa/kernel";
import { transact } from "../../platform/db/index.ts";
import { createPaymentsRouter, paymentOfOrder } from "../payments/index.ts";
import { cancelLines } from "./cancel-lines.ts";
import { noteProviderNews } from "./note-provider-news.ts";
import {
  act,
  announced,
  aSoldOrder,
  cancelAsGuest,
  countersOf,
  packer,
  shipped,
  timelineOf,
} from "./testing/after-sale.ts";
import { aCart, aShop, aSku, card, deliver, place, type Shop, sweepUntilQuiet } from "./testing/checkout.ts";
import { viewOf } from "./testing/shop-for-file.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await aShop();
}, 60_000);
afterAll(() => shop[Symbol.asyncDispose]());

const manual = { provider: "manual" } as const;

/** The provider's own clock: what it keeps waiting ends. */
const passTime = () =>
  fetch(`${shop.stripe.url}/_stoa/clock`, { method: "POST", body: JSON.stringify({ seconds: 60 }) });

/** Staff say that the money of a manual payment has come. */
function recordPayment(orderId: OrderId) {
  const context = { actor: packer, requestId: "req", traceparent: null, idempotencyKey: null, clock: shop.clock };
  const router = createPaymentsRouter(shop.payments);
  return router.createCaller(context).capture({ orderId });
}

describe("the refund of a cancelled order that the provider keeps waiting", () => {
  test("is told once it has ended, and then counted on its lines", async () => {
    const { orderId } = await aSoldOrder(shop, [2, 1], { payment: card("pm_card_pendingRefund") });
    await cancelAsGuest(shop, orderId);
    await deliver(shop, orderId);
    expect(await announced(shop, orderId, "order.refunded")).toEqual([]);
    expect((await timelineOf(shop, orderId)).types).not.toContain("payment_refunded");
    await passTime();
    // Nobody tells of it, so it is asked about within the hour.
    shop.clock.advance(3_600_000);
    await sweepUntilQuiet(shop);
    const { payment, totals } = await viewOf(shop, orderId);
    expect(payment).toMatchObject({ state: "refunded", refundedTotal: totals.total });
    expect(await announced(shop, orderId, "order.refunded")).toHaveLength(1);
    const counters = await countersOf(shop, orderId);
    expect(counters.reduce((sum, line) => sum + line.refunded, 0)).toBe(totals.total.amount);
    expect((await timelineOf(shop, orderId)).types.filter((type) => type === "payment_refunded")).toHaveLength(1);
  });

  test("goes on when the provider tells of it", async () => {
    const { orderId } = await aSoldOrder(shop, [1], { payment: card("pm_card_pendingRefund") });
    await cancelAsGuest(shop, orderId);
    await deliver(shop, orderId);
    await passTime();
    await transact(shop.db, (tx) => noteProviderNews(tx, shop.clock.now(), { orderId, told: ["refunded"], ended: [] }));
    await deliver(shop, orderId);
    expect(await announced(shop, orderId, "order.refunded")).toHaveLength(1);
  });
});

test("cancelling an order that waits for its payment once more answers the same, while it is taken back and after", async () => {
  const sku = await aSku(shop, 1);
  const orderId = await place(shop, await aCart(shop, sku), { payment: card("pm_card_authenticationRequired") });
  await deliver(shop, orderId);
  for (const _ of [1, 2]) expect((await cancelAsGuest(shop, orderId)).view.state).toBe("pending");
  await deliver(shop, orderId);
  const { view } = await cancelAsGuest(shop, orderId);
  expect(view).toMatchObject({ state: "refused", refusal: { code: "order_cancelled" } });
});

test("cancelling a partly shipped order once more answers the same; one that has all left cannot be cancelled", async () => {
  const { orderId, skus } = await aSoldOrder(shop, [3]);
  await shipped(shop, orderId, { items: [{ sku: skus[0] ?? "", quantity: 1 }] });
  const first = await cancelAsGuest(shop, orderId);
  const events = (await timelineOf(shop, orderId)).types;
  expect(await cancelAsGuest(shop, orderId)).toEqual(first);
  expect((await timelineOf(shop, orderId)).types).toEqual(events);
  expect(first.view).toMatchObject({ state: "completed", items: [{ shipped: 1, cancelled: 2 }] });
  const all = await aSoldOrder(shop, [1]);
  await shipped(shop, all.orderId);
  await expect(cancelAsGuest(shop, all.orderId)).rejects.toMatchObject({ code: "order_not_cancellable" });
});

describe("a manual payment that staff record", () => {
  test("is of what was not cancelled before, and holds nothing more", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [3], { payment: manual });
    const items = [{ sku: skus[0] ?? "", quantity: 1 }];
    await act(shop, (context) => cancelLines(context, { orderId, items }));
    await sweepUntilQuiet(shop);
    expect(await recordPayment(orderId)).toMatchObject({ kind: "captured" });
    expect(await recordPayment(orderId)).toMatchObject({ kind: "captured" });
    await sweepUntilQuiet(shop);
    const { payment, totals } = await viewOf(shop, orderId);
    expect(payment).toMatchObject({ state: "captured", refundedTotal: money(0, "USD") });
    expect(await bookedOf(orderId)).toEqual({
      captured: totals.total.amount - Math.floor(totals.total.amount / 3),
      held: 0,
    });
  });

  test("is of nothing where all was cancelled, and of all where nothing was", async () => {
    const gone = await aSoldOrder(shop, [1], { payment: manual });
    await cancelAsGuest(shop, gone.orderId);
    await expect(recordPayment(gone.orderId)).rejects.toMatchObject({ code: "CONFLICT" });
    const { orderId } = await aSoldOrder(shop, [2], { payment: manual });
    await recordPayment(orderId);
    expect(await bookedOf(orderId)).toEqual({ captured: (await viewOf(shop, orderId)).totals.total.amount, held: 0 });
  });
});

async function bookedOf(orderId: OrderId) {
  const paid = await paymentOfOrder(shop.db, orderId);
  return { captured: paid?.capturedAmount, held: paid?.heldAmount };
}
