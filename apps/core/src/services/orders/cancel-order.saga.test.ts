import { describe, expect, test } from "bun:test";
import { runSaga, sagasOf } from "../../platform/saga/index.ts";
import { cancelOrder } from "./cancel-order.ts";
import { cancelAsGuest } from "./testing/after-sale.ts";
import {
  aCart,
  aSku,
  available,
  card,
  deliver,
  guest,
  leftBehind,
  place,
  sweepUntilQuiet,
} from "./testing/checkout.ts";
import { expectNothingLeft } from "./testing/outcomes.ts";
import { shopForFile } from "./testing/shop-for-file.ts";

const shop = await shopForFile();

describe("cancelling", () => {
  test("a confirmed order gives back units and money", async () => {
    const sku = await aSku(shop, 3);
    const orderId = await place(shop, await aCart(shop, sku));
    await deliver(shop, orderId);
    await cancelAsGuest(shop, orderId);
    await deliver(shop, orderId);
    const left = await leftBehind(shop, orderId, sku);
    expect(left.view.state).toBe("cancelled");
    expect(left.view.payment.state).toBe("refunded");
    expect(left.view.payment.refundedTotal).toEqual(left.view.totals.total);
    expect([left.reserved, left.allocated, await available(shop, sku)]).toEqual([0, 0, 3]);
  });

  test("a pending order takes back its checkout", async () => {
    const sku = await aSku(shop, 3);
    const cartId = await aCart(shop, sku);
    const payment = { ...card("pm_card_authenticationRequired"), returnUrl: "https://shop.example/done" };
    const orderId = await place(shop, cartId, { payment });
    await deliver(shop, orderId);
    await cancelAsGuest(shop, orderId);
    await deliver(shop, orderId);
    const view = await expectNothingLeft(shop, orderId, sku, cartId);
    expect(view.refusal?.code).toBe("order_cancelled");
  });

  test("an order whose checkout has not begun yet refuses it and opens the cart", async () => {
    const sku = await aSku(shop, 3);
    const cartId = await aCart(shop, sku);
    const orderId = await place(shop, cartId);
    await cancelAsGuest(shop, orderId);
    await deliver(shop, orderId);
    const view = await expectNothingLeft(shop, orderId, sku, cartId);
    expect(view.refusal?.code).toBe("order_cancelled");
  });

  test("while the checkout runs ends with one winner and nothing lost", async () => {
    for (let round = 0; round < 6; round += 1) {
      const sku = await aSku(shop, 3);
      const cartId = await aCart(shop, sku);
      const orderId = await place(shop, cartId);
      const [sagaId] = (await sagasOf(shop.db, orderId)).map((saga) => saga.id);
      if (!sagaId) throw new Error("no saga");
      await Promise.allSettled([runSaga(shop.engine, sagaId), cancelAsGuest(shop, orderId)]);
      await sweepUntilQuiet(shop);
      const left = await leftBehind(shop, orderId, sku);
      expect(["refused", "cancelled"]).toContain(left.view.state);
      expect(await available(shop, sku)).toBe(3);
      const kept = left.charges.filter((charge) => charge.state === "held" || charge.state === "captured");
      expect(kept).toEqual([]);
    }
  }, 60_000);

  test("is for its owner alone", async () => {
    const sku = await aSku(shop, 3);
    const orderId = await place(shop, await aCart(shop, sku));
    await expect(cancelOrder(shop.orders, guest, { orderId })).rejects.toMatchObject({ code: "not_found" });
    const foreign = cancelOrder(shop.orders, guest, { orderId, accessToken: "someone-else" });
    await expect(foreign).rejects.toMatchObject({ code: "not_found" });
  });
});
