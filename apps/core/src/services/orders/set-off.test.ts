import { expect, setDefaultTimeout, test } from "bun:test";
import type { OrderId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { cancelLines } from "./cancel-lines.ts";
import { order, orderLine } from "./tables.ts";
import { act, aSoldOrder, cancelAsGuest, countersOf } from "./testing/after-sale.ts";
import { aSku, sweepUntilQuiet } from "./testing/checkout.ts";
import { at, edit, expectExact, one } from "./testing/edits.ts";
import { shopForFile, viewOf } from "./testing/shop-for-file.ts";

setDefaultTimeout(60_000);

const shop = await shopForFile();

/** An order of which a unit was taken out and paid for what was put in. */
async function aSwappedOrder(amount: number) {
  const { orderId, skus } = await aSoldOrder(shop, [2, 1]);
  const extra = await aSku(shop, 3);
  const change = await edit(shop, orderId, { remove: [one(skus[0] ?? "")], add: [at(extra, amount)] });
  expect(change.state).toBe("applied");
  await sweepUntilQuiet(shop);
  return { orderId, skus, extra };
}

async function linesBack(orderId: OrderId): Promise<number> {
  return (await countersOf(shop, orderId)).reduce((sum, line) => sum + line.refunded, 0);
}

test("what lines got back of an order that is cancelled after an edit is what the shopper got", async () => {
  const { orderId } = await aSwappedOrder(1_001);
  await cancelAsGuest(shop, orderId);
  await sweepUntilQuiet(shop);
  const { payment, totals } = await viewOf(shop, orderId);
  expect(payment).toMatchObject({ state: "refunded", setOffTotal: { amount: 1_001 } });
  expect(payment.refundedTotal.amount).toBe(totals.total.amount - 1_001);
  expect(await linesBack(orderId)).toBe(payment.refundedTotal.amount);
  const [swapped, , added] = await countersOf(shop, orderId);
  // What the new line cost is what it got back, and the old one gets the rest of its own.
  expect(added?.refunded).toBe(1_001);
  expect(swapped?.refunded).toBe((await paidForFirst(orderId)) - 1_001);
});

async function paidForFirst(orderId: OrderId): Promise<number> {
  const [line] = await shop.db
    .select()
    .from(orderLine)
    .where(eq(orderLine.orderId, orderId))
    .orderBy(orderLine.position);
  return (line?.total ?? 0) + (line?.taxIncluded ? 0 : (line?.tax ?? 0)) + (line?.shippingShare ?? 0);
}

test("what was put in for goods that went out gives back what those had paid", async () => {
  const { orderId, extra } = await aSwappedOrder(1_500);
  await act(shop, (context) => cancelLines(context, { orderId, items: [one(extra)] }));
  await sweepUntilQuiet(shop);
  await expectExact(shop, orderId);
  expect(await linesBack(orderId)).toBe((await viewOf(shop, orderId)).payment.refundedTotal.amount);
  await cancelAsGuest(shop, orderId);
  await sweepUntilQuiet(shop);
  const { payment, totals } = await viewOf(shop, orderId);
  expect(payment.refundedTotal.amount).toBe(totals.total.amount - 1_500);
  expect(await linesBack(orderId)).toBe(payment.refundedTotal.amount);
});

test("an order that an earlier release has edited adds up as well, though its lines do not say what was set off", async () => {
  const { orderId } = await aSwappedOrder(1_001);
  await shop.db.update(orderLine).set({ setOff: 0 }).where(eq(orderLine.orderId, orderId));
  await cancelAsGuest(shop, orderId);
  await sweepUntilQuiet(shop);
  const [row] = await shop.db.select().from(order).where(eq(order.id, orderId));
  expect(await linesBack(orderId)).toBe((row?.total ?? 0) - (row?.setOff ?? 0));
});
