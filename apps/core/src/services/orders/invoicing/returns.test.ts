import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { OrderId } from "@stoa/kernel";
import { approveReturn, closeReturn } from "../move-return.ts";
import { receiveReturn } from "../receive-return.ts";
import { refundReturn } from "../refund-return.ts";
import { requestReturn } from "../request-return.ts";
import { act, aReceivedReturn, aSoldOrder, shipped } from "../testing/after-sale.ts";
import { aSku, deliver, PRICE, sweepUntilQuiet } from "../testing/checkout.ts";
import { exchange, replacementOf, swap } from "../testing/exchanges.ts";
import { shopForFile } from "../testing/shop-for-file.ts";
import { issueInvoice } from "./issue.ts";
import { settlePapers } from "./settle.ts";
import { papersIn } from "./write-paper.ts";

setDefaultTimeout(60_000);

const shop = await shopForFile();

async function refundedReturn(orderId: OrderId, sku: string) {
  const items = [{ sku, quantity: 1, reason: "too small" }];
  const returnId = await act(shop, (context) => requestReturn(context, { orderId, items }));
  await act(shop, (context) => approveReturn(context, { returnId }));
  await act(shop, (context) => receiveReturn(context, { returnId, items: [{ sku, restock: 1, writeOff: 0 }] }));
  await act(shop, (context) => refundReturn(context, { returnId }));
  await sweepUntilQuiet(shop);
  return returnId;
}

async function credited(orderId: OrderId): Promise<number[]> {
  await settlePapers(shop, orderId);
  return (await papersIn(shop.db, orderId)).filter(({ kind }) => kind === "credit_note").map(({ total }) => total);
}

describe("a return that has been settled and closed", () => {
  test("stays credited: what comes back after it has a credit note of its own", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [3]);
    const [sku = ""] = skus;
    await issueInvoice(shop, orderId);
    await shipped(shop, orderId);
    await deliver(shop, orderId);
    const first = await refundedReturn(orderId, sku);
    expect(await credited(orderId)).toEqual([PRICE]);
    await act(shop, (context) => closeReturn(context, { returnId: first }));
    expect(await credited(orderId)).toEqual([PRICE]);
    await refundedReturn(orderId, sku);
    expect(await credited(orderId)).toEqual([PRICE, PRICE]);
  });

  test("is credited by the invoice that is asked for later, what was exchanged as well", async () => {
    const { orderId, returnId, sku } = await aReceivedReturn(shop, { quantities: [4] });
    await exchange(shop, returnId, { lines: [swap(await aSku(shop, 5), 1, 2 * PRICE)] });
    await sweepUntilQuiet(shop);
    await deliver(shop, await replacementOf(shop, returnId));
    const refunded = await refundedReturn(orderId, sku);
    for (const id of [returnId, refunded]) await act(shop, (context) => closeReturn(context, { returnId: id }));
    await issueInvoice(shop, orderId);
    expect(await credited(orderId)).toEqual([3 * PRICE]);
  });

  test("of which nothing went back is not credited", async () => {
    const { orderId, returnId } = await aReceivedReturn(shop);
    await act(shop, (context) => closeReturn(context, { returnId }));
    await issueInvoice(shop, orderId);
    expect(await credited(orderId)).toEqual([]);
  });
});
