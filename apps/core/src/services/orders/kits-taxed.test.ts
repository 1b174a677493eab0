import { expect, test } from "bun:test";
import type { OrderId } from "@stoa/kernel";
import { transact } from "../../platform/db/index.ts";
import { saveTaxRate } from "../carts/index.ts";
import { cancelLines } from "./cancel-lines.ts";
import { linesOf } from "./lock-order.ts";
import { readOrder } from "./queries.ts";
import { refundReturn } from "./refund-return.ts";
import { act, aReturnOf } from "./testing/after-sale.ts";
import { aCartOf, aKit, aSku, deliver, place, sweepUntilQuiet } from "./testing/checkout.ts";
import { edit, one, payEdit } from "./testing/edits.ts";
import { shopForFile } from "./testing/shop-for-file.ts";

const shop = await shopForFile();

test("a kit is taxed as its parts, and what is refunded of it, however it is cut, adds up to what was paid", async () => {
  const vat = { country: "DE", taxClass: "standard", name: "VAT", basisPoints: 1_900, isIncluded: false };
  await transact(shop.db, async (tx) => {
    await saveTaxRate({ tx, now: shop.clock.now() }, vat);
    await saveTaxRate({ tx, now: shop.clock.now() }, { ...vat, taxClass: "books", basisPoints: 700 });
  });
  const [book, pen] = [await aSku(shop, 10), await aSku(shop, 30)];
  const kit = aKit(shop, { [book]: 1, [pen]: 3 });
  shop.taxShares.set(kit, [
    { taxClass: "books", worth: 3_000 },
    { taxClass: "standard", worth: 1_000 },
  ]);
  const orderId = await place(shop, await aCartOf(shop, [one(kit, 3)]));
  await deliver(shop, orderId);
  const { view } = await readOrder(shop.db, orderId);
  expect(
    view.taxLines?.map(({ sku, basisPoints, taxable, amount }) => [sku, basisPoints, taxable.amount, amount.amount]),
  ).toEqual([
    [kit, 700, 5_625, 394],
    [kit, 1_900, 1_875, 356],
  ]);
  expect(view.totals.tax.amount).toBe(750);
  await act(shop, (context) => cancelLines(context, { orderId, items: [one(kit)] }));
  await sweepUntilQuiet(shop);
  const change = await edit(shop, orderId, { add: [one(kit)] });
  expect(change.difference.amount).toBe(2_500 + 131 + 119);
  await payEdit(shop, change);
  await sweepUntilQuiet(shop);
  const returnId = await aReturnOf(shop, orderId, { sku: kit, restock: 3 });
  await act(shop, (context) => refundReturn(context, { returnId }));
  await sweepUntilQuiet(shop);
  const after = (await readOrder(shop.db, orderId)).view;
  expect(after.payment.refundedTotal.amount).toBe(
    after.totals.total.amount - view.totals.shipping.amount + (await shippingBack(orderId)),
  );
});

/** Of shipping, what went back with the unit that was cancelled. */
async function shippingBack(orderId: OrderId): Promise<number> {
  const [line] = await shop.db.transaction((tx) => linesOf(tx, orderId));
  return Math.floor((line?.shippingShare ?? 0) / 3);
}
