import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { money, type OrderId, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { transact } from "../../platform/db/index.ts";
import { applyGiftCard } from "../carts/index.ts";
import { cancelLines } from "./cancel-lines.ts";
import { cancelOrder } from "./cancel-order.ts";
import { orderAccessToken } from "./order-token.ts";
import { act, captureAtShipment, shipped } from "./testing/after-sale.ts";
import {
  aCart,
  aShop,
  aSku,
  available,
  card,
  deliver,
  guest,
  leftBehind,
  PRICE,
  place,
  type Shop,
  sweepUntilQuiet,
} from "./testing/checkout.ts";
import { aCartWith, aGiftCard, closeGiftCardShop, expectPaidBy, standing } from "./testing/gift-cards.ts";
import { expectNothingLeft } from "./testing/outcomes.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await aShop();
}, 60_000);
afterAll(() => closeGiftCardShop(shop));

const manual = { provider: "manual" } as const;

describe("an order paid by gift card", () => {
  test("and by card for the rest: each pays its part, to the cent", async () => {
    const sku = await aSku(shop, 5);
    const gift = await aGiftCard(shop, 1_234);
    const orderId = await place(shop, await aCartWith(shop, sku, [gift]));
    await deliver(shop, orderId);
    const view = await expectPaidBy(shop, orderId, sku, 1_234);
    const rest = money(view.totals.total.amount - 1_234, "USD");
    expect(view.payment.tenders).toEqual([
      { kind: "gift_card", amount: money(1_234, "USD"), last4: gift.last4 },
      { kind: "stripe", amount: rest },
    ]);
    expect(await standing(shop, gift)).toEqual({ balance: 0, held: 0 });
  });

  test("alone asks no provider", async () => {
    const sku = await aSku(shop, 5);
    const gift = await aGiftCard(shop, 100_000);
    const orderId = await place(shop, await aCartWith(shop, sku, [gift]));
    await deliver(shop, orderId);
    const [view] = [(await leftBehind(shop, orderId, sku)).view];
    await expectPaidBy(shop, orderId, sku, view.totals.total.amount);
    expect(view.payment.tenders).toHaveLength(1);
    expect(await standing(shop, gift)).toEqual({ balance: 100_000 - view.totals.total.amount, held: 0 });
  });

  test("of which another order has taken everything meanwhile is refused, and charges nothing", async () => {
    const sku = await aSku(shop, 5);
    const gift = await aGiftCard(shop, 100);
    const other = await aSku(shop, 5);
    const [first, second] = [await aCartWith(shop, other, [gift]), await aCartWith(shop, sku, [gift])];
    const [winner, loser] = [await place(shop, first), await place(shop, second)];
    await deliver(shop, winner);
    await deliver(shop, loser);
    await expectPaidBy(shop, winner, other, 100);
    const view = await expectNothingLeft(shop, loser, sku, second);
    expect(view.refusal?.code).toBe("gift_card_not_applicable");
  });

  test("that is declined for the rest gives the gift card back", async () => {
    const sku = await aSku(shop, 5);
    const gift = await aGiftCard(shop, 500);
    const cartId = await aCartWith(shop, sku, [gift]);
    const orderId = await place(shop, cartId, { payment: card("pm_card_visa_chargeDeclined") });
    await deliver(shop, orderId);
    const view = await expectNothingLeft(shop, orderId, sku, cartId);
    expect(view.payment.tenders).toBeUndefined();
    expect(await standing(shop, gift)).toEqual({ balance: 500, held: 0 });
  });

  test("whose shopper never comes back from 3-D Secure lets go of the card when time is over", async () => {
    const sku = await aSku(shop, 5);
    const gift = await aGiftCard(shop, 500);
    const cartId = await aCartWith(shop, sku, [gift]);
    const payment = { ...card("pm_card_authenticationRequired"), returnUrl: "https://shop.example/done" };
    const orderId = await place(shop, cartId, { payment });
    await deliver(shop, orderId);
    expect(await standing(shop, gift)).toEqual({ balance: 500, held: 500 });
    await sweepUntilQuiet(shop);
    await expectNothingLeft(shop, orderId, sku, cartId);
    expect(await standing(shop, gift)).toEqual({ balance: 500, held: 0 });
  });

  test("is refused at once when the cards leave more to pay than was shown", async () => {
    const sku = await aSku(shop, 5);
    const gift = await aGiftCard(shop, 500);
    const cartId = await aCartWith(shop, sku, [gift]);
    const orderId = await place(shop, cartId, { expectedAmountDue: money(1, "USD") });
    const view = await expectNothingLeft(shop, orderId, sku, cartId);
    expect(view.refusal).toMatchObject({ code: "price_changed", extensions: { amountDue: { currency: "USD" } } });
    expect(await standing(shop, gift)).toEqual({ balance: 500, held: 0 });
  });
});

test("an order that gift cards paid alone shows as refunded once it is cancelled", async () => {
  const sku = await aSku(shop, 3);
  const gift = await aGiftCard(shop, 100_000);
  const orderId = await place(shop, await aCartWith(shop, sku, [gift]));
  await deliver(shop, orderId);
  const accessToken = orderAccessToken(shop.orders.orderTokenSecret, orderId);
  await cancelOrder(shop.orders, guest, { orderId, accessToken });
  await deliver(shop, orderId);
  const { view } = await leftBehind(shop, orderId, sku);
  expect(view.payment).toMatchObject({ state: "refunded", refundedTotal: view.totals.total });
  expect(await standing(shop, gift)).toEqual({ balance: 100_000, held: 0 });
});

test("a hundred checkouts at once with one card spend exactly its balance", async () => {
  const sku = await aSku(shop, 200);
  const probe = await place(shop, await aCart(shop, sku), { payment: manual });
  const { amount } = (await leftBehind(shop, probe, sku)).view.totals.total;
  const gift = await aGiftCard(shop, 7 * amount);
  const carts = [];
  for (let batch = 0; batch < 10; batch += 1) {
    carts.push(...(await Promise.all(Array.from({ length: 10 }, () => aCartWith(shop, sku, [gift])))));
  }
  const orders = await Promise.all(carts.map((cartId) => place(shop, cartId, { payment: manual })));
  await Promise.all(orders.map((orderId) => deliver(shop, orderId)));
  await sweepUntilQuiet(shop);
  const states = await Promise.all(orders.map(async (orderId) => (await leftBehind(shop, orderId, sku)).view.state));
  expect(states.filter((state) => state === "confirmed")).toHaveLength(7);
  expect(states.filter((state) => state === "refused")).toHaveLength(93);
  expect(await standing(shop, gift)).toEqual({ balance: 0, held: 0 });
  // Those that were refused hold no unit either.
  expect(await available(shop, sku)).toBe(200 - 7 - 1);
}, 120_000);

describe("units that are cancelled", () => {
  /** Two units of which a gift card pays 4,000. */
  async function sold(shop: Shop) {
    const sku = await aSku(shop, 5);
    const gift = await aGiftCard(shop, 4_000);
    const cartId = await aCart(shop, sku, 2);
    await transact(shop.db, (tx) =>
      applyGiftCard(shop.carts, { tx, now: shop.clock.now(), actor: guest }, { cartId, code: gift.code }),
    );
    const orderId = await place(shop, cartId);
    await deliver(shop, orderId);
    return { sku, gift, orderId };
  }
  const cancelOne = async (shop: Shop, order: { readonly orderId: OrderId; readonly sku: string }) => {
    const { orderId, sku } = order;
    await act(shop, (context) => cancelLines(context, { orderId, items: [{ sku, quantity: 1 }], reason: "sold out" }));
    await sweepUntilQuiet(shop);
  };

  test("come back from the provider first, and from the gift card for the rest", async () => {
    const order = await sold(shop);
    const { total } = (await leftBehind(shop, order.orderId, order.sku)).view.totals;
    await cancelOne(shop, order);
    const { view, charges } = await leftBehind(shop, order.orderId, order.sku);
    const back = view.payment.refundedTotal.amount;
    expect(back).toBeGreaterThanOrEqual(PRICE);
    expect(charges).toEqual([{ state: "refunded", amount: total.amount - 4_000 }]);
    expect(await standing(shop, order.gift)).toEqual({ balance: back - (total.amount - 4_000), held: 0 });
    expect(view.payment.state).toBe("partially_refunded");
  });

  test("are never charged where money is taken at shipment, and the card is used up first", async () => {
    await using shop = await aShop();
    await captureAtShipment(shop);
    const order = await sold(shop);
    await cancelOne(shop, order);
    await shipped(shop, order.orderId);
    await sweepUntilQuiet(shop);
    const { charges, view } = await leftBehind(shop, order.orderId, order.sku);
    const taken = charges.reduce((sum, charge) => sum + (charge.state === "captured" ? charge.amount : 0), 0);
    const { balance } = await standing(shop, order.gift);
    // One unit and its part of shipping, and nothing more, was kept of card and provider together.
    expect([view.state, charges.filter((charge) => charge.state === "held")]).toEqual(["completed", []]);
    const [sums] = await shop.db.execute<{ captured: string }>(
      sql`select sum(captured) as captured from payments.payment where order_id = ${toUuid(order.orderId)}::uuid`,
    );
    const kept = 4_000 - balance + Number(sums?.captured);
    expect(kept).toBeGreaterThanOrEqual(PRICE);
    expect(kept).toBeLessThan(2 * PRICE);
    expect(taken).toBeLessThan(2 * PRICE);
  });
});
