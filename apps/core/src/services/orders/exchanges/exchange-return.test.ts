import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { money, type OrderId } from "@stoa/kernel";
import { transact } from "../../../platform/db/index.ts";
import { codeOf } from "../../../testing/index.ts";
import { findStoreCredit, issueGiftCard } from "../../payments/index.ts";
import { readDraft } from "../draft-queries.ts";
import { createInvoicingConsumer } from "../invoicing/index.ts";
import { issueInvoice } from "../invoicing/issue.ts";
import { closeReturn } from "../move-return.ts";
import { refundReturn } from "../refund-return.ts";
import { readReturn } from "../return-queries.ts";
import { invoice } from "../tables.ts";
import { act, announced, cancelAsGuest, shelfOf, shipped, timelineOf } from "../testing/after-sale.ts";
import { aCustomer, available, card, sweepUntilQuiet } from "../testing/checkout.ts";
import { pay } from "../testing/drafts.ts";
import { anExchangeableReturn, exchange, expectLinked, isSound, settled, swap } from "../testing/exchanges.ts";
import { shopForFile, viewOf } from "../testing/shop-for-file.ts";
import { viewPaymentLink } from "../view-payment-link.ts";
import { cancelExchange } from "./cancel-exchange.ts";

setDefaultTimeout(60_000);

const shop = await shopForFile();

const declined = card("pm_card_visa_chargeDeclined");

describe("an exchange for goods that cost", () => {
  test("the same moves no money; the units are the new order's", async () => {
    const { orderId, returnId, value, total, other } = await anExchangeableReturn(shop);
    const begun = await exchange(shop, returnId, { lines: [swap(other, 1, value)] });
    expect(begun).toMatchObject({ due: { amount: 0 }, back: { amount: 0 }, token: null });
    const { kept, credited, views, ...sound } = await settled(shop, [orderId, begun.orderId ?? orderId]);
    expect(sound).toEqual(isSound);
    expect(credited).toBe(value);
    const replacementId = await expectLinked(shop, orderId, returnId);
    expect(kept).toBe(total);
    expect(views[0]?.payment).toMatchObject({ state: "partially_refunded", refundedTotal: money(value, "USD") });
    expect(views[1]).toMatchObject({
      state: "confirmed",
      shippingMethod: { price: { amount: 0 } },
      payment: { state: "captured", tenders: [{ kind: "exchange", amount: money(value, "USD") }] },
    });
    expect(await shelfOf(shop, other)).toEqual({ onHand: 5, allocated: 1 });
    expect(await announced(shop, orderId, "order.refunded")).toEqual([]);
    await shipped(shop, replacementId);
    await sweepUntilQuiet(shop);
    expect((await viewOf(shop, replacementId)).state).toBe("completed");
    await act(shop, (context) => closeReturn(context, { returnId }));
  });

  test("less gives the rest back as money, once the new order stands", async () => {
    const { orderId, returnId, value, total, other } = await anExchangeableReturn(shop);
    const begun = await exchange(shop, returnId, { lines: [swap(other, 1, value - 700)] });
    expect(begun).toMatchObject({ due: { amount: 0 }, back: { amount: 700 } });
    expect(await announced(shop, orderId, "order.refunded")).toEqual([]);
    const { kept, views, ...sound } = await settled(shop, [orderId, begun.orderId ?? orderId]);
    expect(sound).toEqual({ ...isSound, credited: value - 700 });
    await expectLinked(shop, orderId, returnId);
    expect(kept).toBe(total - 700);
    expect(views[0]?.payment.refundedTotal.amount).toBe(value);
    expect(await announced(shop, orderId, "order.refunded")).toHaveLength(1);
    expect(await readReturn(shop.db, returnId)).toMatchObject({
      state: "exchanged",
      refund: { amount: { amount: 700 } },
    });
  });

  test("less may give the rest as store credit", async () => {
    const actor = aCustomer();
    const { orderId, returnId, value, total, other } = await anExchangeableReturn(shop, { actor });
    const lines = [swap(other, 1, value - 700)];
    const begun = await exchange(shop, returnId, { lines, refundTo: "store_credit" });
    const { kept, views: _, ...sound } = await settled(shop, [orderId, begun.orderId ?? orderId]);
    expect(sound).toEqual({ ...isSound, credited: value });
    expect(kept).toBe(total);
    const [account] = await findStoreCredit({ db: shop.db, now: shop.clock.now() }, actor.customerId);
    expect(account?.available).toBe(700);
  });

  test("more is made when the difference is paid by a link; until then its units are held", async () => {
    const { orderId, returnId, value, total, other } = await anExchangeableReturn(shop);
    const begun = await exchange(shop, returnId, { lines: [swap(other, 2, value)] });
    expect(begun).toMatchObject({ orderId: null, due: { amount: value }, back: { amount: 0 } });
    const token = begun.token ?? "";
    expect(await viewPaymentLink(shop.orders, token)).toMatchObject({
      state: "open",
      amountDue: money(value, "USD"),
      totals: { total: money(2 * value, "USD") },
    });
    expect(await available(shop, other)).toBe(3);
    expect(await announced(shop, orderId, "order.payment_requested")).toHaveLength(1);
    expect((await readReturn(shop.db, returnId)).state).toBe("received");
    const paid = await pay(shop, token);
    const { kept, credited, views, ...sound } = await settled(shop, [orderId, paid.orderId]);
    expect([sound, credited, kept]).toEqual([isSound, value, total + value]);
    expect(await expectLinked(shop, orderId, returnId)).toBe(paid.orderId);
    expect(views[1]?.payment.tenders).toEqual([
      { kind: "exchange", amount: money(value, "USD") },
      { kind: "stripe", amount: money(value, "USD") },
    ]);
    expect(await shelfOf(shop, other)).toEqual({ onHand: 5, allocated: 2 });
    expect(await codeOf(pay(shop, token))).toBe("state_conflict");
  });
});

describe("an exchange", () => {
  test("that several press at once is made once, and keeps the return from a refund", async () => {
    const { orderId, returnId, value, other } = await anExchangeableReturn(shop);
    const lines = [swap(other, 1, value)];
    const pressed = await Promise.allSettled(Array.from({ length: 5 }, () => exchange(shop, returnId, { lines })));
    expect(pressed.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    expect(await codeOf(act(shop, (context) => refundReturn(context, { returnId })))).toBe("state_conflict");
    expect(await codeOf(act(shop, (context) => closeReturn(context, { returnId })))).toBe("state_conflict");
    const { kept: _, credited, views: __, ...sound } = await settled(shop, [orderId]);
    expect([sound, credited]).toEqual([isSound, value]);
    await expectLinked(shop, orderId, returnId);
    expect(await shelfOf(shop, other)).toEqual({ onHand: 5, allocated: 1 });
    expect(await codeOf(act(shop, (context) => refundReturn(context, { returnId })))).toBe("state_conflict");
  });

  test("for what is sold out, unknown or not named is refused, and nothing is left of it", async () => {
    const { returnId, other } = await anExchangeableReturn(shop);
    expect(await codeOf(exchange(shop, returnId, { lines: [swap(other, 6)] }))).toBe("out_of_stock");
    expect(await codeOf(exchange(shop, returnId, { lines: [swap("NONE")] }))).toBe("out_of_stock");
    expect(await codeOf(exchange(shop, returnId, {}))).toBe("validation_failed");
    expect(await codeOf(exchange(shop, returnId, { lines: [swap(other)], refundTo: "store_credit" }))).toBe(
      "validation_failed",
    );
    const worthless = { lines: [swap(other)], restockingFee: money(1_000_000, "USD") };
    expect(await codeOf(exchange(shop, returnId, worthless))).toBe("state_conflict");
    const foreign = { lines: [swap(other)], restockingFee: money(1, "EUR") };
    expect(await codeOf(exchange(shop, returnId, foreign))).toBe("currency_mismatch");
    expect(await available(shop, other)).toBe(5);
    expect(await readReturn(shop.db, returnId)).toMatchObject({ state: "received", exchangeDraftId: null });
    await act(shop, (context) => refundReturn(context, { returnId }));
  });

  test("that is cancelled before it is paid frees its units and its return; its link is worthless", async () => {
    const { orderId, returnId, value, total, other } = await anExchangeableReturn(shop);
    const { token } = await exchange(shop, returnId, { lines: [swap(other, 2, value)] });
    await act(shop, (context) => cancelExchange(context, { returnId }));
    expect(await available(shop, other)).toBe(5);
    expect(await codeOf(pay(shop, token ?? ""))).toBe("not_found");
    expect((await timelineOf(shop, orderId)).types.slice(-2)).toEqual(["exchange_requested", "exchange_cancelled"]);
    expect(await codeOf(act(shop, (context) => cancelExchange(context, { returnId })))).toBe("state_conflict");
    await act(shop, (context) => refundReturn(context, { returnId }));
    const { kept, views: _, ...sound } = await settled(shop, [orderId]);
    expect([sound, kept]).toEqual([{ ...isSound, credited: 0 }, total - value]);
  });

  test("whose payment is declined can be paid again: the goods' value pays once", async () => {
    const { orderId, returnId, value, total, other } = await anExchangeableReturn(shop);
    const { draftId, token } = await exchange(shop, returnId, { lines: [swap(other, 2, value)] });
    const refused = await pay(shop, token ?? "", { payment: declined });
    await sweepUntilQuiet(shop);
    expect((await viewOf(shop, refused.orderId)).state).toBe("refused");
    expect(await readDraft(shop.orders, draftId)).toMatchObject({ state: "open", orderId: null });
    expect(await readReturn(shop.db, returnId)).toMatchObject({ state: "received", replacementId: null });
    const between = await settled(shop, [orderId]);
    expect(between).toMatchObject({ ...isSound, credited: 0, kept: total });
    const paid = await pay(shop, token ?? "");
    const { kept, credited, views: _, ...sound } = await settled(shop, [orderId, refused.orderId, paid.orderId]);
    expect([sound, credited, kept]).toEqual([isSound, value, total + value]);
    await expectLinked(shop, orderId, returnId);
  });

  test("of goods that a gift card had paid in part gives each its part back when the new order is cancelled", async () => {
    const asked = { amount: money(6_000, "USD"), expiresAt: null, customerId: null, reason: null };
    const issued = await transact(shop.db, (tx) =>
      issueGiftCard({ tx, now: shop.clock.now() }, { ...asked, actor: { kind: "system", name: "test" } }),
    );
    const back = await anExchangeableReturn(shop, { giftCard: issued.code, restock: 3, writeOff: 0 });
    const { orderId, returnId, value, total, other } = back;
    expect(value).toBe(total);
    const begun = await exchange(shop, returnId, { lines: [swap(other, 1, value)] });
    const replacementId = begun.orderId ?? orderId;
    const made = await settled(shop, [orderId, replacementId]);
    expect(made).toMatchObject({ ...isSound, credited: total - 6_000 });
    await cancelAsGuest(shop, replacementId);
    const { views, ...end } = await settled(shop, [orderId, replacementId]);
    expect(end).toEqual({ ...isSound, credited: 0, kept: 0 });
    expect(views.map(({ payment }) => payment.refundedTotal.amount)).toEqual([value, value]);
    const [balance] = await shop.db.execute<{ balance: string }>(
      `select balance from payments.gift_card where kind = 'gift_card' and last4 = '${issued.last4}'`,
    );
    expect(Number(balance?.balance)).toBe(6_000);
  });

  test("bills the new order and credits the old one for what was given", async () => {
    const { orderId, returnId, value, other } = await anExchangeableReturn(shop);
    await issueInvoice(shop.orders, orderId);
    const begun = await exchange(shop, returnId, { lines: [swap(other, 1, value - 100)] });
    await settled(shop, [orderId]);
    await issueInvoice(shop.orders, begun.orderId ?? orderId);
    const consumer = createInvoicingConsumer(shop.orders);
    for (const type of ["return.changed", "order.refunded"] as const) {
      for (const payload of await announced(shop, orderId, type)) await consumer[type]?.({ payload });
    }
    const papers = await shop.db.select().from(invoice);
    const of = (id: OrderId) => papers.filter((paper) => paper.orderId === id).map(({ kind, total }) => [kind, total]);
    expect(of(begun.orderId ?? orderId)).toEqual([["invoice", value - 100]]);
    expect(of(orderId).slice(1)).toEqual([["credit_note", value]]);
  });
});
