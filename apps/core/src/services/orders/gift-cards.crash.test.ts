import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { transact } from "../../platform/db/index.ts";
import { crashAt, recordGates } from "../../platform/saga/testing/crash.ts";
import { releaseCredits } from "../payments/index.ts";
import { cancelAsGuest } from "./testing/after-sale.ts";
import { aShop, aSku, card, deliver, leftBehind, place, type Shop, sweepUntilQuiet } from "./testing/checkout.ts";
import { aCartWith, aGiftCard, closeGiftCardShop, expectPaidBy, standing } from "./testing/gift-cards.ts";
import { expectNothingLeft } from "./testing/outcomes.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await aShop();
}, 60_000);
afterAll(() => closeGiftCardShop(shop));

describe("a crash", () => {
  test("at any point of a checkout with a gift card ends confirmed, each tender taken once", async () => {
    const first = await place(shop, await aCartWith(shop, await aSku(shop, 3), [await aGiftCard(shop, 700)]));
    const gates = await recordGates(() => deliver(shop, first));
    for (let point = 0; point < gates.length; point += 1) {
      const sku = await aSku(shop, 3);
      const gift = await aGiftCard(shop, 700);
      const orderId = await place(shop, await aCartWith(shop, sku, [gift]));
      await crashAt(point, () => deliver(shop, orderId));
      await sweepUntilQuiet(shop);
      await expectPaidBy(shop, orderId, sku, 700);
      expect(await standing(shop, gift)).toEqual({ balance: 0, held: 0 });
    }
  }, 90_000);

  test("at any point of the way back gives the card back once, every undo run twice or not", async () => {
    const payment = card("pm_card_visa_chargeDeclined");
    const first = await place(shop, await aCartWith(shop, await aSku(shop, 3), [await aGiftCard(shop, 700)]), {
      payment,
    });
    const gates = await recordGates(() => deliver(shop, first));
    for (let point = 0; point < gates.length; point += 1) {
      const sku = await aSku(shop, 3);
      const gift = await aGiftCard(shop, 700);
      const cartId = await aCartWith(shop, sku, [gift]);
      const orderId = await place(shop, cartId, { payment });
      await crashAt(point, () => deliver(shop, orderId));
      await sweepUntilQuiet(shop);
      await expectNothingLeft(shop, orderId, sku, cartId);
      await transact(shop.db, (tx) => releaseCredits({ tx, now: shop.clock.now() }, { orderId }));
      expect(await standing(shop, gift)).toEqual({ balance: 700, held: 0 });
    }
  }, 90_000);

  test("at any point of a cancellation gives the card its money back once", async () => {
    const cancelled = async () => {
      const sku = await aSku(shop, 3);
      const gift = await aGiftCard(shop, 700);
      const orderId = await place(shop, await aCartWith(shop, sku, [gift]));
      await deliver(shop, orderId);
      await cancelAsGuest(shop, orderId);
      return { sku, gift, orderId };
    };
    const once = await cancelled();
    const gates = await recordGates(() => deliver(shop, once.orderId));
    for (let point = 0; point < gates.length; point += 1) {
      const { sku, gift, orderId } = await cancelled();
      await crashAt(point, () => deliver(shop, orderId));
      await sweepUntilQuiet(shop);
      const { view } = await leftBehind(shop, orderId, sku);
      expect(view.state).toBe("cancelled");
      expect(view.payment).toMatchObject({ state: "refunded", refundedTotal: view.totals.total });
      expect(await standing(shop, gift)).toEqual({ balance: 700, held: 0 });
    }
  }, 90_000);
});
