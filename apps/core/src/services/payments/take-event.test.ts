import { afterAll, beforeAll, expect, test } from "bun:test";
import { eq } from "drizzle-orm";
import { payment, providerEvent } from "./tables.ts";
import { settleKnownEvent, takeProviderEvent } from "./take-event.ts";
import { authorize, paymentRow, prepareAuthorization, type TestShop, testOrder, testShop } from "./testing/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

async function heldIntent() {
  const order = testOrder();
  await authorize(shop, order);
  const { id, providerReference } = await paymentRow(shop, order);
  return { paymentId: id, intent: await shop.stripeClient.paymentIntents.retrieve(providerReference ?? "") };
}

async function take(type: string, object: unknown) {
  const eventId = `evt_${crypto.randomUUID()}`;
  const rawBody = JSON.stringify({ id: eventId, type, data: { object } });
  const left = await takeProviderEvent(shop.deps, { provider: "stripe", rawBody, verdict: "signature_valid" });
  const [row] = await shop.db.select().from(providerEvent).where(eq(providerEvent.eventId, eventId));
  return { left, row };
}

test("an event that says what our own call was answered is stored and over at once", async () => {
  const { paymentId, intent } = await heldIntent();
  const { left, row } = await take("payment_intent.amount_capturable_updated", intent);
  expect(left).toBeNull();
  expect(row).toMatchObject({ result: "applied", paymentId, attempts: 1 });
  expect(row?.appliedAt).not.toBeNull();
});

test("an event of a kind that tells nothing about payments is ignored at once", async () => {
  const { left, row } = await take("customer.created", { id: "cus_1" });
  expect([left, row?.result]).toEqual([null, "ignored"]);
});

test("news, another amount, another object and what cannot be read are left to apply", async () => {
  const { intent } = await heldIntent();
  const others: [string, unknown][] = [
    ["payment_intent.succeeded", { ...intent, status: "succeeded", amount_received: intent.amount }],
    ["payment_intent.amount_capturable_updated", { ...intent, amount_capturable: intent.amount - 1 }],
    ["payment_intent.amount_capturable_updated", { ...intent, id: "pi_other" }],
    ["payment_intent.amount_capturable_updated", { id: intent.id }],
  ];
  for (const [type, object] of others) {
    const { left, row } = await take(type, object);
    expect(left).toMatchObject({ id: row?.id, isAnswerDue: false });
    expect(row).toMatchObject({ result: null, appliedAt: null, attempts: 0 });
  }
});

/** A payment whose hold the provider has made, and whose answer nobody has written down. */
async function answerOnItsWay() {
  const order = testOrder();
  const { authorizePayment } = shop.verbs;
  const prepared = await prepareAuthorization(shop, order);
  const report = await authorizePayment.call(prepared);
  const { providerReference } = await paymentRow(shop, order);
  const intent = await shop.stripeClient.paymentIntents.retrieve(providerReference ?? "");
  const settle = () =>
    shop.db.transaction((tx) => authorizePayment.settle({ tx, now: shop.deps.clock.now() }, prepared, report));
  return { order, intent, settle };
}

test("an event that overtakes the answer to our own call is over once that is written down, though somebody is at the payment", async () => {
  const { order, intent, settle } = await answerOnItsWay();
  const { left } = await take("payment_intent.amount_capturable_updated", intent);
  if (!left) throw new Error("it was known");
  expect(left.isAnswerDue).toBe(true);
  expect(await settleKnownEvent(shop.deps, left)).toBe(false);
  await settle();
  await shop.db.transaction(async (tx) => {
    await tx.select().from(payment).where(eq(payment.orderId, order.orderId)).for("update");
    expect(await settleKnownEvent(shop.deps, left)).toBe(true);
  });
  const { id: paymentId } = await paymentRow(shop, order);
  const [row] = await shop.db.select().from(providerEvent).where(eq(providerEvent.id, left.id));
  expect(row).toMatchObject({ result: "applied", paymentId, attempts: 1, error: null });
  expect(row?.appliedAt).not.toBeNull();
  expect(await settleKnownEvent(shop.deps, left)).toBe(false);
});
