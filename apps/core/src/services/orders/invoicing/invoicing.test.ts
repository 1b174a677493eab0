import { expect, setDefaultTimeout, test } from "bun:test";
import { money, newId, type OrderId } from "@stoa/kernel";
import { eq, sql } from "drizzle-orm";
import { transact } from "../../../platform/db/index.ts";
import type { Actor } from "../../../platform/rpc/index.ts";
import { writeSetting } from "../../../platform/settings/index.ts";
import { auditLog } from "../../../platform/tables.ts";
import { saveTaxRate } from "../../carts/index.ts";
import { createPaymentVerbs } from "../../payments/index.ts";
import { cancelOrder } from "../cancel-order.ts";
import { eraseFromOrders } from "../erase-customer.ts";
import { orderAccessToken } from "../order-token.ts";
import { invoice, order } from "../tables.ts";
import { aCart, aSku, deliver, place } from "../testing/checkout.ts";
import { shopForFile } from "../testing/shop-for-file.ts";
import { createInvoicingConsumer, createInvoicingRouter } from "./index.ts";
import { findInvoice, issueInvoice } from "./issue.ts";
import { invoicingSetting } from "./settings.ts";
import { settlePapers } from "./settle.ts";
import { papersIn } from "./write-paper.ts";

setDefaultTimeout(60_000);

const shop = await shopForFile();
const rate = { country: "DE", taxClass: "standard", name: "VAT", basisPoints: 1_900, isIncluded: true };
await transact(shop.db, (tx) => saveTaxRate({ tx, now: shop.clock.now() }, rate));

const staff: Actor = {
  ...{ kind: "staff", staffId: newId("stf"), userId: "s", name: "Sam", email: "sam@shop.example", roles: [] },
  rights: new Set(["orders:read", "orders:write", "settings:write"]),
};

function callerOf(actor: Actor) {
  const context = { actor, requestId: crypto.randomUUID(), traceparent: null, idempotencyKey: null, clock: shop.clock };
  return createInvoicingRouter(shop).createCaller(context);
}

async function aConfirmedOrder(): Promise<OrderId> {
  const orderId = await place(shop, await aCart(shop, await aSku(shop, 5), 2));
  await deliver(shop, orderId);
  return orderId;
}

/** Staff give money back for nothing in particular. */
async function giveBack(orderId: OrderId, amount: number): Promise<void> {
  const verb = createPaymentVerbs(shop.orders.payments).refundOrder;
  const asked = { orderId, amount: money(amount, "USD"), reason: "goodwill", cause: `staff/${crypto.randomUUID()}` };
  const prepared = await transact(shop.db, (tx) => verb.prepare({ tx, now: shop.clock.now() }, asked));
  const reports = await verb.call(prepared);
  await transact(shop.db, (tx) => verb.settle({ tx, now: shop.clock.now() }, prepared, reports));
}

const refusal = (code: string) => ({ cause: { code } });
const sequencesOf = async (kind: "invoice" | "credit_note") =>
  (await shop.db.select({ sequence: invoice.sequence }).from(invoice).where(eq(invoice.kind, kind)))
    .map(({ sequence }) => sequence)
    .sort((left, right) => left - right);

test("twenty invoices issued at once, each asked for twice, have numbers without a gap and one an order", async () => {
  const orders = await Promise.all(Array.from({ length: 20 }, aConfirmedOrder));
  const issued = await Promise.all([...orders, ...orders].map((orderId) => issueInvoice(shop, orderId)));
  expect(new Set(issued.map(({ number }) => number)).size).toBe(20);
  const sequences = await sequencesOf("invoice");
  expect(sequences).toEqual(sequences.map((_, index) => index + 1));
});

test("a number that was taken by a transaction that fails is given again", async () => {
  const before = (await sequencesOf("invoice")).length;
  const orderId = await aConfirmedOrder();
  const taken = shop.db.transaction(async (tx) => {
    await tx.execute(sql`update orders.invoice_series set next = next + 1 where kind = 'invoice'`);
    throw new Error("no");
  });
  await expect(taken).rejects.toThrow("no");
  expect((await issueInvoice(shop, orderId)).sequence).toBe(before + 1);
});

test("an invoice keeps its figures and words, whatever is set later, and renders to the same bytes", async () => {
  const orderId = await aConfirmedOrder();
  const accessToken = orderAccessToken("t".repeat(32), orderId);
  const guest = callerOf({ kind: "guest" });
  const first = await guest.invoice({ orderId, accessToken });
  expect(first.filename).toMatch(/^INV-\d{6}\.pdf$/);
  const seller = { name: "Another name", lines: [], taxId: null, email: null };
  await callerOf(staff).staff.settings.save({ ...invoicingSetting.fallback, seller, invoicePrefix: "R-" });
  shop.clock.advance(86_400_000);
  expect(await guest.invoice({ orderId, accessToken })).toEqual(first);
  const row = await findInvoice(shop.db, orderId);
  expect(row?.document).toMatchObject({
    seller: { name: "Stoa shop" },
    lines: [{ quantity: 2, total: { amount: 5_000 } }],
    taxes: [{ name: "VAT", basisPoints: 1_900, included: true, amount: { amount: 798 } }],
  });
  expect(row?.total).toBe(row?.document.total.amount ?? -1);
  const nowhere = { ...invoicingSetting.fallback, timeZone: "Mars/Olympus" };
  await expect(callerOf(staff).staff.settings.save(nowhere)).rejects.toMatchObject({ code: "BAD_REQUEST" });
  await transact(shop.db, (tx) => writeSetting(tx, shop.clock.now(), invoicingSetting, invoicingSetting.fallback));
});

test("nobody sees the papers of a stranger's order, and an order that is not confirmed has none", async () => {
  const orderId = await aConfirmedOrder();
  const paper = await callerOf(staff).staff.issue({ orderId });
  const strangers: Actor[] = [
    { kind: "guest" },
    { kind: "customer", customerId: newId("cus"), userId: "u", email: "e@example.com", emailVerified: true },
  ];
  for (const actor of strangers) {
    const caller = callerOf(actor);
    await expect(caller.invoice({ orderId })).rejects.toMatchObject(refusal("not_found"));
    await expect(caller.invoice({ orderId, accessToken: "wrong" })).rejects.toMatchObject(refusal("not_found"));
    await expect(caller.documents({ orderId })).rejects.toMatchObject(refusal("not_found"));
    await expect(caller.document({ orderId, id: paper.id })).rejects.toMatchObject(refusal("not_found"));
    await expect(caller.staff.list({ orderId })).rejects.toMatchObject(refusal("unauthenticated"));
    await expect(caller.staff.issue({ orderId })).rejects.toMatchObject(refusal("unauthenticated"));
  }
  const other = await aConfirmedOrder();
  await expect(callerOf(staff).staff.download({ orderId: other, id: paper.id })).rejects.toMatchObject(
    refusal("not_found"),
  );
  const pending = await place(shop, await aCart(shop, await aSku(shop, 1)));
  await expect(issueInvoice(shop, pending)).rejects.toMatchObject({ code: "not_found" });
});

test("credit notes never add up to more than the invoice, each refund has one, and together they take back its taxes", async () => {
  const orderId = await aConfirmedOrder();
  await settlePapers(shop, orderId);
  expect(await papersIn(shop.db, orderId)).toEqual([]);
  const billed = await issueInvoice(shop, orderId);
  for (const amount of [1_000, 1_500, 1_500]) {
    await giveBack(orderId, amount);
    await Promise.all([1, 2, 3].map(() => settlePapers(shop, orderId)));
  }
  await cancelOrder(shop.orders, staff, { orderId });
  await settlePapers(shop, orderId);
  const notes = (await papersIn(shop.db, orderId)).filter(({ kind }) => kind === "credit_note");
  expect(notes.map(({ total }) => total)).toEqual([1_000, 1_500, 1_500, billed.total - 4_000]);
  const tax = (document: typeof billed.document) => document.taxes.reduce((sum, { amount }) => sum + amount.amount, 0);
  expect(notes.reduce((sum, note) => sum + tax(note.document), 0)).toBe(tax(billed.document));
  const caller = callerOf({ kind: "guest" });
  const shown = { orderId, accessToken: orderAccessToken("t".repeat(32), orderId) };
  const documents = await caller.documents(shown);
  expect({ items: documents }).toEqual(await callerOf(staff).staff.list({ orderId }));
  expect(documents.map(({ number, corrects }) => [number, corrects])).toEqual([
    [billed.number, undefined],
    ...notes.map(({ number }) => [number, billed.number] as [string, string | undefined]),
  ]);
  for (const { id } of documents) {
    const file = await caller.document({ ...shown, id });
    expect(Buffer.from(file.base64, "base64").toString("latin1")).toStartWith("%PDF-");
  }
});

test("messages issue papers once: at the confirmation when the shop wants that, and for a cancellation of what was billed", async () => {
  const consumer = createInvoicingConsumer(shop);
  const tell = async (type: string, orderId: OrderId) => {
    for (let delivery = 0; delivery < 2; delivery += 1) await consumer[type]?.({ payload: { orderId, items: [] } });
    return (await shop.db.select().from(invoice).where(eq(invoice.orderId, orderId))).map(({ kind }) => kind).sort();
  };
  const orderId = await aConfirmedOrder();
  expect(await tell("order.confirmed", orderId)).toEqual([]);
  const eager = { ...invoicingSetting.fallback, issue: "at_confirmation" } as const;
  await transact(shop.db, (tx) => writeSetting(tx, shop.clock.now(), invoicingSetting, eager));
  expect(await tell("order.confirmed", orderId)).toEqual(["invoice"]);
  expect(await tell("order.cancelled", orderId)).toEqual(["invoice"]);
  await cancelOrder(shop.orders, staff, { orderId });
  expect(await tell("order.cancelled", orderId)).toEqual(["credit_note", "invoice"]);
  await transact(shop.db, (tx) => writeSetting(tx, shop.clock.now(), invoicingSetting, invoicingSetting.fallback));
});

test("an erased customer's invoice keeps its number and figures, and nothing of the person", async () => {
  const orderId = await aConfirmedOrder();
  const customerId = newId("cus");
  await shop.db.update(order).set({ customerId }).where(eq(order.id, orderId));
  const before = await issueInvoice(shop, orderId);
  expect(before.document.buyer).toEqual(["Ada", "Main St 1", "10115 Berlin", "Germany"]);
  await transact(shop.db, (tx) => eraseFromOrders(tx, shop.clock.now(), customerId));
  const after = await findInvoice(shop.db, orderId);
  expect(after?.document).toEqual({ ...before.document, buyer: [], shipTo: [] });
});

test("staff who issue an invoice stand in the audit log with it, once, however often and at once they ask", async () => {
  const orderId = await aConfirmedOrder();
  const views = await Promise.all([1, 2, 3].map(() => callerOf(staff).staff.issue({ orderId })));
  expect(new Set(views.map(({ number }) => number)).size).toBe(1);
  const rows = await shop.db.select().from(auditLog).where(eq(auditLog.entityId, orderId));
  expect(rows).toMatchObject([{ action: "invoice.issued", actorName: "Sam", after: { number: views[0]?.number } }]);
});
