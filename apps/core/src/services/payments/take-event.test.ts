import { afterAll, beforeAll, expect, test } from "bun:test";
import { eq } from "drizzle-orm";
import { providerEvent } from "./tables.ts";
import { takeProviderEvent } from "./take-event.ts";
import { authorize, paymentRow, type TestShop, testOrder, testShop } from "./testing/shop.ts";

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
    expect(left).toBe(row?.id ?? null);
    expect(row).toMatchObject({ result: null, appliedAt: null, attempts: 0 });
  }
});
