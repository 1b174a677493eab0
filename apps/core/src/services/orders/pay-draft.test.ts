import { describe, expect, test } from "bun:test";
import { money, type OrderId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { writeSetting } from "../../platform/settings/index.ts";
import { codeOf } from "../../testing/index.ts";
import { paymentsSetting } from "../payments/index.ts";
import { cancelDraft } from "./cancel-draft.ts";
import { changeDraft } from "./compose-draft.ts";
import { markDraftPaid } from "./pay-draft.ts";
import { revokeLink } from "./send-draft.ts";
import { aSku, available, card, deliver, leftBehind, PRICE, sweepUntilQuiet } from "./testing/checkout.ts";
import {
  aDraft,
  aLink,
  aStaffRequest,
  draftContent,
  draftOf,
  expectPaid,
  pay,
  WEEK_SECONDS,
} from "./testing/drafts.ts";
import { shopForFile } from "./testing/shop-for-file.ts";
import { viewPaymentLink } from "./view-payment-link.ts";

const shop = await shopForFile();

const staff = aStaffRequest();
const usd = (amount: number) => money(amount, "USD");
const declined = card("pm_card_visa_chargeDeclined");

describe("a payment link", () => {
  test("shows what is due and nothing of whose it is; paid, it has made one confirmed order", async () => {
    const sku = await aSku(shop, 5);
    const draftId = await aDraft(shop, sku, 2);
    const token = await aLink(shop, draftId);
    const link = await viewPaymentLink(shop.orders, token);
    expect(link).toMatchObject({ state: "open", amountDue: usd(2 * PRICE + 700), items: [{ sku, quantity: 2 }] });
    expect(JSON.stringify(link)).not.toMatch(/Ada|ada@|Main St|Berlin/);
    const { orderId, accessToken } = await pay(shop, token);
    expect(accessToken).not.toBeNull();
    await deliver(shop, orderId);
    const view = await expectPaid(shop, draftId, orderId, { sku, quantity: 2 });
    expect(view).toMatchObject({ email: "ada@example.com", shippingMethod: { name: "By courier" } });
    expect(await viewPaymentLink(shop.orders, token)).toMatchObject({ state: "paid", amountDue: usd(0) });
    expect(await codeOf(pay(shop, token))).toBe("state_conflict");
  });

  test("charges what it said, whatever the catalog says by then", async () => {
    const sku = await aSku(shop, 5);
    const draftId = await aDraft(shop, sku);
    const token = await aLink(shop, draftId);
    shop.prices.set(sku, 9_999);
    const { orderId } = await pay(shop, token);
    await deliver(shop, orderId);
    expect((await expectPaid(shop, draftId, orderId, { sku, quantity: 1 })).totals.total).toEqual(usd(PRICE + 700));
  });

  test("that was paid with a declined card may be paid with another", async () => {
    const sku = await aSku(shop, 5);
    const draftId = await aDraft(shop, sku);
    const token = await aLink(shop, draftId);
    const refused = await pay(shop, token, { payment: declined });
    await deliver(shop, refused.orderId);
    expect((await leftBehind(shop, refused.orderId, sku)).view.refusal?.code).toBe("payment_declined");
    expect(await draftOf(shop, draftId)).toMatchObject({ state: "open", orderId: null });
    const { orderId } = await pay(shop, token);
    await deliver(shop, orderId);
    await expectPaid(shop, draftId, orderId, { sku, quantity: 1 });
  });

  test("is being paid while the shopper authenticates, and open again when they never do", async () => {
    const sku = await aSku(shop, 5);
    const draftId = await aDraft(shop, sku);
    const token = await aLink(shop, draftId);
    const payment = { ...card("pm_card_authenticationRequired"), returnUrl: "https://shop.example/done" };
    const { orderId } = await pay(shop, token, { payment });
    await deliver(shop, orderId);
    expect((await viewPaymentLink(shop.orders, token)).state).toBe("processing");
    expect(await codeOf(pay(shop, token))).toBe("request_in_progress");
    expect(await codeOf(cancelDraft(shop.orders, staff, { draftId }))).toBe("request_in_progress");
    await sweepUntilQuiet(shop);
    expect((await leftBehind(shop, orderId, sku)).view.state).toBe("refused");
    expect((await viewPaymentLink(shop.orders, token)).state).toBe("open");
  });

  test("gives the same order for the same key, and refuses the key for another payment", async () => {
    const sku = await aSku(shop, 5);
    const token = await aLink(shop, await aDraft(shop, sku));
    const again = () => pay(shop, token, { idempotencyKey: "link-key" });
    const placed = await Promise.all(Array.from({ length: 4 }, again));
    expect(new Set(placed.map((one) => one.orderId)).size).toBe(1);
    expect(await codeOf(pay(shop, token, { idempotencyKey: "link-key", payment: declined }))).toBe(
      "idempotency_key_reused",
    );
  });

  test("is worthless when it was revoked, replaced, outdated by a change, or made up", async () => {
    const sku = await aSku(shop, 5);
    const revoked = await aDraft(shop, sku);
    const changed = await aDraft(shop, sku);
    const replaced = await aDraft(shop, sku);
    const tokens = [await aLink(shop, revoked), await aLink(shop, changed), await aLink(shop, replaced)];
    await revokeLink(shop.orders, staff, { draftId: revoked });
    await changeDraft(shop.orders, staff, {
      draftId: changed,
      version: 1,
      content: draftContent([{ sku, quantity: 2 }]),
    });
    await aLink(shop, replaced);
    for (const token of [...tokens, "x".repeat(43)]) {
      expect(await codeOf(viewPaymentLink(shop.orders, token))).toBe("not_found");
      expect(await codeOf(pay(shop, token))).toBe("not_found");
    }
  });

  test("past its time says so, and is not paid", async () => {
    const sku = await aSku(shop, 5);
    const token = await aLink(shop, await aDraft(shop, sku));
    shop.clock.advance(WEEK_SECONDS * 1_000);
    expect((await viewPaymentLink(shop.orders, token)).state).toBe("expired");
    expect(await codeOf(pay(shop, token))).toBe("state_conflict");
  });

  test("paid by many at once, and by staff in that moment, makes one order", async () => {
    for (let round = 0; round < 5; round += 1) {
      const sku = await aSku(shop, 9);
      const draftId = await aDraft(shop, sku);
      const token = await aLink(shop, draftId);
      const tries = await Promise.allSettled([
        ...Array.from({ length: 5 }, async () => (await pay(shop, token)).orderId),
        markDraftPaid(shop.orders, staff, { draftId }),
        cancelDraft(shop.orders, staff, { draftId }).then(() => null),
      ]);
      const orders = tries.flatMap((one) => (one.status === "fulfilled" && one.value !== null ? [one.value] : []));
      const { state, orderId } = await draftOf(shop, draftId);
      expect(orders).toEqual(state === "cancelled" ? [] : [orderId as OrderId]);
      for (const order of orders) await deliver(shop, order);
      await sweepUntilQuiet(shop);
      expect(await available(shop, sku)).toBe(9 - orders.length);
    }
  }, 60_000);
});

describe("staff who have been paid", () => {
  test("make the order at what the link said, captured, and the link is paid", async () => {
    const sku = await aSku(shop, 5);
    const draftId = await aDraft(shop, sku);
    const token = await aLink(shop, draftId);
    shop.prices.set(sku, 9_999);
    const orderId = await markDraftPaid(shop.orders, staff, { draftId, version: 1 });
    await deliver(shop, orderId);
    const { view, allocated } = await leftBehind(shop, orderId, sku);
    expect(view).toMatchObject({ state: "confirmed", payment: { provider: "manual", state: "captured" } });
    expect([allocated, view.totals.total]).toEqual([1, usd(PRICE + 700)]);
    expect((await viewPaymentLink(shop.orders, token)).state).toBe("paid");
    const [placed] = await shop.db.execute(
      sql`select actor_kind, actor_name from orders.order_event where type = 'placed' order by at desc limit 1`,
    );
    expect(placed).toMatchObject({ actor_kind: "staff", actor_name: "Grace" });
  });

  test("need not offer shoppers that way to pay", async () => {
    const sku = await aSku(shop, 1);
    const draftId = await aDraft(shop, sku);
    const offer = (providers: (typeof paymentsSetting.fallback)["providers"]) =>
      shop.db.transaction((tx) =>
        writeSetting(tx, shop.clock.now(), paymentsSetting, { ...paymentsSetting.fallback, providers }),
      );
    await offer(["stripe"]);
    const orderId = await markDraftPaid(shop.orders, staff, { draftId, version: 1 });
    await deliver(shop, orderId);
    await offer(paymentsSetting.fallback.providers);
    const { view } = await leftBehind(shop, orderId, sku);
    expect(view).toMatchObject({ state: "confirmed", payment: { provider: "manual", state: "captured" } });
  });

  test("and find the units sold have their draft again", async () => {
    const sku = await aSku(shop, 1);
    const draftId = await aDraft(shop, sku, 2);
    await deliver(shop, await markDraftPaid(shop.orders, staff, { draftId, version: 1 }));
    expect((await draftOf(shop, draftId)).state).toBe("open");
  });
});
