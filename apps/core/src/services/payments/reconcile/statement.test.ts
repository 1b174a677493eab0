import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { CheckoutPaymentIntent, OrdersController, PaymentsController } from "@paypal/paypal-server-sdk";
import { type Instant, newId, type PaymentId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { transact } from "../../../platform/db/index.ts";
import { writeSetting } from "../../../platform/settings/index.ts";
import { applyProviderEvent } from "../apply-event.ts";
import { listDisputes } from "../disputes.ts";
import { createPaypalClient } from "../providers/paypal-client.ts";
import type { StatementPage } from "../providers/provider-books.ts";
import { readFacts } from "../read-facts.ts";
import { paymentsSetting } from "../settings.ts";
import { payment } from "../tables.ts";
import { takeProviderEvent } from "../take-event.ts";
import {
  authorize,
  balances,
  capture,
  decide,
  paymentRow,
  type TestOrder,
  type TestShop,
  testOrder,
  testShop,
} from "../testing/shop.ts";
import { type FoundMismatch, reconcile } from "./reconcile.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
  await releasing(true);
}, 30_000);
afterAll(() => shop[Symbol.asyncDispose]());

const releasing = (releasesUnknown: boolean) =>
  transact(shop.db, (tx) =>
    writeSetting(tx, shop.deps.clock.now(), paymentsSetting, { ...paymentsSetting.fallback, releasesUnknown }),
  );

const HOUR_MS = 60 * 60 * 1_000;
const DAY_MS = 24 * HOUR_MS;
type Books = "stripe" | "paypal";

/** A run over the present; what changed just now counts as settled. */
async function run(provider: Books, repairs = true) {
  const old = new Date(shop.deps.clock.now() - HOUR_MS / 2).toISOString();
  await shop.db.execute(`update payments.payment set updated_at = '${old}'`);
  const now = shop.deps.clock.now();
  const range = { from: (now - HOUR_MS) as Instant, until: (now + HOUR_MS) as Instant };
  const done = await reconcile(shop.deps, { provider, ...range, repairs, trigger: "test" });
  if (!done) throw new Error("no run");
  return done;
}

const paypal = () => {
  const client = createPaypalClient({ apiUrl: shop.paypal.url, clientId: "stoa", clientSecret: "stoa-secret" });
  return { orders: new OrdersController(client), payments: new PaymentsController(client) };
};

/** An order at PayPal that was paid behind our back; answers its authorization. */
async function authorizedAtPaypal(customId?: string): Promise<string> {
  const { orders } = paypal();
  const unit = { amount: { currencyCode: "USD", value: "9.00" }, ...(customId !== undefined && { customId }) };
  const body = { intent: CheckoutPaymentIntent.Authorize, purchaseUnits: [unit] };
  const { result } = await orders.createOrder({ body, prefer: "return=representation" });
  await decide(String(result.links?.find(({ rel }) => rel === "approve")?.href), "pay");
  const paid = await orders.authorizeOrder({ id: String(result.id), prefer: "return=representation" });
  return String(paid.result.purchaseUnits?.[0]?.payments?.authorizations?.[0]?.id);
}

async function capturedAtPaypal(customId?: string): Promise<string> {
  const authorizationId = await authorizedAtPaypal(customId);
  const { result } = await paypal().payments.captureAuthorizedPayment({ authorizationId });
  return String(result.id);
}

async function pay(provider: Books, paymentMethod = "pm_card_visa"): Promise<TestOrder> {
  const method = provider === "stripe" ? { paymentMethod } : {};
  const order = testOrder({ provider, returnUrl: "https://shop.example/back", ...method });
  const first = await authorize(shop, order);
  if (first.kind === "requires_action" && first.nextAction.type === "redirect") {
    await decide(first.nextAction.url, "pay");
    await authorize(shop, order);
  }
  await capture(shop, order);
  return order;
}

/** So that a run over the present does not compare it by itself. */
async function longAgo(order: TestOrder): Promise<TestOrder> {
  const createdAt = (shop.deps.clock.now() - 60 * DAY_MS) as Instant;
  await shop.db.update(payment).set({ createdAt }).where(eq(payment.orderId, order.orderId));
  return order;
}

async function refundAtProvider(provider: Books, order: TestOrder): Promise<void> {
  const { id, providerReference } = await paymentRow(shop, order);
  if (provider === "stripe") {
    await shop.stripeClient.refunds.create({ payment_intent: providerReference ?? "", amount: 700 });
    return;
  }
  const facts = await readFacts(shop.db, id);
  const captureId = facts.find((fact) => fact.type === "captured")?.reference ?? "";
  const body = { amount: { currencyCode: "USD", value: "7.00" } };
  await paypal().payments.refundCapturedPayment({ captureId, body });
}

const about = (items: readonly FoundMismatch[], reference: string) =>
  items.filter((item) => item.reference === reference).map(({ kind, action, result }) => [kind, action, result]);

describe("a provider's statement", () => {
  test("of PayPal tells of money that bears our mark and that no payment of ours knows: it goes back", async () => {
    const taken = await capturedAtPaypal(newId("pay"));
    const held = await authorizedAtPaypal(newId("pay"));
    const listed = await run("paypal", false);
    expect(about(listed.items, taken)).toEqual([["missing_here", null, "listed"]]);
    const { items } = await run("paypal");
    expect(about(items, taken)).toEqual([["missing_here", "release", "repaired"]]);
    expect(about(items, held)).toEqual([["missing_here", "release", "repaired"]]);
    const { payments } = paypal();
    expect(String((await payments.getCapturedPayment({ captureId: taken })).result.status)).toBe("REFUNDED");
    const { result } = await payments.getAuthorizedPayment({ authorizationId: held });
    expect(String(result.status)).toBe("VOIDED");
  });

  test("counts what bears no mark of ours, and leaves it alone", async () => {
    const before = await run("paypal", false);
    const captureId = await capturedAtPaypal();
    const after = await run("paypal");
    expect(after.unmarked).toBe(before.unmarked + 1);
    expect(about(after.items, captureId)).toEqual([]);
    const { result } = await paypal().payments.getCapturedPayment({ captureId });
    expect(String(result.status)).toBe("COMPLETED");
  });

  test("tells of a capture that bears a payment's mark and is none of its object's: a person has to look", async () => {
    const order = await longAgo(await pay("paypal"));
    const { id } = await paymentRow(shop, order);
    const strange = await capturedAtPaypal(id);
    const { items } = await run("paypal");
    expect(about(items, strange)).toEqual([["missing_here", null, "listed"]]);
    expect(await paymentRow(shop, order)).toMatchObject({ captured: 5_200, refunded: 0 });
  });

  for (const provider of ["stripe", "paypal"] as const) {
    test(`of ${provider} tells of a refund of a payment that was begun long ago`, async () => {
      const order = await longAgo(await pay(provider));
      await refundAtProvider(provider, order);
      const reference = (await paymentRow(shop, order)).providerReference ?? "";
      expect(about((await run(provider)).items, reference)).toEqual([["amount_differs", "record_fact", "repaired"]]);
      expect(await paymentRow(shop, order)).toMatchObject({ captured: 5_200, refunded: 700 });
      expect(about((await run(provider)).items, reference)).toEqual([]);
    });

    test(`of ${provider} tells of a dispute whose events never came`, async () => {
      const order = await longAgo(await pay(provider, "pm_card_createDispute"));
      const { id, providerReference } = await paymentRow(shop, order);
      if (provider === "paypal") await disputeAtPaypal(id);
      const { items } = await run(provider);
      expect(about(items, providerReference ?? "")).toEqual([["state_differs", "record_fact", "repaired"]]);
      const { items: disputes } = await listDisputes(shop.db, { limit: 10 });
      expect(disputes.find((one) => one.paymentId === id)).toMatchObject({
        provider,
        state: "opened",
        amount: { amount: 5_200 },
      });
      expect(about((await run(provider)).items, providerReference ?? "")).toEqual([]);
    });
  }

  const disputesAbout = async (paymentId: PaymentId) =>
    (await listDisputes(shop.db, { limit: 50 })).items.filter((one) => one.paymentId === paymentId);

  test("of PayPal tells of money that it took back by itself, of which no event came: booked and lost, once", async () => {
    const order = await longAgo(await pay("paypal"));
    const { id, providerReference } = await paymentRow(shop, order);
    await atPaypal("reversals", id);
    const before = await balances(shop);
    const { items } = await run("paypal");
    expect(about(items, providerReference ?? "")).toEqual([["state_differs", "record_fact", "repaired"]]);
    expect(await disputesAbout(id)).toMatchObject([{ state: "lost", reason: "reversed", amount: 5_200 }]);
    const after = await balances(shop);
    expect((after["paypal.disputes"] ?? 0) - (before["paypal.disputes"] ?? 0)).toBe(5_200);
    expect(about((await run("paypal")).items, providerReference ?? "")).toEqual([]);
    expect(await balances(shop)).toEqual(after);
  });

  for (const named of ["itself", "its capture"] as const) {
    test(`of PayPal adds nothing to a reversal that an event told by the name of ${named}`, async () => {
      const order = await longAgo(await pay("paypal"));
      const { id, providerReference } = await paymentRow(shop, order);
      const { capture, reversal } = await atPaypal("reversals", id);
      const link = { rel: "up", href: `https://api.paypal.com/v2/payments/captures/${capture}` };
      const money = { amount: { currency_code: "USD", value: "52.00" } };
      const resource = named === "itself" ? { id: reversal, ...money, links: [link] } : { id: capture, ...money };
      const event = { id: `WH-${reversal}`, event_type: "PAYMENT.CAPTURE.REVERSED", resource };
      const rawBody = JSON.stringify(event);
      const stored = await takeProviderEvent(shop.deps, { provider: "paypal", rawBody, verdict: "signature_valid" });
      expect(stored && (await applyProviderEvent(shop.deps, stored))).toBe("applied");
      const before = await balances(shop);
      expect(about((await run("paypal")).items, providerReference ?? "")).toEqual([]);
      expect(await disputesAbout(id)).toMatchObject([{ state: "lost" }]);
      expect(await balances(shop)).toEqual(before);
    });
  }

  test("of PayPal tells of the end of a dispute, and counts what was then taken back as the dispute's", async () => {
    const order = await longAgo(await pay("paypal"));
    const { id, providerReference } = await paymentRow(shop, order);
    await disputeAtPaypal(id);
    await run("paypal");
    const opened = await disputesAbout(id);
    const before = await balances(shop);
    await accept(opened[0]?.reference ?? "");
    const { items } = await run("paypal");
    expect(about(items, providerReference ?? "")).toEqual([["state_differs", "record_fact", "repaired"]]);
    expect(await disputesAbout(id)).toMatchObject([{ reference: opened[0]?.reference, state: "lost" }]);
    expect(await balances(shop)).toEqual(before);
  });

  test("of PayPal may be three hours behind: the run says until when it told, and a later one finds the rest", async () => {
    const captureId = await capturedAtPaypal(newId("pay"));
    shop.paypal.faults?.arm({ operation: "reporting", action: { kind: "delay", delayMs: 3 * HOUR_MS } });
    const early = await run("paypal");
    shop.paypal.faults?.clear();
    expect(about(early.items, captureId)).toEqual([]);
    expect(early.statementUntil).toBeLessThan(shop.deps.clock.now() - 2 * HOUR_MS);
    const later = await run("paypal");
    expect(about(later.items, captureId)).toEqual([["missing_here", "release", "repaired"]]);
    expect(later.statementUntil).toBeGreaterThan(early.statementUntil ?? 0);
  });

  test("of PayPal is asked for 31 days at a time, and for each page of them", async () => {
    const captureId = await capturedAtPaypal();
    const now = shop.deps.clock.now();
    const range = { from: now - 70 * DAY_MS, until: now + DAY_MS };
    const pages = await Array.fromAsync<StatementPage>(shop.paypalProvider.statement?.(range) ?? []);
    expect(pages).toHaveLength(3);
    const found = pages.flatMap(({ movements }) => movements).filter(({ reference }) => reference === captureId);
    expect(found).toMatchObject([{ type: "captured", amount: { amount: 900, currency: "USD" }, paymentId: null }]);
  });
});

const leverSchema = z.union([z.object({ dispute_id: z.string() }), z.object({ id: z.string() })]);

/** What the buyer does, or PayPal by itself, with what was taken for a payment. */
async function atPaypal(lever: "disputes" | "reversals", paymentId: PaymentId) {
  const facts = await readFacts(shop.db, paymentId);
  const capture = facts.find((fact) => fact.type === "captured")?.reference ?? "";
  const body = JSON.stringify({ capture });
  const answer = await fetch(`${shop.paypal.url}/_stoa/${lever}`, { method: "POST", body });
  const made = leverSchema.parse(await answer.json());
  return { capture, reversal: "id" in made ? made.id : null };
}

const disputeAtPaypal = (paymentId: PaymentId) => atPaypal("disputes", paymentId);

/** The shop gives in. */
async function accept(dispute: string): Promise<void> {
  const client = createPaypalClient({ apiUrl: shop.paypal.url, clientId: "stoa", clientSecret: "stoa-secret" });
  const { accessToken } = await client.clientCredentialsAuthManager.fetchToken();
  const path = `/v1/customer/disputes/${dispute}/accept-claim`;
  const headers = { authorization: `Bearer ${accessToken}`, "content-type": "application/json" };
  const answer = await fetch(shop.paypal.url + path, { method: "POST", headers, body: "{}" });
  expect(answer.status).toBe(200);
}
