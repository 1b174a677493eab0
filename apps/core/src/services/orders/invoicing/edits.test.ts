import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { OrderId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { transact } from "../../../platform/db/index.ts";
import { saveTaxRate } from "../../carts/index.ts";
import { cancelOrder } from "../cancel-order.ts";
import { approveReturn } from "../move-return.ts";
import type { ChangeContent } from "../order-change.ts";
import { receiveReturn } from "../receive-return.ts";
import { refundReturn } from "../refund-return.ts";
import { requestReturn } from "../request-return.ts";
import { orderChange } from "../tables.ts";
import { act, announced, aSoldOrder, shipped } from "../testing/after-sale.ts";
import { aSku, leftBehind, PRICE, sweepUntilQuiet } from "../testing/checkout.ts";
import { at, edit, payEdit, pricer } from "../testing/edits.ts";
import { shopForFile } from "../testing/shop-for-file.ts";
import { createInvoicingConsumer } from "./index.ts";
import { issueInvoice } from "./issue.ts";
import { papersIn } from "./write-paper.ts";

setDefaultTimeout(60_000);

const shop = await shopForFile();
const rate = { country: "DE", taxClass: "standard", name: "VAT", basisPoints: 1_900, isIncluded: true };
await transact(shop.db, (tx) => saveTaxRate({ tx, now: shop.clock.now() }, rate));

async function editPaid(orderId: OrderId, content: Partial<ChangeContent>): Promise<void> {
  const change = await edit(shop, orderId, content);
  if (change.state === "awaiting_payment") await payEdit(shop, change);
}

/** The papers of an order once all that was announced about it has been delivered, all of it twice. */
async function told(orderId: OrderId) {
  await sweepUntilQuiet(shop);
  const consumer = createInvoicingConsumer(shop);
  for (const type of ["order.revalued", "order.cancelled", "order.refunded", "return.changed"]) {
    for (const payload of await announced(shop, orderId, type)) {
      for (let delivery = 0; delivery < 2; delivery += 1) await consumer[type]?.({ payload });
    }
  }
  return papersIn(shop.db, orderId);
}

describe("an edit of an order that has been billed", () => {
  test("gives an invoice of its own for what it puts in, and a credit note over the first one for what it takes out", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [2, 1]);
    const first = await issueInvoice(shop, orderId);
    const extra = await aSku(shop, 5);
    await editPaid(orderId, { remove: [{ sku: skus[1] ?? "", quantity: 1 }], add: [at(extra, 9_000, 2)] });
    const [, supplement, note] = await told(orderId);
    expect(supplement).toMatchObject({
      kind: "invoice",
      total: 18_000,
      document: {
        lines: [{ quantity: 2, total: { amount: 18_000 } }],
        subtotal: { amount: 18_000 },
        shipping: { amount: 0 },
        taxes: [{ name: "VAT", taxable: { amount: 18_000 }, amount: { amount: 2_874 } }],
      },
    });
    expect(supplement?.sequence).toBe(first.sequence + 1);
    expect(note).toMatchObject({
      kind: "credit_note",
      correctsId: first.id,
      document: { creditsNumber: first.number },
    });
    const { charges } = await leftBehind(shop, orderId, extra);
    expect(first.total + 18_000 - (note?.total ?? 0)).toBe(charges.reduce((sum, { amount }) => sum + amount, 0));
    await editPaid(orderId, { remove: [{ sku: extra, quantity: 1 }] });
    expect((await told(orderId)).at(-1)).toMatchObject({
      kind: "credit_note",
      total: 9_000,
      correctsId: supplement?.id,
      document: { creditsNumber: supplement?.number },
    });
  });

  test("and a return of goods of both is credited on both, each for its own goods", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [2]);
    const first = await issueInvoice(shop, orderId);
    const extra = await aSku(shop, 5);
    await editPaid(orderId, { add: [at(extra, 3_000)] });
    const supplement = (await told(orderId)).at(-1);
    await shipped(shop, orderId);
    const items = [skus[0] ?? "", extra].map((sku) => ({ sku, quantity: 1, reason: "too small" }));
    const returnId = await act(shop, (context) => requestReturn(context, { orderId, items }));
    await act(shop, (context) => approveReturn(context, { returnId }));
    const back = items.map(({ sku }) => ({ sku, restock: 1, writeOff: 0 }));
    await act(shop, (context) => receiveReturn(context, { returnId, items: back }));
    await act(shop, (context) => refundReturn(context, { returnId }));
    const notes = (await told(orderId)).filter(({ kind }) => kind === "credit_note");
    expect(notes.map(({ correctsId, total }) => [correctsId, total])).toEqual([
      [first.id, PRICE],
      [supplement?.id ?? null, 3_000],
    ]);
  });

  test("that came before the first invoice stands in that one; what it took out is credited at once", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [2]);
    const extra = await aSku(shop, 5);
    await editPaid(orderId, { remove: [{ sku: skus[0] ?? "", quantity: 1 }], add: [{ sku: extra, quantity: 1 }] });
    expect(await told(orderId)).toEqual([]);
    const first = await issueInvoice(shop, orderId);
    expect(first.document.lines).toHaveLength(2);
    const papers = await told(orderId);
    expect(papers.map(({ kind }) => kind)).toEqual(["invoice", "credit_note"]);
    expect(first.total - (papers[1]?.total ?? 0)).toBe(
      (await leftBehind(shop, orderId, extra)).charges[0]?.amount ?? -1,
    );
  });

  test("that nobody pays for, or that is cancelled before it is told, is not billed", async () => {
    const { orderId } = await aSoldOrder(shop, [2]);
    await issueInvoice(shop, orderId);
    const extra = await aSku(shop, 5);
    await edit(shop, orderId, { add: [{ sku: extra, quantity: 1 }] });
    expect(await told(orderId)).toHaveLength(1);
    await shop.db.update(orderChange).set({ state: "expired" }).where(eq(orderChange.orderId, orderId));
    await editPaid(orderId, { add: [{ sku: extra, quantity: 1 }] });
    await sweepUntilQuiet(shop);
    await cancelOrder(shop.orders, pricer, { orderId });
    expect((await told(orderId)).map(({ kind }) => kind)).toEqual(["invoice", "credit_note"]);
  });
});
