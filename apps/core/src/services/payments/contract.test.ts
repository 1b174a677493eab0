import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Money, money } from "@stoa/kernel";
import { paymentOfOrder } from "./payment-of-order.ts";
import { approveOnly, orderWith, payAll, providers } from "./testing/provider-contract.ts";
import {
  authorize,
  capture,
  captureOf,
  crashAfterCall,
  plain,
  refund,
  release,
  type TestOrder,
  type TestShop,
  testShop,
  timed,
} from "./testing/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

for (const provider of providers) {
  const { name } = provider;
  const books = (order: TestOrder) => provider.books(shop, order);
  const pay = (order: TestOrder) => payAll(shop, order);
  const approve = (order: TestOrder) => approveOnly(shop, order);
  /** What a saga does: again, as long as the answer is that it is not over. */
  const captureAll = async (order: TestOrder, amount: Money | "rest", cause: string) => {
    for (;;) {
      const outcome = await captureOf(shop, order, { amount, cause: `${order.key}/${cause}`, byStaff: true });
      if (outcome.kind !== "pending") return outcome;
    }
  };

  describe(`every provider keeps its promises: ${name}`, () => {
    test("it holds the whole amount once, however often it is asked", async () => {
      const order = orderWith(provider);
      expect(await pay(order)).toMatchObject({ kind: "authorized" });
      expect(await authorize(shop, order)).toMatchObject({ kind: "authorized" });
      expect(await books(order)).toEqual({ charges: 1, held: 5_200, taken: 0, returned: 0 });
    });

    test("it takes what it holds once, and gives part of it back once a key", async () => {
      const order = orderWith(provider);
      await pay(order);
      for (const _ of [1, 2]) expect(await capture(shop, order, true)).toMatchObject({ kind: "captured" });
      for (const _ of [1, 2]) {
        expect(await refund(shop, order, `${order.key}/r`, money(1_200, "USD"))).toMatchObject({ kind: "refunded" });
      }
      expect(await books(order)).toEqual({ charges: 1, held: 0, taken: 5_200, returned: 1_200 });
      expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "partially_refunded" });
    });

    test("it lets go of what it holds, and twice is the same as once", async () => {
      const order = orderWith(provider);
      await pay(order);
      for (const _ of [1, 2]) await release(shop, order);
      expect(await books(order)).toEqual({ charges: 1, held: 0, taken: 0, returned: 0 });
      expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "voided" });
      expect(await authorize(shop, order)).toMatchObject({ kind: "declined" });
    });

    test("killed before it saw the answer, it holds the amount once all the same", async () => {
      const order = orderWith(provider);
      await approve(order);
      await crashAfterCall(shop, shop.verbs.authorizePayment, timed(order.key, null), order);
      expect(await authorize(shop, order)).toMatchObject({ kind: "authorized" });
      expect(await books(order)).toMatchObject({ charges: 1, held: 5_200 });
    });

    test("killed before it saw the answer, it lets go of what may be held", async () => {
      const order = orderWith(provider);
      await approve(order);
      await crashAfterCall(shop, shop.verbs.authorizePayment, timed(order.key, null), order);
      await release(shop, order);
      expect(await books(order)).toMatchObject({ held: 0, taken: 0 });
    });

    test("killed before it saw the answer to a capture or a refund, it makes neither twice", async () => {
      const order = orderWith(provider);
      await pay(order);
      await crashAfterCall(shop, shop.verbs.capturePayment, plain, { ...order, byStaff: true });
      expect(await capture(shop, order, true)).toMatchObject({ kind: "captured" });
      const partly = { ...order, amount: money(200, "USD"), reason: null, cause: `${order.key}/r` };
      await crashAfterCall(shop, shop.verbs.refundOrder, plain, partly);
      expect(await refund(shop, order, `${order.key}/r`, partly.amount)).toMatchObject({ kind: "refunded" });
      expect(await books(order)).toEqual({ charges: 1, held: 0, taken: 5_200, returned: 200 });
    });

    test("money that was taken comes back when the order is let go of", async () => {
      const order = orderWith(provider);
      await pay(order);
      await capture(shop, order, true);
      expect(await release(shop, order)).toMatchObject({ kind: "refunded" });
      expect(await books(order)).toEqual({ charges: 1, held: 0, taken: 5_200, returned: 5_200 });
    });

    test("it takes what it holds in parts, each cause once, and never more than it holds", async () => {
      const order = orderWith(provider);
      await pay(order);
      const part = (amount: number, cause: string) => captureAll(order, money(amount, "USD"), cause);
      for (const _ of [1, 2]) {
        expect(await part(2_000, "first")).toMatchObject({ kind: "captured", captured: money(2_000, "USD") });
      }
      expect(await books(order)).toMatchObject({ charges: 1, held: 3_200, taken: 2_000 });
      expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "authorized", heldAmount: 3_200 });
      const over = await part(4_000, "second");
      expect(over).toMatchObject({ kind: "captured", captured: money(5_200, "USD"), short: money(800, "USD") });
      expect(await books(order)).toEqual({ charges: 1, held: 0, taken: 5_200, returned: 0 });
    });

    test("two causes at once take both parts, and a third the rest", async () => {
      const order = orderWith(provider);
      await pay(order);
      await Promise.all([1, 2].map((part) => captureAll(order, money(1_000 * part, "USD"), `part ${part}`)));
      expect(await books(order)).toMatchObject({ held: 2_200, taken: 3_000 });
      expect(await captureAll(order, "rest", "rest")).toMatchObject({ kind: "captured", short: money(0, "USD") });
      expect(await books(order)).toEqual({ charges: 1, held: 0, taken: 5_200, returned: 0 });
    });

    test("killed before it saw the answer to a part, it takes the part once", async () => {
      const order = orderWith(provider);
      await pay(order);
      const input = { ...order, amount: money(2_000, "USD"), cause: `${order.key}/part`, byStaff: true };
      await crashAfterCall(shop, shop.verbs.captureOrder, plain, input);
      await captureAll(order, money(2_000, "USD"), "part");
      expect(await books(order)).toMatchObject({ held: 3_200, taken: 2_000 });
    });

    test("it gives back several parts of several captures, and what was never captured is let go of", async () => {
      const order = orderWith(provider);
      await pay(order);
      await captureAll(order, money(2_000, "USD"), "first");
      await captureAll(order, money(1_500, "USD"), "second");
      const give = (cause: string, amount: number) =>
        refund(shop, order, `${order.key}/${cause}`, money(amount, "USD"));
      await expect(give("too much", 3_501)).rejects.toThrow("more than what is left");
      for (const _ of [1, 2]) expect(await give("r1", 1_700)).toMatchObject({ kind: "refunded" });
      expect(await give("r2", 300)).toMatchObject({ kind: "refunded" });
      expect(await books(order)).toMatchObject({ held: 1_700, taken: 3_500, returned: 2_000 });
      await release(shop, order);
      expect(await books(order)).toEqual({ charges: 1, held: 0, taken: 3_500, returned: 3_500 });
      expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "refunded", heldAmount: 0 });
    });

    test("refunds at once never send back more than was captured", async () => {
      const order = orderWith(provider);
      await pay(order);
      await captureAll(order, money(2_000, "USD"), "first");
      await captureAll(order, money(1_000, "USD"), "second");
      const asked = Array.from({ length: 6 }, (_, index) =>
        refund(shop, order, `${order.key}/p${index}`, money(700, "USD")),
      );
      const outcomes = await Promise.allSettled(asked);
      expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(4);
      expect(await books(order)).toMatchObject({ taken: 3_000, returned: 2_800 });
    });
  });
}
