import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { fixedClock, money } from "@stoa/kernel";
import { eq, inArray } from "drizzle-orm";
import fc from "fast-check";
import { applyProviderEvents } from "./apply-event.ts";
import { dispute, ledgerEntry, ledgerPosting, payment, paymentEvent, refund } from "./tables.ts";
import { paymentRow, type TestShop, testShop } from "./testing/shop.ts";
import { begin, intent, nextId, stripeEvent, type Told, take } from "./testing/stripe-events.ts";

const clock = fixedClock("2026-11-24T10:00:00Z");
let shop: TestShop;
beforeAll(async () => {
  shop = await testShop({ clock });
});
afterAll(() => shop[Symbol.asyncDispose]());

/** Everything that happens to a payment in its life, as Stripe tells it. */
function lifeOf(told: Told, life: "paid" | "in parts" | "voided" | "declined"): string[] {
  const failed = {
    ...intent(told, "requires_payment_method"),
    last_payment_error: { decline_code: "insufficient_funds", charge: `ch_${told.reference}` },
  };
  const created = stripeEvent("payment_intent.created", intent(told, "requires_payment_method"));
  const held = stripeEvent("payment_intent.amount_capturable_updated", intent(told, "requires_capture"));
  const canceled = stripeEvent("payment_intent.canceled", intent(told, "canceled"));
  const part = (received: number, status: string) => ({
    ...intent(told, status),
    amount_received: received,
    amount_capturable: status === "succeeded" ? 0 : 5_200 - received,
  });
  if (life === "in parts") {
    return [
      created,
      held,
      stripeEvent("payment_intent.amount_capturable_updated", part(1_000, "requires_capture")),
      stripeEvent("payment_intent.amount_capturable_updated", part(3_000, "requires_capture")),
      stripeEvent("payment_intent.succeeded", part(3_000, "succeeded")),
    ];
  }
  if (life === "voided") return [created, held, canceled];
  if (life === "declined") return [created, stripeEvent("payment_intent.payment_failed", failed), canceled];
  const money = { currency: "usd", payment_intent: told.reference };
  const refunded = { id: `re_${told.reference}`, amount: 1_000, ...money };
  const bounced = { id: `rf_${told.reference}`, amount: 700, ...money };
  const contested = { id: `dp_${told.reference}`, amount: 5_200, reason: "fraudulent", ...money };
  return [
    created,
    held,
    stripeEvent("payment_intent.succeeded", intent(told, "succeeded")),
    stripeEvent("refund.created", { ...refunded, status: "pending" }),
    stripeEvent("refund.updated", { ...refunded, status: "succeeded" }),
    stripeEvent("refund.created", { ...bounced, status: "succeeded" }),
    stripeEvent("refund.failed", { ...bounced, status: "failed" }),
    stripeEvent("charge.dispute.created", { ...contested, status: "needs_response" }),
    stripeEvent("charge.dispute.closed", { ...contested, status: "won" }),
  ];
}

/** All that is left of a payment in the end, without ids and times. */
async function endOf({ order, paymentId, reference }: Awaited<ReturnType<typeof begin>>) {
  const { state, authorized, captured, held, refunded, refundHeld, declineCode } = await paymentRow(shop, order);
  const mine = (text: string) => text.replaceAll(reference, "ref").replaceAll(paymentId, "pay");
  const [events, refunds, disputes, entries] = await Promise.all([
    shop.db
      .select()
      .from(paymentEvent)
      .where(inArray(paymentEvent.paymentId, paymentIds(paymentId))),
    shop.db
      .select()
      .from(refund)
      .where(inArray(refund.paymentId, paymentIds(paymentId))),
    shop.db
      .select()
      .from(dispute)
      .where(inArray(dispute.paymentId, paymentIds(paymentId))),
    shop.db
      .select({ entry: ledgerEntry })
      .from(ledgerEntry)
      .innerJoin(ledgerPosting, eq(ledgerPosting.key, ledgerEntry.postingKey))
      .where(inArray(ledgerPosting.paymentId, paymentIds(paymentId))),
  ]);
  return {
    payment: { state, authorized, captured, held, refunded, refundHeld, declineCode },
    events: events.map((one) => `${one.type} ${mine(one.reference)} ${one.amount}`).sort(),
    refunds: refunds.map((one) => `${mine(one.providerReference ?? "")} ${one.state} ${one.amount}`).sort(),
    disputes: disputes.map((one) => `${mine(one.reference)} ${one.state} ${one.amount}`),
    balances: balancesOf(entries.map(({ entry }) => entry)),
  };
}

function balancesOf(entries: readonly { readonly account: string; readonly amount: number }[]) {
  const sums = Map.groupBy(entries, (entry) => entry.account);
  return [...sums]
    .map(([account, own]) => [account, own.reduce((sum, entry) => sum + entry.amount, 0)] as const)
    .filter(([, sum]) => sum !== 0)
    .sort(([left], [right]) => (left < right ? -1 : 1));
}

const paymentIds = (paymentId: string) =>
  shop.db
    .select({ id: payment.id })
    .from(payment)
    .where(eq(payment.id, paymentId as typeof payment.$inferSelect.id));

/** What could not be placed when it came, because it overtook other news, is tried again. */
async function sweepLater(): Promise<void> {
  clock.advance(2 * 60 * 60 * 1_000);
  await applyProviderEvents(shop.deps);
}

describe("the log of events", () => {
  for (const life of ["paid", "in parts", "voided", "declined"] as const) {
    test(`ends alike in any order and with any repetition: ${life}`, async () => {
      const model = await begin(shop);
      for (const rawBody of lifeOf(model, life)) await take(shop, rawBody);
      const expected = await endOf(model);
      const states = { paid: "captured", "in parts": "captured", voided: "voided", declined: "failed" } as const;
      expect(expected.payment.state).toBe(states[life]);
      if (life === "in parts") expect(expected.payment).toMatchObject({ captured: 3_000, held: 0 });
      await fc.assert(
        fc.asyncProperty(fc.infiniteStream(fc.nat(1_000)), async (numbers) => {
          const told = await begin(shop);
          const once = lifeOf(told, life);
          const sent = [...once, ...once].map((rawBody) => ({ rawBody, at: numbers.next().value ?? 0 }));
          sent.sort((left, right) => left.at - right.at);
          for (const { rawBody } of sent) await take(shop, rawBody);
          await sweepLater();
          expect(await endOf(told)).toEqual(expected);
        }),
        { numRuns: 25 },
      );
    }, 60_000);
  }

  test("tells of the same refund that we asked for, and makes no second one of it", async () => {
    const told = await begin(shop);
    await take(shop, stripeEvent("payment_intent.succeeded", intent(told, "succeeded")));
    const { refundOrder } = shop.verbs;
    const now = clock.now();
    const input = { orderId: told.order.orderId, amount: money(500, "USD"), reason: null, cause: nextId() };
    const prepared = await shop.db.transaction((tx) => refundOrder.prepare({ tx, now }, input));
    const refundId = prepared.parts[0]?.order.refundId;
    const sent = { id: "re_ours", amount: 500, currency: "usd", payment_intent: told.reference, status: "succeeded" };
    await take(shop, stripeEvent("refund.created", { ...sent, metadata: { refundId } }));
    await shop.db.transaction((tx) =>
      refundOrder.settle({ tx, now }, prepared, [{ reference: "re_ours", state: "succeeded", refusal: null }]),
    );
    expect((await endOf(told)).refunds).toEqual(["re_ours succeeded 500"]);
    expect(await paymentRow(shop, told.order)).toMatchObject({ refunded: 500, refundHeld: 500 });
  });
});
