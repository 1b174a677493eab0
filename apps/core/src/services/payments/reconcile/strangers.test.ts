import { afterAll, beforeAll, expect, test } from "bun:test";
import { money } from "@stoa/kernel";
import { transact } from "../../../platform/db/index.ts";
import { recordNews } from "../record-news.ts";
import { paymentRow, type TestShop, testShop } from "../testing/shop.ts";
import { about, longAgo, paid, run } from "./testing/runs.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
}, 60_000);
afterAll(() => shop[Symbol.asyncDispose]());

test("money in a currency that no shop of ours knows, of another's on the same account, keeps no run from its end", async () => {
  await shop.stripeClient.paymentIntents.create({
    ...{ amount: 9_000, currency: "pen", confirm: true, payment_method: "pm_card_visa" },
    automatic_payment_methods: { enabled: true, allow_redirects: "never" },
  });
  expect(await run(shop)).toMatchObject({ state: "done" });
});

test("a refund that failed weeks after it was given, of which no event came, is found on the statement", async () => {
  const order = await longAgo(shop, await paid(shop, "stripe", "pm_card_refundFail"));
  const { id, providerReference } = await paymentRow(shop, order);
  const { id: reference } = await shop.stripeClient.refunds.create({
    payment_intent: providerReference ?? "",
    amount: 700,
  });
  const fact = { type: "refunded", reference, amount: money(700, "USD") } as const;
  await transact(shop.db, (tx) => recordNews({ tx, now: shop.deps.clock.now() }, id, { facts: [fact] }));
  expect(await paymentRow(shop, order)).toMatchObject({ refunded: 700, refundHeld: 700 });
  await fetch(`${shop.stripe.url}/_stoa/clock`, { method: "POST", body: JSON.stringify({ seconds: 60 }) });
  const { items } = await run(shop);
  expect(about(items, providerReference ?? "")).toEqual([["amount_differs", "record_fact", "repaired"]]);
  expect(await paymentRow(shop, order)).toMatchObject({ refunded: 0, refundHeld: 0 });
  expect(about((await run(shop)).items, providerReference ?? "")).toEqual([]);
});
