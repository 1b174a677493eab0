import { expect, test } from "bun:test";
import type { OrderId } from "@stoa/kernel";
import { createPaymentsRouter } from "../payments/index.ts";
import { cancelLines } from "./cancel-lines.ts";
import { paidForKept } from "./line-money.ts";
import { linesOf } from "./lock-order.ts";
import { acceptManually } from "./pay-change.ts";
import { act, aSoldOrder, cancelAsGuest, captureAtShipment, shipped } from "./testing/after-sale.ts";
import { aShop, aSku, deliver, type Shop, sweepUntilQuiet } from "./testing/checkout.ts";
import { deskContext } from "./testing/desk.ts";
import { at, edit, one } from "./testing/edits.ts";
import { settled } from "./testing/exchanges.ts";
import { aGiftCard, standing } from "./testing/gift-cards.ts";
import { shopForFile, viewOf } from "./testing/shop-for-file.ts";

const shop = await shopForFile();

const cancelOne = (where: Shop, orderId: OrderId, sku = "") =>
  act(where, (context) => cancelLines(context, { orderId, items: [{ sku, quantity: 1 }] }));

const costOfKept = async (where: Shop, orderId: OrderId) =>
  paidForKept(await where.db.transaction((tx) => linesOf(tx, orderId)), "USD");

test("units that are cancelled one after the other give back together what was paid beyond the rest, whatever runs first", async () => {
  await using later = await aShop();
  await captureAtShipment(later);
  const gift = await aGiftCard(later, 4_000);
  const { orderId, skus } = await aSoldOrder(later, [1, 1, 1], { giftCard: gift.code });
  await cancelOne(later, orderId, skus[1]);
  await cancelOne(later, orderId, skus[2]);
  await deliver(later, orderId);
  await sweepUntilQuiet(later);
  const cost = await costOfKept(later, orderId);
  expect(cost).toBeLessThan(4_000);
  expect(await standing(later, gift)).toEqual({ balance: 4_000 - cost, held: 0 });
  await shipped(later, orderId);
  expect((await settled(later, [orderId])).kept).toBe(0);
});

test("what an edit costs more can be taken by hand, though cancelled units gave money back before", async () => {
  const { orderId, skus } = await aSoldOrder(shop, [1, 2]);
  await cancelOne(shop, orderId, skus[1]);
  await sweepUntilQuiet(shop);
  const change = await edit(shop, orderId, { add: [at(await aSku(shop, 5), 1_000)] });
  await act(shop, (context) => acceptManually(shop.orders, context, change.changeId));
  await sweepUntilQuiet(shop);
  const desk = createPaymentsRouter(shop.payments).createCaller(deskContext(shop.orders, "by hand"));
  await desk.capture({ orderId });
  expect((await settled(shop, [orderId])).kept).toBe(await costOfKept(shop, orderId));
});

test("an order that a gift card paid alone shows nothing of a provider, though an edit set units off against others", async () => {
  const gift = await aGiftCard(shop, 100_000);
  const { orderId, skus } = await aSoldOrder(shop, [1, 2], { giftCard: gift.code });
  const { total } = (await viewOf(shop, orderId)).totals;
  await edit(shop, orderId, { remove: [one(skus[0] ?? "")], add: [at(await aSku(shop, 5), 1_000)] });
  await sweepUntilQuiet(shop);
  const { tenders } = (await viewOf(shop, orderId)).payment;
  expect(tenders?.map(({ kind, amount }) => [kind, amount])).toEqual([["gift_card", total]]);
  await cancelAsGuest(shop, orderId);
  await sweepUntilQuiet(shop);
  expect(await standing(shop, gift)).toEqual({ balance: 100_000, held: 0 });
  expect((await viewOf(shop, orderId)).payment).toMatchObject({ state: "refunded", refundedTotal: total });
});
