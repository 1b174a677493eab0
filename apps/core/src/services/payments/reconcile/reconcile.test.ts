import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { money, newId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { transact } from "../../../platform/db/index.ts";
import { writeSetting } from "../../../platform/settings/index.ts";
import { paymentsSetting } from "../settings.ts";
import { payment } from "../tables.ts";
import { storeProviderEvent } from "../take-event.ts";
import {
  authorize,
  capture,
  decide,
  paymentRow,
  release,
  type TestOrder,
  type TestShop,
  testOrder,
  testShop,
} from "../testing/shop.ts";
import type { MismatchKind } from "./mismatch.ts";
import type { FoundMismatch } from "./reconcile.ts";
import { of, run } from "./testing/runs.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const releasing = (releasesUnknown: boolean) =>
  transact(shop.db, (tx) =>
    writeSetting(tx, shop.deps.clock.now(), paymentsSetting, { ...paymentsSetting.fallback, releasesUnknown }),
  );

async function pay(): Promise<TestOrder & { readonly reference: string }> {
  const order = testOrder();
  await authorize(shop, order);
  return { ...order, reference: (await paymentRow(shop, order)).providerReference ?? "" };
}

const one = (kind: MismatchKind, action: FoundMismatch["action"], result: FoundMismatch["result"]) => [
  [kind, action, result],
];

describe("reconciliation with Stripe's own books", () => {
  test("finds nothing where both agree", async () => {
    const [held, taken] = [await pay(), await pay()];
    await capture(shop, taken);
    const { items, compared } = await run(shop);
    expect(compared).toBeGreaterThanOrEqual(2);
    expect([of(items, held), of(items, taken)]).toEqual([[], []]);
  });

  test("records a capture and a refund that were made behind our back", async () => {
    const order = await pay();
    await shop.stripeClient.paymentIntents.capture(order.reference);
    await shop.stripeClient.refunds.create({ payment_intent: order.reference, amount: 700 });
    expect(of((await run(shop, "stripe", false)).items, order)).toEqual(one("state_differs", null, "listed"));
    expect(of((await run(shop)).items, order)).toEqual(one("state_differs", "record_fact", "repaired"));
    expect(await paymentRow(shop, order)).toMatchObject({ state: "captured", captured: 5_200, refunded: 700 });
    await shop.stripeClient.refunds.create({ payment_intent: order.reference, amount: 300 });
    expect(of((await run(shop)).items, order)).toEqual(one("amount_differs", "record_fact", "repaired"));
    expect(await paymentRow(shop, order)).toMatchObject({ refunded: 1_000 });
    expect(of((await run(shop)).items, order)).toEqual([]);
  });

  test("applies an event that was stored and never applied", async () => {
    const order = await pay();
    await shop.stripeClient.paymentIntents.capture(order.reference);
    const object = await shop.stripeClient.paymentIntents.retrieve(order.reference);
    const rawBody = JSON.stringify({
      id: `evt_${order.reference}`,
      type: "payment_intent.succeeded",
      data: { object },
    });
    await storeProviderEvent(shop.deps, { provider: "stripe", rawBody, verdict: "signature_valid" });
    expect(of((await run(shop)).items, order)).toEqual(one("state_differs", "reapply_event", "repaired"));
  });

  test("closes an attempt that ended at the provider and stands open here", async () => {
    const order = { ...testOrder({ provider: "stripe", paymentMethod: "pm_card_threeDSecure2Required" }) };
    await authorize(shop, order);
    const { providerReference } = await paymentRow(shop, order);
    await shop.stripeClient.paymentIntents.cancel(providerReference ?? "");
    expect(of((await run(shop)).items, order)).toEqual(one("state_differs", "close_stale", "repaired"));
    expect(await paymentRow(shop, order)).toMatchObject({ state: "cancelled" });
  });

  test("leaves what bears the mark of another Stoa to a person, unless the account is this shop's alone; then it goes back", async () => {
    const create = (metadata: Record<string, string>) =>
      shop.stripeClient.paymentIntents.create({
        amount: 900,
        currency: "usd",
        confirm: true,
        payment_method: "pm_card_visa",
        automatic_payment_methods: { enabled: true, allow_redirects: "never" },
        metadata,
      });
    const lost = { orderId: newId("ord"), paymentId: newId("pay") };
    const ours = await create(lost);
    const theirs = await create({});
    expect(of((await run(shop)).items, lost)).toEqual(one("missing_here", null, "listed"));
    expect((await shop.stripeClient.refunds.list({ payment_intent: ours.id })).data).toEqual([]);
    await releasing(true);
    const { items } = await run(shop);
    await releasing(false);
    expect(of(items, lost)).toEqual(one("missing_here", "release", "repaired"));
    expect(items.some((item) => item.reference === theirs.id)).toBe(false);
    const [refund] = (await shop.stripeClient.refunds.list({ payment_intent: ours.id })).data;
    expect(refund?.amount).toBe(900);
  });

  test("gives back a second object of a payment of ours, which nobody else's can be", async () => {
    const order = await pay();
    const { id: paymentId } = await paymentRow(shop, order);
    const second = await shop.stripeClient.paymentIntents.create({
      amount: 5_200,
      currency: "usd",
      confirm: true,
      payment_method: "pm_card_visa",
      automatic_payment_methods: { enabled: true, allow_redirects: "never" },
      metadata: { orderId: order.orderId, paymentId },
    });
    const { items } = await run(shop);
    expect(items.filter(({ reference }) => reference === second.id)).toMatchObject([
      { kind: "missing_here", action: "release", result: "repaired" },
    ]);
    expect((await paymentRow(shop, order)).held).toBe(5_200);
  });

  test("lists what the provider does not know, and what was charged twice; a person has to look", async () => {
    const [gone, twice] = [await pay(), await pay()];
    await shop.db.update(payment).set({ providerReference: "pi_gone" }).where(eq(payment.orderId, gone.orderId));
    await authorize(shop, { ...testOrder(), orderId: twice.orderId });
    const { items } = await run(shop);
    expect(of(items, gone)).toContainEqual(["missing_there", null, "listed"]);
    expect(of(items, twice)).toEqual(one("duplicate_charge", null, "listed"));
  });
});

test("PayPal is asked for each payment, and tells of captures and refunds made at its own desk", async () => {
  const order = testOrder({ provider: "paypal", returnUrl: "https://shop.example/back" });
  const asked = await authorize(shop, order);
  if (asked.kind !== "requires_action" || asked.nextAction.type !== "redirect") throw new Error(asked.kind);
  await decide(asked.nextAction.url, "pay");
  await authorize(shop, order);
  await capture(shop, order);
  const { id, providerReference: reference } = await paymentRow(shop, order);
  const paypal = shop.deps.providers.get("paypal");
  const captured = await paypal?.lookup({ ...lookupOf(order, id), reference });
  const captureReference = captured?.facts.find((fact) => fact.type === "captured")?.reference ?? null;
  const sent = { refundId: newId("ref"), amount: money(400, "USD"), reason: null, captureReference, tries: 1 };
  await paypal?.refund({ ...lookupOf(order, id), reference }, sent);
  expect(of((await run(shop, "paypal")).items, order)).toEqual(one("amount_differs", "record_fact", "repaired"));
  expect(await paymentRow(shop, order)).toMatchObject({ captured: 5_200, refunded: 400 });
});

test("an order that its payer declined or left waits at PayPal, where nobody can close it, and is no mismatch", async () => {
  const orders = await Promise.all(
    (["decline", "cancel"] as const).map(async (decision) => {
      const order = testOrder({ provider: "paypal", returnUrl: "https://shop.example/back" });
      const asked = await authorize(shop, order);
      if (asked.kind !== "requires_action" || asked.nextAction.type !== "redirect") throw new Error(asked.kind);
      await decide(asked.nextAction.url, decision);
      if (decision === "decline") await authorize(shop, order);
      else await release(shop, order);
      return order;
    }),
  );
  const { items } = await run(shop, "paypal", false);
  for (const order of orders) {
    expect((await paymentRow(shop, order)).state).toMatch(/^(failed|cancelled|voided)$/);
    expect(of(items, order)).toEqual([]);
  }
});

function lookupOf(order: TestOrder, paymentId: ReturnType<typeof newId<"pay">>) {
  return {
    paymentId,
    orderId: order.orderId,
    customerId: null,
    key: order.key,
    amount: order.amount,
    paymentMethod: null,
    customerReference: null,
    savesMethod: false,
    returnUrl: null,
    tries: 2,
    hasOpenCall: false,
    createdAt: shop.deps.clock.now(),
    facts: [],
  };
}
