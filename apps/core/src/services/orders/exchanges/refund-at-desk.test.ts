import { expect, setDefaultTimeout, test } from "bun:test";
import type { OrderId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import {
  applyProviderEvent,
  createPaymentsRouter,
  createStripeClient,
  sweepRefunds,
  takeProviderEvent,
} from "../../payments/index.ts";
import { order } from "../tables.ts";
import { announced, packer } from "../testing/after-sale.ts";
import { card, deliver } from "../testing/checkout.ts";
import { anExchangeableReturn, exchange, replacementOf, settled, swap } from "../testing/exchanges.ts";
import { shopForFile, viewOf } from "../testing/shop-for-file.ts";

setDefaultTimeout(60_000);

const shop = await shopForFile();

/** An order that goods of another one have paid for. */
async function exchanged(method: string) {
  const { orderId, returnId, value, other } = await anExchangeableReturn(shop, { payment: card(method) });
  await exchange(shop, returnId, { lines: [swap(other, 1, value)] });
  await settled(shop, [orderId]);
  const replacementId = await replacementOf(shop, returnId);
  await deliver(shop, replacementId);
  return { orderId, replacementId, value };
}

function refund(orderId: OrderId) {
  const context = { actor: packer, requestId: "req", traceparent: null, idempotencyKey: null, clock: shop.clock };
  return createPaymentsRouter(shop.payments)
    .createCaller(context)
    .refund({ orderId, amount: { amount: 300, currency: "USD" }, key: "a", reason: "late" });
}

const versionOf = async (id: OrderId) => {
  const [row] = await shop.db.select({ version: order.version }).from(order).where(eq(order.id, id));
  return row?.version ?? 0;
};

/** Both orders tell of it: the one that was refunded, and the one whose payment gave the money. */
async function expectTold(orderId: OrderId, replacementId: OrderId, before: number): Promise<void> {
  const [first, second] = [await viewOf(shop, orderId), await viewOf(shop, replacementId)];
  const told = ({ timeline }: typeof first) => timeline.filter(({ type }) => type === "payment_refunded");
  expect(told(second)).toHaveLength(1);
  expect(told(first).map(({ detail }) => detail)).toEqual([`for order ${second.number}`]);
  expect(await versionOf(orderId)).toBeGreaterThan(before);
  expect(await announced(shop, replacementId, "order.refunded")).toHaveLength(1);
  expect(await announced(shop, orderId, "order.refunded")).toEqual([]);
}

test("a refund at the desk of what exchanged goods have paid stands in both orders", async () => {
  const { orderId, replacementId } = await exchanged("pm_card_visa");
  const before = await versionOf(orderId);
  for (const _ of [1, 2]) expect(await refund(replacementId)).toMatchObject({ kind: "refunded" });
  await expectTold(orderId, replacementId, before);
});

for (const end of ["a sweep", "the provider's own news"] as const) {
  test(`so does one that ${end} brings to its end`, async () => {
    const { orderId, replacementId } = await exchanged("pm_card_pendingRefund");
    const before = await versionOf(orderId);
    expect(await refund(replacementId)).toMatchObject({ kind: "pending" });
    await fetch(`${shop.stripe.url}/_stoa/clock`, { method: "POST", body: JSON.stringify({ seconds: 60 }) });
    if (end === "a sweep") {
      shop.clock.advance(3_600_000);
      for (const _ of [1, 2]) expect((await sweepRefunds(shop.payments)).failed).toEqual([]);
    } else {
      const client = createStripeClient({ apiUrl: shop.stripe.url, secretKey: "sk_test_stoa" });
      const { data } = await client.paymentIntents.search({ query: `metadata["orderId"]:"${orderId}"` });
      const [object] = (await client.refunds.list({ payment_intent: data[0]?.id ?? "" })).data;
      const rawBody = JSON.stringify({ id: `evt_${crypto.randomUUID()}`, type: "refund.updated", data: { object } });
      const event = { provider: "stripe", rawBody, verdict: "signature_valid" } as const;
      const taken = await takeProviderEvent(shop.payments, event);
      expect(taken && (await applyProviderEvent(shop.payments, taken.id))).toBe("applied");
    }
    await expectTold(orderId, replacementId, before);
  });
}
