import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { money } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { transact } from "../../platform/db/index.ts";
import { listDisputes } from "./disputes.ts";
import type { PaymentFact } from "./payment.ts";
import { recordNews } from "./record-news.ts";
import { ledgerEntry, ledgerPosting } from "./tables.ts";
import { authorize, capture, paymentRow, type TestOrder, type TestShop, testOrder, testShop } from "./testing/shop.ts";
import { trialBalance } from "./trial-balance.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

async function taken(): Promise<TestOrder> {
  const order = testOrder();
  await authorize(shop, order);
  await capture(shop, order);
  return order;
}

async function tell(order: TestOrder, ...facts: PaymentFact[]) {
  const { id } = await paymentRow(shop, order);
  return transact(shop.db, (tx) => recordNews({ tx, now: shop.deps.clock.now() }, id, { facts }));
}

/** What an order's payment has left on an account, by currency. */
async function balanceOf(order: TestOrder, account: string): Promise<Record<string, number>> {
  const { id } = await paymentRow(shop, order);
  const rows = await shop.db
    .select({ entry: ledgerEntry })
    .from(ledgerEntry)
    .innerJoin(ledgerPosting, eq(ledgerPosting.key, ledgerEntry.postingKey))
    .where(eq(ledgerPosting.paymentId, id));
  const own = Map.groupBy(
    rows.flatMap(({ entry }) => (entry.account === account ? [entry] : [])),
    ({ currency }) => currency,
  );
  return Object.fromEntries(
    [...own].map(([currency, of]) => [currency, of.reduce((sum, { amount }) => sum + amount, 0)]),
  );
}

describe("what a provider tells in another currency than the payment's", () => {
  test("is booked in that currency when a bank disputes it, and taken back so when it is won", async () => {
    const order = await taken();
    const fact = { reference: `dp_${order.orderId}`, amount: money(4_700, "EUR"), reason: "fraudulent" };
    await tell(order, { type: "disputed", ...fact });
    expect(await balanceOf(order, "stripe.disputes")).toEqual({ EUR: 4_700 });
    expect(await balanceOf(order, "stripe.balance")).toEqual({ USD: 5_200, EUR: -4_700 });
    const { items } = await listDisputes(shop.db, { limit: 10 });
    expect(items.find(({ orderId }) => orderId === order.orderId)).toMatchObject({ amount: money(4_700, "EUR") });
    await tell(order, { type: "dispute_won", ...fact });
    expect(await balanceOf(order, "stripe.balance")).toEqual({ USD: 5_200, EUR: 0 });
    expect((await trialBalance(shop.db)).isBalanced).toBe(true);
  });

  test("is no refund of it: nothing is counted or booked, and it is shown as a mismatch", async () => {
    const order = await taken();
    const fact: PaymentFact = { type: "refunded", reference: `re_${order.orderId}`, amount: money(700, "EUR") };
    expect(await tell(order, fact)).toMatchObject({ mismatched: [fact], told: [], isChanged: false });
    expect(await paymentRow(shop, order)).toMatchObject({ refunded: 0, refundHeld: 0 });
    expect(await balanceOf(order, "stripe.refunds")).toEqual({});
  });
});
