import { afterAll, beforeAll, expect, test } from "bun:test";
import { type CustomerId, money, type OrderId, type ReturnId } from "@stoa/kernel";
import { desc, eq } from "drizzle-orm";
import { transact } from "../../platform/db/index.ts";
import {
  createPaymentVerbs,
  findRefund,
  findStoreCredit,
  issueGiftCard,
  trialBalance,
  verifyCredits,
} from "../payments/index.ts";
import { createInvoicingConsumer } from "./invoicing/index.ts";
import { issueInvoice } from "./invoicing/issue.ts";
import { readOrder } from "./queries.ts";
import { type RefundReturn, refundReturn } from "./refund-return.ts";
import { readReturn } from "./return-queries.ts";
import { invoice } from "./tables.ts";
import { act, announced, aReceivedReturn, countersOf, timelineOf } from "./testing/after-sale.ts";
import { aCustomer, aShop, leftBehind, type Shop } from "./testing/checkout.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await aShop();
}, 60_000);
afterAll(async () => {
  expect(await verifyCredits(shop.db)).toEqual([]);
  expect(await trialBalance(shop.db)).toMatchObject({ isBalanced: true });
  await shop[Symbol.asyncDispose]();
});

const asCredit = (returnId: ReturnId, more: Partial<RefundReturn> = {}) =>
  act(shop, (context) => refundReturn(context, { returnId, refundTo: "store_credit", ...more }));

async function creditOf(customerId: CustomerId): Promise<number> {
  const accounts = await findStoreCredit({ db: shop.db, now: shop.clock.now() }, customerId);
  return accounts.reduce((sum, account) => sum + account.available, 0);
}

async function refundMoney(orderId: OrderId, amount: number): Promise<unknown> {
  const verb = createPaymentVerbs(shop.orders.payments).refundOrder;
  const order = { orderId, amount: money(amount, "USD"), reason: "goodwill", cause: `test/${crypto.randomUUID()}` };
  const prepared = await transact(shop.db, (tx) => verb.prepare({ tx, now: shop.clock.now() }, order));
  const reports = await verb.call(prepared);
  return transact(shop.db, (tx) => verb.settle({ tx, now: shop.clock.now() }, prepared, reports));
}

test("a return may become store credit instead of money: at once, booked, told and credited like a refund", async () => {
  const actor = aCustomer();
  const { orderId, returnId, sku } = await aReceivedReturn(shop, { actor });
  const { amount } = (await readReturn(shop.db, returnId)).paid;
  await issueInvoice(shop.orders, orderId);
  await asCredit(returnId);
  expect(await readReturn(shop.db, returnId)).toMatchObject({
    state: "refunded",
    refund: { amount: money(amount, "USD"), to: "store_credit" },
  });
  expect(await creditOf(actor.customerId)).toBe(amount);
  const { charges, view } = await leftBehind(shop, orderId, sku);
  expect(charges).toMatchObject([{ state: "captured" }]);
  expect(view.payment).toMatchObject({ state: "partially_refunded", refundedTotal: money(amount, "USD") });
  expect((await countersOf(shop, orderId)).reduce((sum, line) => sum + line.refunded, 0)).toBe(amount);
  expect((await timelineOf(shop, orderId)).types.slice(-2)).toEqual(["return_refunded", "payment_refunded"]);
  const told = await announced(shop, orderId, "order.refunded");
  expect(told).toHaveLength(1);
  const { refundId } = told[0] as { refundId: string };
  expect(await findRefund(shop.db, refundId)).toEqual({ amount: money(amount, "USD"), to: "store_credit" });
  const consumer = createInvoicingConsumer(shop.orders);
  for (const payload of [...told, ...told]) await consumer["order.refunded"]?.({ payload });
  const papers = await shop.db.select().from(invoice).where(eq(invoice.orderId, orderId)).orderBy(desc(invoice.kind));
  expect(papers.map(({ kind, total }) => [kind, total])).toEqual([
    ["invoice", view.totals.total.amount],
    ["credit_note", amount],
  ]);
});

test("store credit and money together are never more than was paid", async () => {
  const { orderId, returnId } = await aReceivedReturn(shop, { actor: aCustomer() });
  const { amount } = (await readReturn(shop.db, returnId)).paid;
  const { total } = (await readOrder(shop.db, orderId)).view.totals;
  await refundMoney(orderId, total.amount - amount + 1);
  await expect(asCredit(returnId)).rejects.toMatchObject({ code: "state_conflict" });
  expect(await readReturn(shop.db, returnId)).toMatchObject({ state: "received", refund: null });
  await asCredit(returnId, { amount: { amount: amount - 1, currency: "USD" }, reason: "the rest went back" });
  await expect(refundMoney(orderId, 1)).rejects.toMatchObject({ code: "state_conflict" });
  expect((await readOrder(shop.db, orderId)).view.payment).toMatchObject({ state: "refunded", refundedTotal: total });
});

test("several who press at once give it once", async () => {
  const actor = aCustomer();
  const { returnId } = await aReceivedReturn(shop, { actor });
  const { amount } = (await readReturn(shop.db, returnId)).paid;
  const pressed = await Promise.allSettled(Array.from({ length: 5 }, () => asCredit(returnId)));
  expect(pressed.filter((one) => one.status === "fulfilled")).toHaveLength(1);
  expect(await creditOf(actor.customerId)).toBe(amount);
});

test("what a gift card had paid becomes store credit too, behind what the provider took", async () => {
  const actor = aCustomer();
  const asked = { amount: money(6_000, "USD"), expiresAt: null, customerId: null, reason: null };
  const { code } = await transact(shop.db, (tx) =>
    issueGiftCard({ tx, now: shop.clock.now() }, { ...asked, actor: { kind: "system", name: "test" } }),
  );
  const { orderId, returnId } = await aReceivedReturn(shop, { actor, giftCard: code, restock: 3, writeOff: 0 });
  const { view } = await readOrder(shop.db, orderId);
  await asCredit(returnId);
  expect(await creditOf(actor.customerId)).toBe(view.totals.total.amount);
  expect((await readOrder(shop.db, orderId)).view.payment).toMatchObject({
    state: "refunded",
    refundedTotal: view.totals.total,
  });
  await expect(refundMoney(orderId, 1)).rejects.toMatchObject({ code: "state_conflict" });
});

test("a guest has no account for it", async () => {
  const { returnId } = await aReceivedReturn(shop);
  await expect(asCredit(returnId)).rejects.toMatchObject({ code: "validation_failed" });
  expect(await readReturn(shop.db, returnId)).toMatchObject({ state: "received", refund: null });
});
