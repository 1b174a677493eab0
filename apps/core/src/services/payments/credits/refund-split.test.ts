import { afterAll, beforeAll, expect, test } from "bun:test";
import { money } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { transact } from "../../../platform/db/index.ts";
import type { VerbContext } from "../attempt.ts";
import { giftCard } from "../tables.ts";
import {
  authorize,
  balances,
  capture,
  captureOf,
  crashAfterCall,
  plain,
  refund,
  type TestOrder,
  type TestShop,
  testOrder,
  testShop,
} from "../testing/shop.ts";
import { holdCredits, redeemCredits } from "./hold-credits.ts";
import { issueGiftCard } from "./issue-gift-card.ts";
import { verifyCredits } from "./verify-credits.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
}, 60_000);
afterAll(async () => {
  expect(await verifyCredits(shop.db)).toEqual([]);
  await shop[Symbol.asyncDispose]();
});

const run = <T>(work: (context: VerbContext) => Promise<T>): Promise<T> =>
  transact(shop.db, (tx) => work({ tx, now: shop.deps.clock.now() }));

/** An order of which a gift card pays 2,000 and the provider the rest, and the card's balance. */
async function aSplitOrder(rest: number) {
  const { giftCardId } = await run((context) =>
    issueGiftCard(context, {
      ...{ amount: money(2_000, "USD"), expiresAt: null, customerId: null, reason: null },
      actor: { kind: "system", name: "test" },
    }),
  );
  const order: TestOrder = { ...testOrder(), amount: money(rest, "USD") };
  const { orderId } = order;
  const credits = [{ giftCardId, amount: 2_000 }];
  await run((context) => holdCredits(context, { orderId, currency: "USD", customerId: null, credits }));
  await authorize(shop, order);
  await run((context) => redeemCredits(context, { orderId }));
  const onCard = async () => (await shop.db.select().from(giftCard).where(eq(giftCard.id, giftCardId)))[0]?.balance;
  return { order, onCard };
}

test("money goes back to the provider first and then to the gift card, never more than either gave", async () => {
  const { order, onCard } = await aSplitOrder(3_000);
  await capture(shop, order);
  const give = (cause: string, amount: number) => refund(shop, order, `${order.key}/${cause}`, money(amount, "USD"));
  expect(await give("r1", 1_000)).toMatchObject({ kind: "refunded", refunded: money(1_000, "USD") });
  expect(await onCard()).toBe(0);
  for (const _ of [1, 2]) {
    expect(await give("r2", 2_500)).toMatchObject({ kind: "refunded", refunded: money(2_500, "USD") });
    expect(await onCard()).toBe(500);
  }
  await expect(give("r3", 1_501)).rejects.toThrow("more than what is left");
  expect(await give("r4", 1_500)).toMatchObject({ kind: "refunded" });
  expect(await onCard()).toBe(2_000);
});

test("an order that a gift card paid alone is refunded to the card", async () => {
  const { order, onCard } = await aSplitOrder(0);
  await capture(shop, order);
  const give = (cause: string, amount: number) => refund(shop, order, `${order.key}/${cause}`, money(amount, "USD"));
  expect(await give("r1", 700)).toMatchObject({ kind: "refunded", pending: money(0, "USD") });
  expect(await onCard()).toBe(700);
  await expect(give("r2", 1_301)).rejects.toThrow("more than what is left");
  await expect(refund(shop, order, "euros", money(1, "EUR"))).rejects.toMatchObject({ code: "currency_mismatch" });
});

test("refunds at once never give back more than was paid, over both", async () => {
  const { order, onCard } = await aSplitOrder(3_000);
  await capture(shop, order);
  const asked = Array.from({ length: 8 }, (_, index) =>
    refund(shop, order, `${order.key}/p${index}`, money(900, "USD")),
  );
  const outcomes = await Promise.allSettled(asked);
  expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(5);
  expect(await onCard()).toBe(1_500);
});

test("killed before it saw the provider's answer, a refund over both gives each part back once", async () => {
  const { order, onCard } = await aSplitOrder(3_000);
  await capture(shop, order);
  const { orderId } = order;
  const input = { orderId, amount: money(4_000, "USD"), reason: null, cause: `${order.key}/r` };
  await crashAfterCall(shop, shop.verbs.refundOrder, plain, input);
  expect(await refund(shop, order, input.cause, input.amount)).toMatchObject({ kind: "refunded" });
  expect(await onCard()).toBe(1_000);
});

test("a provider that refuses its part leaves the card's part given, and the same cause tries the rest again", async () => {
  const { order, onCard } = await aSplitOrder(3_000);
  await capture(shop, order);
  shop.stripe.faults?.arm({ operation: "refunds.create", action: { kind: "fail", status: 400 }, times: 1 });
  const cause = `${order.key}/r`;
  const first = await refund(shop, order, cause, money(4_000, "USD"));
  shop.stripe.faults?.clear();
  expect(first).toMatchObject({ kind: "failed", refunded: money(1_000, "USD") });
  expect(await refund(shop, order, cause, money(4_000, "USD"))).toMatchObject({ kind: "refunded" });
  expect(await onCard()).toBe(1_000);
});

test("taken at shipment, what gift cards have paid is used up first, and is not missed in the last capture", async () => {
  const { order } = await aSplitOrder(3_000);
  const part = (cause: string) =>
    captureOf(shop, order, { amount: money(2_500, "USD"), cause: `${order.key}/${cause}` });
  for (const _ of [1, 2]) {
    expect(await part("first")).toMatchObject({ captured: money(500, "USD"), short: money(0, "USD") });
  }
  const last = await part("second");
  expect(last).toMatchObject({ kind: "captured", captured: money(3_000, "USD"), short: money(0, "USD") });
});

test("the books of providers and gift cards together add up to zero", async () => {
  const sums = Object.values(await balances(shop));
  expect(sums.reduce((sum, one) => sum + one, 0)).toBe(0);
});
