import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { PaymentId } from "@stoa/kernel";
import { applyProviderEvent } from "../apply-event.ts";
import { listDisputes } from "../disputes.ts";
import { createPaypalClient } from "../providers/paypal-client.ts";
import { takeProviderEvent } from "../take-event.ts";
import { balances, paymentRow, type TestShop, testShop } from "../testing/shop.ts";
import { about, atPaypal, longAgo, paid, run } from "./testing/runs.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
}, 60_000);
afterAll(() => shop[Symbol.asyncDispose]());

/** The shop gives in. */
async function accept(dispute: string): Promise<void> {
  const client = createPaypalClient({ apiUrl: shop.paypal.url, clientId: "stoa", clientSecret: "stoa-secret" });
  const { accessToken } = await client.clientCredentialsAuthManager.fetchToken();
  const path = `/v1/customer/disputes/${dispute}/accept-claim`;
  const headers = { authorization: `Bearer ${accessToken}`, "content-type": "application/json" };
  const answer = await fetch(shop.paypal.url + path, { method: "POST", headers, body: "{}" });
  expect(answer.status).toBe(200);
}

describe("a provider's statement", () => {
  for (const provider of ["stripe", "paypal"] as const) {
    test(`of ${provider} tells of a dispute whose events never came`, async () => {
      const order = await longAgo(shop, await paid(shop, provider, "pm_card_createDispute"));
      const { id, providerReference } = await paymentRow(shop, order);
      if (provider === "paypal") await atPaypal(shop, "disputes", id);
      const { items } = await run(shop, provider);
      expect(about(items, providerReference ?? "")).toEqual([["state_differs", "record_fact", "repaired"]]);
      const { items: disputes } = await listDisputes(shop.db, { limit: 10 });
      expect(disputes.find((one) => one.paymentId === id)).toMatchObject({
        provider,
        state: "opened",
        amount: { amount: 5_200 },
      });
      expect(about((await run(shop, provider)).items, providerReference ?? "")).toEqual([]);
    });
  }

  const disputesAbout = async (paymentId: PaymentId) =>
    (await listDisputes(shop.db, { limit: 50 })).items.filter((one) => one.paymentId === paymentId);

  test("of PayPal tells of money that it took back by itself, of which no event came: booked and lost, once", async () => {
    const order = await longAgo(shop, await paid(shop, "paypal"));
    const { id, providerReference } = await paymentRow(shop, order);
    await atPaypal(shop, "reversals", id);
    const before = await balances(shop);
    const { items } = await run(shop, "paypal");
    expect(about(items, providerReference ?? "")).toEqual([["state_differs", "record_fact", "repaired"]]);
    expect(await disputesAbout(id)).toMatchObject([{ state: "lost", reason: "reversed", amount: { amount: 5_200 } }]);
    const after = await balances(shop);
    expect((after["paypal.disputes"] ?? 0) - (before["paypal.disputes"] ?? 0)).toBe(5_200);
    expect(about((await run(shop, "paypal")).items, providerReference ?? "")).toEqual([]);
    expect(await balances(shop)).toEqual(after);
  });

  for (const named of ["itself", "its capture"] as const) {
    test(`of PayPal adds nothing to a reversal that an event told by the name of ${named}`, async () => {
      const order = await longAgo(shop, await paid(shop, "paypal"));
      const { id, providerReference } = await paymentRow(shop, order);
      const { capture, reversal } = await atPaypal(shop, "reversals", id);
      const link = { rel: "up", href: `https://api.paypal.com/v2/payments/captures/${capture}` };
      const money = { amount: { currency_code: "USD", value: "52.00" } };
      const resource = named === "itself" ? { id: reversal, ...money, links: [link] } : { id: capture, ...money };
      const event = { id: `WH-${reversal}`, event_type: "PAYMENT.CAPTURE.REVERSED", resource };
      const rawBody = JSON.stringify(event);
      const taken = await takeProviderEvent(shop.deps, { provider: "paypal", rawBody, verdict: "signature_valid" });
      expect(taken && (await applyProviderEvent(shop.deps, taken.id))).toBe("applied");
      const before = await balances(shop);
      expect(about((await run(shop, "paypal")).items, providerReference ?? "")).toEqual([]);
      expect(await disputesAbout(id)).toMatchObject([{ state: "lost" }]);
      expect(await balances(shop)).toEqual(before);
    });
  }

  test("of PayPal tells of the end of a dispute, and counts what was then taken back as the dispute's", async () => {
    const order = await longAgo(shop, await paid(shop, "paypal"));
    const { id, providerReference } = await paymentRow(shop, order);
    await atPaypal(shop, "disputes", id);
    await run(shop, "paypal");
    const opened = await disputesAbout(id);
    const before = await balances(shop);
    await accept(opened[0]?.reference ?? "");
    const { items } = await run(shop, "paypal");
    expect(about(items, providerReference ?? "")).toEqual([["state_differs", "record_fact", "repaired"]]);
    expect(await disputesAbout(id)).toMatchObject([{ reference: opened[0]?.reference, state: "lost" }]);
    expect(await balances(shop)).toEqual(before);
  });
});
