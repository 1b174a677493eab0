import { afterAll, beforeAll, expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { transact } from "../platform/db/index.ts";
import { writeSetting } from "../platform/settings/index.ts";
import { paymentsSetting } from "../services/payments/index.ts";
import { authorize, capture, type TestShop, testOrder, testShop } from "../services/payments/testing/shop.ts";
import { runReconcile } from "./reconcile.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

async function reconcileCommand(...args: string[]) {
  const texts: string[] = [];
  const output = { isTerminal: false, write: (text: string) => void texts.push(text) };
  const code = await runReconcile(args, { payments: shop.deps, clock: shop.deps.clock, output });
  return { code, text: texts.join("") };
}

/** What changed just now is compared the next time. */
const settle = () => shop.db.execute("update payments.payment set updated_at = now() - interval '30 minutes'");

test("stoa reconcile compares every provider that keeps books, and ends well where all agrees", async () => {
  const taken = testOrder();
  for (const order of [taken, testOrder({ provider: "manual" })]) await authorize(shop, order);
  await capture(shop, taken);
  await settle();
  const { code, text } = await reconcileCommand();
  expect(code).toBe(0);
  expect(text.match(/^\w+$/gm)).toEqual(["stripe", "paypal"]);
  expect(text).toMatch(
    /stripe\n.*compared +1\n.*lines of its statement +1\n.*without our mark +0\n.*do not agree +0\n/,
  );
});

test("it only lists where it shall repair nothing, and then repairs what needs no judgement", async () => {
  const lost = { orderId: newId("ord"), paymentId: newId("pay") };
  const { id } = await shop.stripeClient.paymentIntents.create({
    amount: 900,
    currency: "usd",
    confirm: true,
    payment_method: "pm_card_visa",
    automatic_payment_methods: { enabled: true, allow_redirects: "never" },
    metadata: lost,
  });
  // The range ends in the future, for the provider's clock may be ahead of ours.
  const until = ["--until", new Date(shop.deps.clock.now() + 60_000).toISOString()];
  const listed = await reconcileCommand("--list-only", "--provider", "stripe", ...until);
  expect(listed.code).toBe(1);
  expect(listed.text).toContain(`missing_here ${id} ${lost.orderId} listed`);
  expect(listed.text).not.toContain("paypal");
  // Whose it is, nothing here tells.
  const left = await reconcileCommand("--provider", "stripe", ...until);
  expect(left.code).toBe(1);
  await transact(shop.db, (tx) =>
    writeSetting(tx, shop.deps.clock.now(), paymentsSetting, { ...paymentsSetting.fallback, releasesUnknown: true }),
  );
  const repaired = await reconcileCommand("--provider", "stripe", ...until);
  expect(repaired.code).toBe(0);
  expect(repaired.text).toContain(`missing_here ${id} ${lost.orderId} repaired`);
  const [refund] = (await shop.stripeClient.refunds.list({ payment_intent: id })).data;
  expect(refund?.amount).toBe(900);
});

test("it tells wrong arguments from a question about it", async () => {
  for (const wrong of [
    ["--provider", "cash"],
    ["--from", "never"],
    ["--nonsense"],
    ["--from", "2026-02-01", "--until", "2026-01-01"],
  ]) {
    const { code, text } = await reconcileCommand(...wrong);
    expect([wrong, code]).toEqual([wrong, 2]);
    expect(text).toContain("Usage: stoa reconcile");
  }
  expect(await reconcileCommand("--help")).toMatchObject({ code: 0 });
});
