import { describe, expect, test } from "bun:test";
import { money, type OrderId } from "@stoa/kernel";
import { sagasOf } from "../../platform/saga/index.ts";
import { crashAt, recordGates } from "../../platform/saga/testing/crash.ts";
import { placeOrder } from "./place-order.ts";
import {
  aCart,
  aSku,
  available,
  card,
  cartState,
  deliver,
  guest,
  leftBehind,
  PRICE,
  place,
  sweepUntilQuiet,
} from "./testing/checkout.ts";
import { expectNothingLeft } from "./testing/outcomes.ts";
import { shopForFile } from "./testing/shop-for-file.ts";

const shop = await shopForFile();

/** An order that is confirmed and paid for, and nothing that does not belong to it. */
async function expectConfirmed(orderId: OrderId, sku: string, quantity: number): Promise<void> {
  const left = await leftBehind(shop, orderId, sku);
  expect(left.view.state).toBe("confirmed");
  expect(left.view.payment.state).toBe("captured");
  expect(left.charges).toEqual([{ state: "captured", amount: left.view.totals.total.amount }]);
  expect([left.reserved, left.allocated]).toEqual([0, quantity]);
}

describe("a checkout", () => {
  test("with a good card confirms, captures and allocates", async () => {
    const sku = await aSku(shop, 5);
    const cartId = await aCart(shop, sku, 2);
    const orderId = await place(shop, cartId);
    await deliver(shop, orderId);
    await expectConfirmed(orderId, sku, 2);
    expect(await available(shop, sku)).toBe(3);
    expect(await cartState(shop, cartId)).toBe("completed");
    const { view } = await leftBehind(shop, orderId, sku);
    expect(view.timeline.map((entry) => entry.type)).toEqual([
      "placed",
      "payment_authorized",
      "confirmed",
      "payment_captured",
    ]);
    expect(view.totals.subtotal).toEqual(money(2 * PRICE, "USD"));
  });

  test("with a declined card refuses with the decline code and leaves nothing", async () => {
    const sku = await aSku(shop, 5);
    const cartId = await aCart(shop, sku);
    const orderId = await place(shop, cartId, { payment: card("pm_card_visa_chargeDeclinedInsufficientFunds") });
    await deliver(shop, orderId);
    const view = await expectNothingLeft(shop, orderId, sku, cartId);
    expect(view.refusal).toMatchObject({
      code: "payment_declined",
      extensions: { declineCode: "insufficient_funds" },
    });
  });

  test("of more than there is refuses with what there is, and charges nothing", async () => {
    const sku = await aSku(shop, 1);
    const cartId = await aCart(shop, sku, 2);
    const orderId = await place(shop, cartId);
    await deliver(shop, orderId);
    const view = await expectNothingLeft(shop, orderId, sku, cartId);
    expect(view.refusal).toMatchObject({
      code: "out_of_stock",
      extensions: { items: [{ sku, requested: 2, available: 1 }] },
    });
    expect(view.payment.state).toBe("failed");
  });

  test("at another total than expected is refused at once, with the new totals", async () => {
    const sku = await aSku(shop, 5);
    const cartId = await aCart(shop, sku);
    const orderId = await place(shop, cartId, { expectedTotal: money(1, "USD") });
    expect(await sagasOf(shop.db, orderId)).toEqual([]);
    const view = await expectNothingLeft(shop, orderId, sku, cartId);
    expect(view.refusal).toMatchObject({
      code: "price_changed",
      extensions: { totals: { subtotal: money(PRICE, "USD") } },
    });
  });

  test("after a refusal the same cart can be checked out", async () => {
    const sku = await aSku(shop, 5);
    const cartId = await aCart(shop, sku);
    const refused = await place(shop, cartId, { payment: card("pm_card_visa_chargeDeclined") });
    await deliver(shop, refused);
    const orderId = await place(shop, cartId);
    await deliver(shop, orderId);
    await expectConfirmed(orderId, sku, 1);
  });

  test("with 3-D Secure waits for the shopper, keeps the units, and is refused when the time is over", async () => {
    const sku = await aSku(shop, 5);
    const cartId = await aCart(shop, sku);
    const payment = { ...card("pm_card_authenticationRequired"), returnUrl: "https://shop.example/done" };
    const orderId = await place(shop, cartId, { payment });
    await deliver(shop, orderId);
    const waiting = await leftBehind(shop, orderId, sku);
    expect(waiting.view.state).toBe("pending");
    expect(waiting.view.payment.nextAction?.type).toBe("redirect");
    expect(waiting.reserved).toBe(1);
    await sweepUntilQuiet(shop);
    const view = await expectNothingLeft(shop, orderId, sku, cartId);
    // Nobody declined it, and being asked after again and again is no news.
    expect(view.refusal).toMatchObject({ code: "payment_declined", detail: "It was not paid in time." });
    expect(view.timeline.map(({ type }) => type)).toEqual(["placed", "payment_requires_action", "refused"]);
  });

  test("with 3-D Secure that the shopper passes is confirmed", async () => {
    const sku = await aSku(shop, 5);
    const payment = { ...card("pm_card_authenticationRequired"), returnUrl: "https://shop.example/done" };
    const orderId = await place(shop, await aCart(shop, sku), { payment });
    await deliver(shop, orderId);
    const { view } = await leftBehind(shop, orderId, sku);
    if (view.payment.nextAction?.type !== "redirect") throw new Error("nowhere to go");
    const form = new URLSearchParams({ decision: "pay" });
    const approved = await fetch(view.payment.nextAction.url, { method: "POST", body: form, redirect: "manual" });
    expect(approved.status).toBe(303);
    await sweepUntilQuiet(shop);
    await expectConfirmed(orderId, sku, 1);
  });
});

describe("the idempotency key", () => {
  test("gives the same order again, also to many at once", async () => {
    const sku = await aSku(shop, 5);
    const cartId = await aCart(shop, sku);
    const request = { cartId, patch: {}, payment: card("pm_card_visa"), idempotencyKey: "the-key" };
    const placed = await Promise.all(Array.from({ length: 6 }, () => placeOrder(shop.orders, guest, request)));
    expect(new Set(placed.map((one) => one.orderId)).size).toBe(1);
    expect(placed.filter((one) => !one.replayed)).toHaveLength(1);
    expect(new Set(placed.map((one) => one.accessToken)).size).toBe(1);
  });

  test("with another request is refused", async () => {
    const sku = await aSku(shop, 5);
    const cartId = await aCart(shop, sku);
    const request = { cartId, patch: {}, payment: card("pm_card_visa"), idempotencyKey: "the-key" };
    await placeOrder(shop.orders, guest, request);
    const other = placeOrder(shop.orders, guest, { ...request, payment: card("pm_card_mastercard") });
    await expect(other).rejects.toMatchObject({ code: "idempotency_key_reused" });
  });

  test("does not let a cart be checked out twice under two keys", async () => {
    const sku = await aSku(shop, 5);
    const cartId = await aCart(shop, sku);
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => place(shop, cartId)));
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
  });
});

describe("the last unit", () => {
  test("goes to one of many carts; the others are refused and charged nothing", async () => {
    const sku = await aSku(shop, 1);
    const carts = await Promise.all(Array.from({ length: 8 }, () => aCart(shop, sku)));
    const orders = await Promise.all(carts.map((cartId) => place(shop, cartId)));
    await Promise.all(orders.map((orderId) => deliver(shop, orderId)));
    await sweepUntilQuiet(shop);
    const states = await Promise.all(orders.map(async (orderId) => (await leftBehind(shop, orderId, sku)).view.state));
    expect(states.filter((state) => state === "confirmed")).toHaveLength(1);
    expect(states.filter((state) => state === "refused")).toHaveLength(7);
    expect(await available(shop, sku)).toBe(0);
  });
});

describe("a crash", () => {
  test("at any point of a checkout ends confirmed, charged once, every step run twice or not", async () => {
    const once = await aSku(shop, 3);
    const first = await place(shop, await aCart(shop, once));
    const gates = await recordGates(() => deliver(shop, first));
    expect(gates.length).toBeGreaterThanOrEqual(7);
    for (let point = 0; point < gates.length; point += 1) {
      const sku = await aSku(shop, 3);
      const orderId = await place(shop, await aCart(shop, sku, 2));
      await crashAt(point, () => deliver(shop, orderId));
      await sweepUntilQuiet(shop);
      await expectConfirmed(orderId, sku, 2);
    }
  }, 60_000);

  test("at any point of the way back leaves nothing, every undo run twice or not", async () => {
    const payment = card("pm_card_visa_chargeDeclined");
    const once = await aSku(shop, 3);
    const first = await place(shop, await aCart(shop, once), { payment });
    const gates = await recordGates(() => deliver(shop, first));
    for (let point = 0; point < gates.length; point += 1) {
      const sku = await aSku(shop, 3);
      const cartId = await aCart(shop, sku);
      const orderId = await place(shop, cartId, { payment });
      await crashAt(point, () => deliver(shop, orderId));
      await sweepUntilQuiet(shop);
      await expectNothingLeft(shop, orderId, sku, cartId);
    }
  }, 60_000);

  test("of the provider's answer after the effect charges once", async () => {
    for (const operation of ["payment_intents.create", "payment_intents.confirm", "payment_intents.capture"]) {
      const sku = await aSku(shop, 3);
      shop.stripe.faults?.arm({ operation, action: { kind: "loseAnswer" }, times: 1 });
      const orderId = await place(shop, await aCart(shop, sku));
      await deliver(shop, orderId);
      await sweepUntilQuiet(shop);
      shop.stripe.faults?.clear();
      await expectConfirmed(orderId, sku, 1);
    }
  }, 60_000);

  test("of a provider that stays away refuses the order and holds nothing once it is back", async () => {
    const sku = await aSku(shop, 3);
    const cartId = await aCart(shop, sku);
    shop.stripe.faults?.arm({ operation: "payment_intents.confirm", action: { kind: "loseAnswer" }, times: 8 });
    const orderId = await place(shop, cartId);
    await deliver(shop, orderId);
    await sweepUntilQuiet(shop);
    shop.stripe.faults?.clear();
    await sweepUntilQuiet(shop);
    const { view } = await leftBehind(shop, orderId, sku);
    if (view.state === "confirmed") await expectConfirmed(orderId, sku, 1);
    else await expectNothingLeft(shop, orderId, sku, cartId);
  }, 60_000);
});
