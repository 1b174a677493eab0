import { expect, setDefaultTimeout, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { requestedPayment, returnRejection } from "./mail-facts.ts";
import { paymentLinkToken } from "./payment-request.ts";
import { draft, orderReturn, paymentRequest } from "./tables.ts";
import { aCart, aSku, place } from "./testing/checkout.ts";
import { aDraft, aLink } from "./testing/drafts.ts";
import { shopForFile } from "./testing/shop-for-file.ts";

setDefaultTimeout(60_000);

const shop = await shopForFile();

test("a mail is told the link of a payment that is still asked for, and of no other", async () => {
  const at = { createdAt: shop.clock.now(), updatedAt: shop.clock.now() };
  const deps = { db: shop.db, orderTokenSecret: shop.orders.orderTokenSecret };
  const aRequest = async (state: "open" | "paid" | "revoked") => {
    const [draftId, id] = [newId("drf"), newId("prq")];
    await shop.db
      .insert(draft)
      .values({ id: draftId, cartId: newId("cart"), state: "open", currency: "USD", lines: [], ...at });
    const totals = { amount: 500, currency: "USD" } as const;
    const sums = { subtotal: totals, discount: totals, shipping: totals, tax: totals, total: totals };
    const shippingMethod = { id: "s", name: "s", price: totals };
    // The terms are no part of a mail.
    const terms = { lines: [], totals: sums, shippingMethod } as unknown as typeof paymentRequest.$inferInsert.terms;
    await shop.db.insert(paymentRequest).values({
      ...{ id, tokenHash: id, state, draftId, currency: "USD", amount: 500, terms, expiresAt: shop.clock.now(), ...at },
    });
    return id;
  };
  const open = await aRequest("open");
  expect(await requestedPayment(deps, open)).toMatchObject({
    token: paymentLinkToken(deps, open),
    amount: totalsOf(500),
  });
  for (const state of ["paid", "revoked"] as const) {
    expect(await requestedPayment(deps, await aRequest(state))).toBeNull();
  }
  expect(await requestedPayment(deps, "nonsense")).toBeNull();
});

const totalsOf = (amount: number) => ({ amount, currency: "USD" });

test("a mail is told why a return was rejected", async () => {
  const orderId = await place(shop, await aCart(shop, await aSku(shop, 1)));
  const at = { requestedAt: shop.clock.now(), updatedAt: shop.clock.now() };
  const id = newId("ret");
  await shop.db.insert(orderReturn).values({ id, orderId, state: "rejected", rejection: "It was worn.", ...at });
  expect(await returnRejection(shop.db, id)).toBe("It was worn.");
  expect(await returnRejection(shop.db, newId("ret"))).toBeNull();
  expect(await returnRejection(shop.db, "nonsense")).toBeNull();
});

test("each link that is sent for a draft asks its customer by mail, once", async () => {
  const draftId = await aDraft(shop, await aSku(shop, 1));
  const asked = () =>
    shop.db.execute<{ payload: { orderId: null; requestId: string } }>(
      sql`select payload from platform.outbox where type = 'order.payment_requested' and key = ${draftId} order by id`,
    );
  const deps = { db: shop.db, orderTokenSecret: shop.orders.orderTokenSecret };
  const tokens = [await aLink(shop, draftId), await aLink(shop, draftId)];
  const rows = await asked();
  expect(rows.map(({ payload }) => payload.orderId)).toEqual([null, null]);
  const facts = await Promise.all(rows.map(({ payload }) => requestedPayment(deps, payload.requestId)));
  // The first link is worthless by now, so nobody is sent it any more.
  expect(facts).toMatchObject([null, { token: tokens[1], to: { name: "Ada", address: "ada@example.com" } }]);
});
