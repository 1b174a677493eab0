import { expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { Actor } from "../../platform/rpc/index.ts";
import { runSaga } from "../../platform/saga/index.ts";
import { auditLog } from "../../platform/tables.ts";
import { codeOf } from "../../testing/index.ts";
import { createChangesRouter } from "./changes-router.ts";
import { requestedPayment } from "./mail-facts.ts";
import { orderPaymentRequested } from "./messages.ts";
import { awaitChange, payChangeByLink } from "./pay-change.ts";
import { announced, aSoldOrder, staffWith } from "./testing/after-sale.ts";
import { aSku, card, guest, PRICE, sweepUntilQuiet } from "./testing/checkout.ts";
import { shopForFile } from "./testing/shop-for-file.ts";
import { viewPaymentLink } from "./view-payment-link.ts";

const shop = await shopForFile();

const clerk = staffWith("orders:read", "orders:write");

function caller(actor: Actor = clerk, idempotencyKey: string | null = null) {
  const context = { actor, requestId: "req", traceparent: null, idempotencyKey, clock: shop.clock };
  return createChangesRouter(shop.orders).createCaller(context);
}

/** An edit that has to be paid, and its link. */
async function anEdit() {
  const { orderId, skus } = await aSoldOrder(shop, [2]);
  const extra = await aSku(shop, 5);
  const content = { add: [{ sku: extra, quantity: 1 }] };
  const { version } = await caller().preview({ orderId, content });
  const committed = await caller().commit({ orderId, content, version, reason: "one more" });
  if (committed.token === null) throw new Error("no link");
  return { orderId, sku: skus[0] ?? "", extra, token: committed.token, changeId: committed.id };
}

const payBy = (token: string, paymentMethod: string, idempotencyKey: string = crypto.randomUUID()) =>
  payChangeByLink(shop.orders, {
    token,
    idempotencyKey,
    payment: { ...card(paymentMethod), returnUrl: "https://shop.example/done" },
  });

test("an edit from preview to its end, in the audit log by who made it, without its link", async () => {
  const { orderId, changeId, token, extra } = await anEdit();
  const listed = await caller().ofOrder({ orderId });
  expect(listed.items).toMatchObject([
    { id: changeId, state: "awaiting_payment", added: [{ sku: extra, quantity: 1 }], difference: { amount: PRICE } },
  ]);
  expect(JSON.stringify(listed)).not.toContain(token);
  await caller().cancel({ id: changeId });
  expect((await caller().ofOrder({ orderId })).items[0]?.state).toBe("cancelled");
  const rows = (await shop.db.select().from(auditLog)).filter((row) => row.entityId === orderId);
  expect(rows.map((row) => [row.action, row.actorName])).toEqual([
    ["order.edited", "Grace"],
    ["order.edit_cancelled", "Grace"],
  ]);
  expect(JSON.stringify(rows)).not.toContain(token);
});

test("an edit that is sent again under its key answers the same link, which is kept nowhere", async () => {
  const { orderId } = await aSoldOrder(shop, [2]);
  const content = { add: [{ sku: await aSku(shop, 5), quantity: 1 }] };
  const { version } = await caller().preview({ orderId, content });
  const keyed = caller(clerk, crypto.randomUUID());
  const commit = () => keyed.commit({ orderId, content, version, reason: "one more" });
  const [first, again] = [await commit(), await commit()];
  expect(again).toEqual(first);
  expect(first.token).toEqual(expect.any(String));
  const answers = await shop.db.execute(sql`select answer::text as answer from platform.idempotency_key`);
  expect(JSON.stringify(answers)).toContain(first.id);
  expect(JSON.stringify(answers)).not.toContain(first.token ?? "");
});

test("the mail that asks for an edit's difference is told its link, as long as it is asked for", async () => {
  const { orderId, token, changeId } = await anEdit();
  const [message] = await announced(shop, orderId, "order.payment_requested");
  const { requestId } = orderPaymentRequested.schema.parse(message);
  expect(await requestedPayment(shop.orders, requestId)).toMatchObject({ token, amount: { amount: PRICE } });
  await caller().cancel({ id: changeId });
  expect(await requestedPayment(shop.orders, requestId)).toBeNull();
});

test("an edit's link shows what is put in and what is due; paid, it has taken effect", async () => {
  const { token, extra, sku } = await anEdit();
  const link = await viewPaymentLink(shop.orders, token);
  expect(link).toMatchObject({ state: "open", amountDue: { amount: PRICE }, items: [{ sku: extra, quantity: 1 }] });
  expect(link.totals.subtotal.amount).toBe(3 * PRICE);
  expect(JSON.stringify(link)).not.toMatch(/Ada|ada@|Main St/);
  const { value } = await payBy(token, "pm_card_visa");
  await sweepUntilQuiet(shop);
  const { order, isDue } = await awaitChange(shop.orders, value, 0);
  expect(isDue).toBe(false);
  expect(order.view.items.map((item) => item.sku)).toEqual([sku, extra]);
  expect(await viewPaymentLink(shop.orders, token)).toMatchObject({ state: "paid", amountDue: { amount: 0 } });
  expect(await codeOf(payBy(token, "pm_card_visa"))).toBe("state_conflict");
});

test("a shopper who has to authenticate is told so, and one whose card is declined as well", async () => {
  const { token, orderId } = await anEdit();
  const asking = (await payBy(token, "pm_card_authenticationRequired")).value;
  const early = await awaitChange(shop.orders, asking, 0);
  expect(early.isDue).toBe(true);
  await runSaga(shop.engine, asking.sagaId);
  const { order, isDue } = await awaitChange(shop.orders, asking, 1_000);
  expect([isDue, order.view.payment.nextAction?.type]).toEqual([true, "redirect"]);
  const declined = (await payBy(token, "pm_card_visa_chargeDeclined")).value;
  await sweepUntilQuiet(shop);
  const refused = await awaitChange(shop.orders, declined, 0).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "payment_declined", members: { orderId } });
});

test("the same key begins one payment, and a link of a cancelled edit is none", async () => {
  const { token, changeId } = await anEdit();
  const both = await Promise.all([payBy(token, "pm_card_visa", "k"), payBy(token, "pm_card_visa", "k")]);
  expect(both[0]?.value).toEqual(both[1]?.value);
  expect(await codeOf(payBy(token, "pm_card_mastercard", "k"))).toBe("idempotency_key_reused");
  await sweepUntilQuiet(shop);
  expect(await codeOf(caller().cancel({ id: changeId }))).toBe("state_conflict");
  const other = await anEdit();
  await caller().cancel({ id: other.changeId });
  expect(await codeOf(viewPaymentLink(shop.orders, other.token))).toBe("not_found");
  expect(await codeOf(payBy(other.token, "pm_card_visa"))).toBe("not_found");
  expect(await codeOf(payBy("x".repeat(43), "pm_card_visa"))).toBe("not_found");
});

test("reading needs orders:read, everything else orders:write, and shoppers may nothing", async () => {
  const [orderId, changeId] = [newId("ord"), newId("chg")];
  const content = { add: [{ sku: "A", quantity: 1 }] };
  type Changes = ReturnType<typeof caller>;
  const reading: ((changes: Changes) => Promise<unknown>)[] = [(changes) => changes.ofOrder({ orderId })];
  const writing: typeof reading = [
    (changes) => changes.preview({ orderId, content }),
    (changes) => changes.commit({ orderId, content, version: 1, reason: "x" }),
    (changes) => changes.acceptManually({ id: changeId }),
    (changes) => changes.cancel({ id: changeId }),
  ];
  for (const call of [...reading, ...writing]) expect(await codeOf(call(caller(guest)))).toBe("unauthenticated");
  for (const call of reading) await call(caller(staffWith("orders:read")));
  for (const call of writing) expect(await codeOf(call(caller(staffWith("orders:read"))))).toBe("forbidden");
  for (const call of writing) expect(await codeOf(call(caller()))).toBe("not_found");
});

test("what is no edit is refused at the door", async () => {
  const orderId = newId("ord");
  for (const content of [
    {},
    { remove: [], add: [] },
    { remove: [{ sku: "A", quantity: 0 }] },
    { add: [{ sku: "A", quantity: 1, price: 1 }] },
    {
      add: [
        { sku: "A", quantity: 1 },
        { sku: "A", quantity: 1 },
      ],
    },
  ])
    expect(await codeOf(caller().preview({ orderId, content: content as never }))).toBe("validation_failed");
});
