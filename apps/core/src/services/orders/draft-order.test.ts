import { describe, expect, test } from "bun:test";
import { type DraftId, money, newId, type OrderId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { transact } from "../../platform/db/index.ts";
import { crashAt, recordGates } from "../../platform/saga/testing/crash.ts";
import { writeSetting } from "../../platform/settings/index.ts";
import { paymentsSetting } from "../payments/index.ts";
import { cancelDraft, holdDraft } from "./cancel-draft.ts";
import { changeDraft, createDraft } from "./compose-draft.ts";
import { readDraft } from "./draft-queries.ts";
import { eraseFromOrders } from "./erase-customer.ts";
import { markDraftPaid } from "./pay-draft.ts";
import { revokeLink, sendDraft } from "./send-draft.ts";
import {
  aCart,
  aSku,
  available,
  card,
  deliver,
  leftBehind,
  PRICE,
  place,
  sweepUntilQuiet,
} from "./testing/checkout.ts";
import { aDraft, aLink, aStaffRequest, draftContent, pay, WEEK_SECONDS } from "./testing/drafts.ts";
import { codeOf, shopForFile } from "./testing/shop-for-file.ts";
import { viewPaymentLink } from "./view-payment-link.ts";

const shop = await shopForFile();

const staff = aStaffRequest();
const declined = card("pm_card_visa_chargeDeclined");
const draftOf = (draftId: DraftId) => readDraft(shop.orders, draftId);
const usd = (amount: number) => money(amount, "USD");

/** The one order of a draft, confirmed and paid for, and nothing beside it. */
async function expectPaid(draftId: DraftId, orderId: OrderId, { sku, quantity }: { sku: string; quantity: number }) {
  const left = await leftBehind(shop, orderId, sku);
  const { total } = left.view.totals;
  expect(left.view.state).toBe("confirmed");
  expect(left.charges).toEqual([{ state: "captured", amount: total.amount }]);
  expect([left.reserved, left.allocated]).toEqual([0, quantity]);
  expect(await draftOf(draftId)).toMatchObject({ state: "completed", orderId });
  return left.view;
}

describe("a draft", () => {
  test("costs what the same cart costs", async () => {
    const sku = await aSku(shop, 5);
    const orderId = await place(shop, await aCart(shop, sku, 3));
    const { view } = await leftBehind(shop, orderId, sku);
    const draftId = await aDraft(shop, sku, 3, { shipping: { method: view.shippingMethod.id as never } });
    const { pricing } = await draftOf(draftId);
    expect(pricing.totals).toEqual(view.totals);
    expect(pricing.lines).toMatchObject([{ sku, quantity: 3, unitPrice: usd(PRICE) }]);
  });

  test("takes prices, a discount and shipping by hand, exactly, and the reasons stand in the audit log", async () => {
    const [sku, other] = [await aSku(shop, 5), await aSku(shop, 5)];
    const reason = "damaged box";
    const content = draftContent(
      [
        { sku, quantity: 3, manualPrice: { amount: 1_111, reason } },
        { sku: other, quantity: 1 },
      ],
      { discount: { off: { kind: "percent", basisPoints: 1_000 }, reason: "old friend" } },
    );
    const draftId = await createDraft(shop.orders, staff, { currency: "USD", content });
    const { pricing } = await draftOf(draftId);
    const subtotal = 3 * 1_111 + PRICE;
    const discount = Math.round(subtotal / 10);
    expect(pricing.totals).toMatchObject({
      ...{ subtotal: usd(subtotal), discount: usd(discount), shipping: usd(700) },
      total: usd(subtotal - discount + 700),
    });
    const [row] = await shop.db.execute(
      sql`select actor_id, after::text from platform.audit_log where entity_id = ${draftId}`,
    );
    expect(row?.actor_id).toBe(staff.actor.staffId);
    for (const word of [reason, "old friend", "same day"]) expect(row?.after).toContain(word);
    expect(row?.after).not.toContain("ada@example.com");
  });

  test("is priced by hand with the right alone, and others may still change the rest", async () => {
    const sku = await aSku(shop, 5);
    const clerk = aStaffRequest(["orders:read", "orders:write"]);
    const byHand = draftContent([{ sku, quantity: 1 }]);
    const plain = { ...byHand, shipping: undefined };
    expect(await codeOf(createDraft(shop.orders, clerk, { currency: "USD", content: byHand }))).toBe("forbidden");
    expect(await createDraft(shop.orders, clerk, { currency: "USD", content: plain })).toStartWith("drf_");
    const draftId = await createDraft(shop.orders, staff, { currency: "USD", content: byHand });
    const change = { draftId, version: 1, content: { ...byHand, note: "rings twice" } };
    await changeDraft(shop.orders, clerk, change);
    const cheaper = { ...byHand, shipping: { name: "By courier", price: 0, reason: "same day" } };
    expect(await codeOf(changeDraft(shop.orders, clerk, { draftId, version: 2, content: cheaper }))).toBe("forbidden");
  });

  test("is changed from what was seen, or not at all", async () => {
    const sku = await aSku(shop, 5);
    const draftId = await aDraft(shop, sku);
    const change = { draftId, version: 1, content: draftContent([{ sku, quantity: 2 }]) };
    const results = await Promise.allSettled(Array.from({ length: 4 }, () => changeDraft(shop.orders, staff, change)));
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    expect(await codeOf(changeDraft(shop.orders, staff, change))).toBe("version_conflict");
  });

  test("that lacks something is not sent", async () => {
    const sku = await aSku(shop, 5);
    const send = async (draftId: DraftId) =>
      codeOf(sendDraft(shop.orders, staff, { draftId, version: 1, expiresInSeconds: WEEK_SECONDS }));
    expect(await send(await aDraft(shop, sku, 1, { email: undefined }))).toBe("email_required");
    expect(await send(await aDraft(shop, sku, 1, { shippingAddress: undefined }))).toBe("shipping_address_required");
    expect(await send(await aDraft(shop, sku, 1, { shipping: undefined }))).toBe("shipping_method_required");
    expect(await send(await aDraft(shop, sku, 1, { lines: [] }))).toBe("cart_empty");
    expect(await send(await aDraft(shop, "NO-SUCH-SKU"))).toBe("out_of_stock");
  });
});

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
    const view = await expectPaid(draftId, orderId, { sku, quantity: 2 });
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
    expect((await expectPaid(draftId, orderId, { sku, quantity: 1 })).totals.total).toEqual(usd(PRICE + 700));
  });

  test("that was paid with a declined card may be paid with another", async () => {
    const sku = await aSku(shop, 5);
    const draftId = await aDraft(shop, sku);
    const token = await aLink(shop, draftId);
    const refused = await pay(shop, token, { payment: declined });
    await deliver(shop, refused.orderId);
    expect((await leftBehind(shop, refused.orderId, sku)).view.refusal?.code).toBe("payment_declined");
    expect(await draftOf(draftId)).toMatchObject({ state: "open", orderId: null });
    const { orderId } = await pay(shop, token);
    await deliver(shop, orderId);
    await expectPaid(draftId, orderId, { sku, quantity: 1 });
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
      const { state, orderId } = await draftOf(draftId);
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
    expect((await draftOf(draftId)).state).toBe("open");
  });
});

describe("units that are held for a draft", () => {
  const hold = (draftId: DraftId, seconds = 3_600) => holdDraft(shop.orders, staff, { draftId, seconds });

  test("are nobody else's, and the draft's order takes them over", async () => {
    const sku = await aSku(shop, 2);
    const draftId = await aDraft(shop, sku, 2);
    await hold(draftId);
    expect(await available(shop, sku)).toBe(0);
    const other = await place(shop, await aCart(shop, sku));
    await deliver(shop, other);
    expect((await leftBehind(shop, other, sku)).view.refusal?.code).toBe("out_of_stock");
    const { orderId } = await pay(shop, await aLink(shop, draftId));
    await deliver(shop, orderId);
    await expectPaid(draftId, orderId, { sku, quantity: 2 });
  });

  test("are held again when a payment was declined", async () => {
    const sku = await aSku(shop, 2);
    const draftId = await aDraft(shop, sku, 2);
    await hold(draftId);
    const { orderId } = await pay(shop, await aLink(shop, draftId), { payment: declined });
    await deliver(shop, orderId);
    expect((await draftOf(draftId)).state).toBe("open");
    expect((await leftBehind(shop, orderId, sku)).reserved).toBe(2);
  });

  test("follow a change of the draft, and are free when it is cancelled or they are let go", async () => {
    const sku = await aSku(shop, 5);
    const draftId = await aDraft(shop, sku, 2);
    await hold(draftId);
    const change = { draftId, version: 1, content: draftContent([{ sku, quantity: 4 }]) };
    await changeDraft(shop.orders, staff, change);
    expect(await available(shop, sku)).toBe(1);
    const tooMany = { draftId, version: 2, content: draftContent([{ sku, quantity: 6 }]) };
    expect(await codeOf(changeDraft(shop.orders, staff, tooMany))).toBe("out_of_stock");
    expect(await available(shop, sku)).toBe(1);
    await hold(draftId, 0);
    expect(await available(shop, sku)).toBe(5);
    await hold(draftId);
    await cancelDraft(shop.orders, staff, { draftId });
    expect(await available(shop, sku)).toBe(5);
  });
});

test("an erased customer's drafts are cancelled and blank, and their links worthless", async () => {
  const sku = await aSku(shop, 5);
  const customerId = newId("cus");
  const draftId = await aDraft(shop, sku, 1, { customerId, note: "Ada's birthday" });
  const token = await aLink(shop, draftId);
  await transact(shop.db, (tx) => eraseFromOrders(tx, shop.clock.now(), customerId));
  expect(await draftOf(draftId)).toMatchObject({ state: "cancelled", email: null, shippingAddress: null, note: null });
  expect(await codeOf(viewPaymentLink(shop.orders, token))).toBe("not_found");
  const [left] = await shop.db.execute(
    sql`select count(*)::int as rows from orders.draft d join orders.payment_request p on p.draft_id = d.id
      where d.customer_id is not null and (d::text || p::text) ~ 'Ada|ada@|Main St|Berlin'`,
  );
  expect(left?.rows).toBe(0);
});

describe("a crash while a link is paid", () => {
  test("at any point ends in one confirmed order, every step run twice or not", async () => {
    const rehearsal = await pay(shop, await aLink(shop, await aDraft(shop, await aSku(shop, 3))));
    const gates = await recordGates(() => deliver(shop, rehearsal.orderId));
    expect(gates.length).toBeGreaterThanOrEqual(7);
    for (let point = 0; point < gates.length; point += 1) {
      const sku = await aSku(shop, 3);
      const draftId = await aDraft(shop, sku, 2);
      await holdDraft(shop.orders, staff, { draftId, seconds: 86_400 });
      const { orderId } = await pay(shop, await aLink(shop, draftId));
      await crashAt(point, () => deliver(shop, orderId));
      await sweepUntilQuiet(shop);
      await expectPaid(draftId, orderId, { sku, quantity: 2 });
    }
  }, 60_000);

  test("at any point of the way back leaves the draft open and nothing charged, every undo run twice or not", async () => {
    const rehearsal = await aLink(shop, await aDraft(shop, await aSku(shop, 3)));
    const first = await pay(shop, rehearsal, { payment: declined });
    const gates = await recordGates(() => deliver(shop, first.orderId));
    for (let point = 0; point < gates.length; point += 1) {
      const sku = await aSku(shop, 3);
      const draftId = await aDraft(shop, sku, 2);
      const { orderId } = await pay(shop, await aLink(shop, draftId), { payment: declined });
      await crashAt(point, () => deliver(shop, orderId));
      await sweepUntilQuiet(shop);
      const left = await leftBehind(shop, orderId, sku);
      expect(left.view.state).toBe("refused");
      expect(left.charges.filter(({ state }) => state === "held" || state === "captured")).toEqual([]);
      expect([left.reserved, left.allocated]).toEqual([0, 0]);
      expect(await draftOf(draftId)).toMatchObject({ state: "open", orderId: null });
    }
  }, 60_000);
});
