import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type CustomerId, money, newId, type RefundId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { transact } from "../../platform/db/index.ts";
import { verifyCredits } from "./credits/index.ts";
import { recordNews } from "./record-news.ts";
import { leftToRefund } from "./refund-request.ts";
import { type RefundSettlement, settleRefundOtherwise, unsettledRefunds } from "./settle-refund.ts";
import { refund as refundTable } from "./tables.ts";
import {
  authorize,
  captureOf,
  decide,
  paymentRow,
  refund,
  type TestOrder,
  type TestShop,
  testOrder,
  testShop,
} from "./testing/shop.ts";
import { trialBalance } from "./trial-balance.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
}, 60_000);
afterAll(() => shop[Symbol.asyncDispose]());

const actor = { kind: "system", name: "test" } as const;
const usd = (amount: number) => money(amount, "USD");
const left = ({ orderId }: TestOrder) => transact(shop.db, (tx) => leftToRefund(tx, orderId));

const providers = {
  stripe: {
    method: { provider: "stripe", paymentMethod: "pm_card_visa" },
    parts: [5_200],
    refuse: () =>
      shop.stripe.faults?.arm({
        operation: "refunds.create",
        action: { kind: "fail", status: 400, code: "charge_disputed" },
      }),
    given: async (reference: string) => {
      const { data } = await shop.stripeClient.refunds.list({ payment_intent: reference });
      return data.reduce((sum, one) => sum + one.amount, 0);
    },
  },
  paypal: {
    method: { provider: "paypal", returnUrl: "https://shop.example/back" },
    parts: [2_000, 1_500],
    refuse: () =>
      shop.paypal.faults?.arm({
        operation: "captures.refund",
        action: { kind: "fail", status: 422, code: "REFUND_NOT_ALLOWED" },
      }),
    given: async (reference: string) => {
      const books = await (await fetch(`${shop.paypal.url}/_stoa/books`)).json();
      const { captures } = books as { captures: { order: string; refunded: number }[] };
      return captures.filter(({ order }) => order === reference).reduce((sum, { refunded }) => sum + refunded, 0);
    },
  },
} as const;

for (const [name, { method, parts, refuse, given }] of Object.entries(providers)) {
  describe(`a refund that ${name} refuses for good and that staff give otherwise`, () => {
    const captured = parts.reduce((sum, part) => sum + part, 0);

    async function aRefusedRefund(amount: number) {
      const order = testOrder(method);
      const first = await authorize(shop, order);
      if (first.kind === "requires_action" && first.nextAction.type === "redirect") {
        await decide(first.nextAction.url, "pay");
        await authorize(shop, order);
      }
      for (const part of parts) await captureOf(shop, order, { amount: usd(part), cause: `${order.key}/${part}` });
      refuse();
      const cause = `${order.key}/refused`;
      expect(await refund(shop, order, cause, usd(amount))).toMatchObject({ kind: "failed" });
      shop.stripe.faults?.clear();
      shop.paypal.faults?.clear();
      const [stuck] = await unsettledRefunds(shop.db, order.orderId);
      if (!stuck) throw new Error("nothing is missing");
      return { order, refundId: stuck.refundId, cause };
    }

    const settle = ({ orderId }: TestOrder, refundId: RefundId, settlement: RefundSettlement) =>
      transact(shop.db, (tx) =>
        settleRefundOtherwise(
          { tx, now: shop.deps.clock.now() },
          { orderId, refundId, settlement, reason: "agreed", actor },
        ),
      );

    const atProvider = async (order: TestOrder) => given((await paymentRow(shop, order)).providerReference ?? "");

    test("and that it gave after all counts as given: no more than was taken can go back", async () => {
      const { order, refundId } = await aRefusedRefund(700);
      const { id } = await paymentRow(shop, order);
      const [part] = await shop.db.select().from(refundTable).where(eq(refundTable.requestId, refundId));
      const reference = `late_${id}`;
      await transact(shop.db, (tx) =>
        recordNews({ tx, now: shop.deps.clock.now() }, id, {
          facts: [{ type: "refunded", reference, amount: usd(700), refundId: part?.id ?? null }],
        }),
      );
      expect(await unsettledRefunds(shop.db, order.orderId)).toEqual([]);
      expect(await paymentRow(shop, order)).toMatchObject({ refunded: 700, refundHeld: 700 });
      expect(await left(order)).toBe(captured - 700);
    });

    const ways: readonly RefundSettlement[] = [
      { by: "outside" },
      { by: "store_credit", customerId: newId("cus") as CustomerId },
    ];
    for (const settlement of ways) {
      // More than one capture holds, and less.
      for (const amount of [700, 2_600]) {
        test(`(${settlement.by}, ${amount}) leaves just the rest to give back`, async () => {
          const { order, refundId, cause } = await aRefusedRefund(amount);
          await settle(order, refundId, settlement);
          expect(await left(order)).toBe(captured - amount);
          // The same cause again finds it given.
          expect(await refund(shop, order, cause, usd(amount))).toMatchObject({ kind: "refunded" });
          const rest = captured - amount;
          await expect(refund(shop, order, `${order.key}/too much`, usd(rest + 1))).rejects.toThrow(
            "more than what is left",
          );
          for (const [index, part] of [300, rest - 300].entries()) {
            expect(await refund(shop, order, `${order.key}/rest/${index}`, usd(part))).toMatchObject({
              kind: "refunded",
              refunded: usd(part),
            });
          }
          expect(await left(order)).toBe(0);
          expect(await atProvider(order)).toBe(rest);
          expect(await unsettledRefunds(shop.db, order.orderId)).toEqual([]);
          expect(await verifyCredits(shop.db)).toEqual([]);
          expect((await trialBalance(shop.db)).isBalanced).toBe(true);
        });
      }
    }
  });
}
