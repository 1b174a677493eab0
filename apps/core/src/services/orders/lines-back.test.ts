import { expect, setDefaultTimeout, test } from "bun:test";
import type { OrderId } from "@stoa/kernel";
import { cancelLines } from "./cancel-lines.ts";
import { act, aSoldOrder, cancelAsGuest, captureAtShipment, countersOf } from "./testing/after-sale.ts";
import { aShop, type Shop, sweepUntilQuiet } from "./testing/checkout.ts";
import { one } from "./testing/edits.ts";
import { anExchangeableReturn, exchange, replacementOf, swap } from "./testing/exchanges.ts";
import { aGiftCard } from "./testing/gift-cards.ts";
import { shopForFile, viewOf } from "./testing/shop-for-file.ts";

setDefaultTimeout(60_000);

const shop = await shopForFile();

/** What the lines of an order got back is what its shopper is told. */
async function expectToldByLine(of: Shop, orderId: OrderId): Promise<number> {
  const { payment } = await viewOf(of, orderId);
  const byLine = (await countersOf(of, orderId)).reduce((sum, line) => sum + line.refunded, 0);
  expect(byLine).toBe(payment.refundedTotal.amount);
  return byLine;
}

test("lines of a cancelled order that a gift card paid alone got back what is on the card again", async () => {
  const { code } = await aGiftCard(shop, 100_000);
  const { orderId } = await aSoldOrder(shop, [2, 1], { giftCard: code });
  await cancelAsGuest(shop, orderId);
  await sweepUntilQuiet(shop);
  expect(await expectToldByLine(shop, orderId)).toBe((await viewOf(shop, orderId)).totals.total.amount);
});

test("lines of one of which the provider had taken nothing yet got back what the card had paid, and no more", async () => {
  await using later = await aShop();
  await captureAtShipment(later);
  const { code } = await aGiftCard(later, 1_001);
  const { orderId } = await aSoldOrder(later, [2, 1], { giftCard: code });
  await cancelAsGuest(later, orderId);
  await sweepUntilQuiet(later);
  expect(await expectToldByLine(later, orderId)).toBe(1_001);
});

test("lines of one that was cancelled piece by piece got back all of it, each its own", async () => {
  const { code } = await aGiftCard(shop, 2_000);
  const { orderId, skus } = await aSoldOrder(shop, [2, 1], { giftCard: code });
  await act(shop, (context) => cancelLines(context, { orderId, items: [one(skus[0] ?? "")] }));
  await sweepUntilQuiet(shop);
  await cancelAsGuest(shop, orderId);
  await sweepUntilQuiet(shop);
  const { totals } = await viewOf(shop, orderId);
  expect(await expectToldByLine(shop, orderId)).toBe(totals.total.amount);
  const [first, second] = await countersOf(shop, orderId);
  expect(first?.refunded).toBeGreaterThan(second?.refunded ?? 0);
});

test("lines of a replacement that is cancelled got back what the goods had paid for it", async () => {
  const { returnId, value, other } = await anExchangeableReturn(shop);
  await exchange(shop, returnId, { lines: [swap(other, 1, value)] });
  await sweepUntilQuiet(shop);
  const replacementId = await replacementOf(shop, returnId);
  await cancelAsGuest(shop, replacementId);
  await sweepUntilQuiet(shop);
  expect(await expectToldByLine(shop, replacementId)).toBe(value);
});
