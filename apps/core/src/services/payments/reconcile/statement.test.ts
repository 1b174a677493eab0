import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { CheckoutPaymentIntent } from "@paypal/paypal-server-sdk";
import { newId } from "@stoa/kernel";
import { transact } from "../../../platform/db/index.ts";
import { writeSetting } from "../../../platform/settings/index.ts";
import type { StatementPage } from "../providers/provider-books.ts";
import { readFacts } from "../read-facts.ts";
import { paymentsSetting } from "../settings.ts";
import { decide, paymentRow, type TestOrder, type TestShop, testShop } from "../testing/shop.ts";
import { about, type Books, DAY_MS, HOUR_MS, longAgo, paid, paypal, run } from "./testing/runs.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
  await releasing(true);
}, 60_000);
afterAll(() => shop[Symbol.asyncDispose]());

const releasing = (releasesUnknown: boolean) =>
  transact(shop.db, (tx) =>
    writeSetting(tx, shop.deps.clock.now(), paymentsSetting, { ...paymentsSetting.fallback, releasesUnknown }),
  );

/** An order at PayPal that was paid behind our back; answers its authorization. */
async function authorizedAtPaypal(customId?: string): Promise<string> {
  const { orders } = paypal(shop);
  const unit = { amount: { currencyCode: "USD", value: "9.00" }, ...(customId !== undefined && { customId }) };
  const body = { intent: CheckoutPaymentIntent.Authorize, purchaseUnits: [unit] };
  const { result } = await orders.createOrder({ body, prefer: "return=representation" });
  await decide(String(result.links?.find(({ rel }) => rel === "approve")?.href), "pay");
  const paid = await orders.authorizeOrder({ id: String(result.id), prefer: "return=representation" });
  return String(paid.result.purchaseUnits?.[0]?.payments?.authorizations?.[0]?.id);
}

async function capturedAtPaypal(customId?: string): Promise<string> {
  const authorizationId = await authorizedAtPaypal(customId);
  const { result } = await paypal(shop).payments.captureAuthorizedPayment({ authorizationId });
  return String(result.id);
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
  await paypal(shop).payments.refundCapturedPayment({ captureId, body });
}

describe("a provider's statement", () => {
  test("of PayPal tells of money that bears our mark and that no payment of ours knows: it goes back", async () => {
    const taken = await capturedAtPaypal(newId("pay"));
    const held = await authorizedAtPaypal(newId("pay"));
    const listed = await run(shop, "paypal", false);
    expect(about(listed.items, taken)).toEqual([["missing_here", null, "listed"]]);
    const { items } = await run(shop, "paypal");
    expect(about(items, taken)).toEqual([["missing_here", "release", "repaired"]]);
    expect(about(items, held)).toEqual([["missing_here", "release", "repaired"]]);
    const { payments } = paypal(shop);
    expect(String((await payments.getCapturedPayment({ captureId: taken })).result.status)).toBe("REFUNDED");
    const { result } = await payments.getAuthorizedPayment({ authorizationId: held });
    expect(String(result.status)).toBe("VOIDED");
  });

  test("counts what bears no mark of ours, and leaves it alone", async () => {
    const before = await run(shop, "paypal", false);
    const captureId = await capturedAtPaypal();
    const after = await run(shop, "paypal");
    expect(after.unmarked).toBe(before.unmarked + 1);
    expect(about(after.items, captureId)).toEqual([]);
    const { result } = await paypal(shop).payments.getCapturedPayment({ captureId });
    expect(String(result.status)).toBe("COMPLETED");
  });

  test("tells of a capture that bears a payment's mark and is none of its object's: a person has to look", async () => {
    const order = await longAgo(shop, await paid(shop, "paypal"));
    const { id } = await paymentRow(shop, order);
    const strange = await capturedAtPaypal(id);
    const { items } = await run(shop, "paypal");
    expect(about(items, strange)).toEqual([["missing_here", null, "listed"]]);
    expect(await paymentRow(shop, order)).toMatchObject({ captured: 5_200, refunded: 0 });
  });

  for (const provider of ["stripe", "paypal"] as const) {
    test(`of ${provider} tells of a refund of a payment that was begun long ago`, async () => {
      const order = await longAgo(shop, await paid(shop, provider));
      await refundAtProvider(provider, order);
      const reference = (await paymentRow(shop, order)).providerReference ?? "";
      expect(about((await run(shop, provider)).items, reference)).toEqual([
        ["amount_differs", "record_fact", "repaired"],
      ]);
      expect(await paymentRow(shop, order)).toMatchObject({ captured: 5_200, refunded: 700 });
      expect(about((await run(shop, provider)).items, reference)).toEqual([]);
    });
  }

  test("of PayPal may be three hours behind: the run says until when it told, and a later one finds the rest", async () => {
    const captureId = await capturedAtPaypal(newId("pay"));
    shop.paypal.faults?.arm({ operation: "reporting", action: { kind: "delay", delayMs: 3 * HOUR_MS } });
    const early = await run(shop, "paypal");
    shop.paypal.faults?.clear();
    expect(about(early.items, captureId)).toEqual([]);
    expect(early.statementUntil).toBeLessThan(shop.deps.clock.now() - 2 * HOUR_MS);
    const later = await run(shop, "paypal");
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
