import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { money } from "@stoa/kernel";
import { refundReturn } from "../refund-return.ts";
import { act, aReturnOf, cancelAsGuest } from "../testing/after-sale.ts";
import { aSku, available, sweepUntilQuiet } from "../testing/checkout.ts";
import { pay } from "../testing/drafts.ts";
import { anExchangeableReturn, exchange, expectLinked, isSound, settled, swap } from "../testing/exchanges.ts";
import { shopForFile } from "../testing/shop-for-file.ts";

setDefaultTimeout(60_000);

const shop = await shopForFile();

describe("the order that replaces the goods", () => {
  test("gives the difference and the goods' value back to what had paid them when it is cancelled", async () => {
    const { orderId, returnId, value, total, other } = await anExchangeableReturn(shop);
    const { token } = await exchange(shop, returnId, { lines: [swap(other, 2, value)] });
    const { orderId: replacementId } = await pay(shop, token ?? "");
    await sweepUntilQuiet(shop);
    await cancelAsGuest(shop, replacementId);
    const { kept, credited, views, ...sound } = await settled(shop, [orderId, replacementId]);
    expect([sound, credited, kept]).toEqual([isSound, 0, total - value]);
    expect(views[0]?.payment.refundedTotal.amount).toBe(value);
    expect(views[1]).toMatchObject({ state: "cancelled", payment: { state: "refunded" } });
    expect(views[1]?.payment.refundedTotal).toEqual(money(2 * value, "USD"));
    expect(views[0]?.timeline.at(-1)).toMatchObject({
      type: "payment_refunded",
      detail: `for order ${views[1]?.number}`,
    });
    expect(await available(shop, other)).toBe(5);
  });

  test("may come back itself: for money, or for other goods again, however often", async () => {
    const { orderId, returnId, value, total, other } = await anExchangeableReturn(shop);
    const second = (await exchange(shop, returnId, { lines: [swap(other, 2, value / 2)] })).orderId ?? orderId;
    await sweepUntilQuiet(shop);
    const again = await aReturnOf(shop, second, { sku: other, restock: 1 });
    const further = await aSku(shop, 5);
    const third = (await exchange(shop, again, { lines: [swap(further, 1, value / 2)] })).orderId ?? orderId;
    await sweepUntilQuiet(shop);
    await expectLinked(shop, second, again);
    const forMoney = await aReturnOf(shop, third, { sku: further, restock: 1 });
    await act(shop, (context) => refundReturn(context, { returnId: forMoney }));
    const { kept, credited, views: _, ...sound } = await settled(shop, [orderId, second, third]);
    expect([sound, credited, kept]).toEqual([isSound, value / 2, total - value / 2]);
  });
});
