import { describe, expect, test } from "bun:test";
import { type DraftId, money, newId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { transact } from "../../platform/db/index.ts";
import { codeOf } from "../../testing/index.ts";
import { cancelDraft, holdDraft } from "./cancel-draft.ts";
import { changeDraft, createDraft } from "./compose-draft.ts";
import { eraseFromOrders } from "./erase-customer.ts";
import { sendDraft } from "./send-draft.ts";
import { aCart, aSku, available, card, deliver, leftBehind, PRICE, place } from "./testing/checkout.ts";
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
const declined = card("pm_card_visa_chargeDeclined");
const hold = (draftId: DraftId, seconds = 3_600) => holdDraft(shop.orders, staff, { draftId, seconds });
const usd = (amount: number) => money(amount, "USD");

describe("a draft", () => {
  test("costs what the same cart costs", async () => {
    const sku = await aSku(shop, 5);
    const orderId = await place(shop, await aCart(shop, sku, 3));
    const { view } = await leftBehind(shop, orderId, sku);
    const draftId = await aDraft(shop, sku, 3, { shipping: { method: view.shippingMethod.id as never } });
    const { pricing } = await draftOf(shop, draftId);
    expect(pricing.totals).toEqual(view.totals);
    expect(pricing.lines).toMatchObject([{ sku, quantity: 3, unitPrice: usd(PRICE) }]);
  });

  test("that was sent ever again shows its last links, the good one first", async () => {
    const sku = await aSku(shop, 5);
    const draftId = await aDraft(shop, sku);
    for (let sent = 0; sent < 22; sent += 1) {
      shop.clock.advance(1_000);
      await aLink(shop, draftId);
    }
    const { links } = await draftOf(shop, draftId);
    expect(links).toHaveLength(20);
    expect(links.map(({ state }) => state === "open")).toEqual(links.map((_, place) => place === 0));
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
    const { pricing } = await draftOf(shop, draftId);
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

describe("units that are held for a draft", () => {
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
    await expectPaid(shop, draftId, orderId, { sku, quantity: 2 });
  });

  test("are held again when a payment was declined", async () => {
    const sku = await aSku(shop, 2);
    const draftId = await aDraft(shop, sku, 2);
    await hold(draftId);
    const { orderId } = await pay(shop, await aLink(shop, draftId), { payment: declined });
    await deliver(shop, orderId);
    expect((await draftOf(shop, draftId)).state).toBe("open");
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
  await hold(draftId);
  const token = await aLink(shop, draftId);
  await transact(shop.db, (tx) => eraseFromOrders(tx, shop.clock.now(), customerId));
  expect(await draftOf(shop, draftId)).toMatchObject({
    state: "cancelled",
    email: null,
    shippingAddress: null,
    note: null,
  });
  expect(await codeOf(viewPaymentLink(shop.orders, token))).toBe("not_found");
  expect(await available(shop, sku)).toBe(5);
  const [left] = await shop.db.execute(
    sql`select count(*)::int as rows from orders.draft d join orders.payment_request p on p.draft_id = d.id
      where d.customer_id is not null and (d::text || p::text) ~ 'Ada|ada@|Main St|Berlin'`,
  );
  expect(left?.rows).toBe(0);
});
