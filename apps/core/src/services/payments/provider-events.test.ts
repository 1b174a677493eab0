import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { fixedClock, money, newId } from "@stoa/kernel";
import { eq, inArray } from "drizzle-orm";
import fc from "fast-check";
import { applyProviderEvent, applyProviderEvents } from "./apply-event.ts";
import { dispute, ledgerEntry, ledgerPosting, payment, paymentEvent, providerEvent, refund } from "./tables.ts";
import { storeProviderEvent } from "./take-event.ts";
import { authorize, paymentRow, type TestOrder, type TestShop, testOrder, testShop } from "./testing/shop.ts";

const clock = fixedClock("2026-11-24T10:00:00Z");
let shop: TestShop;
beforeAll(async () => {
  shop = await testShop({ clock });
});
afterAll(() => shop[Symbol.asyncDispose]());

let counter = 0;
const nextId = () => {
  counter += 1;
  return String(counter).padStart(6, "0");
};

function stripeEvent(type: string, object: object): string {
  return JSON.stringify({ id: `evt_${nextId()}`, type, data: { object } });
}

interface Told {
  readonly paymentId: string;
  readonly reference: string;
  readonly amount?: number;
  readonly currency?: string;
}

const intent = ({ paymentId, reference, amount = 5_200, currency = "usd" }: Told, status: string) => ({
  id: reference,
  status,
  amount,
  amount_capturable: status === "requires_capture" ? amount : 0,
  amount_received: status === "succeeded" ? amount : 0,
  currency,
  created: 1_795_000_000,
  metadata: { paymentId },
});

/** An attempt that has been begun and about which nothing else is known. */
async function begin(): Promise<Told & { readonly order: TestOrder }> {
  const order = testOrder();
  const { key, ...input } = order;
  const now = clock.now();
  const { attempt } = await shop.db.transaction((tx) =>
    shop.verbs.authorizePayment.prepare({ tx, now, key, deadlineAt: null }, input),
  );
  return { order, paymentId: attempt.paymentId, reference: `pi_${nextId()}` };
}

async function take(rawBody: string) {
  const id = await storeProviderEvent(shop.deps, { provider: "stripe", rawBody, verdict: "signature_valid" });
  return id ? applyProviderEvent(shop.deps, id) : null;
}

describe("an event", () => {
  test("counts once, however often it is sent", async () => {
    const told = await begin();
    const rawBody = stripeEvent("payment_intent.amount_capturable_updated", intent(told, "requires_capture"));
    expect(await take(rawBody)).toBe("applied");
    expect(await take(rawBody)).toBeNull();
    expect(await paymentRow(shop, told.order)).toMatchObject({ state: "authorized", authorized: 5_200 });
    expect(shop.told.filter((orderId) => orderId === told.order.orderId)).toHaveLength(1);
  });

  test("and others that tell the same at the same time are taken one after another", async () => {
    for (let round = 0; round < 10; round += 1) {
      const told = await begin();
      const bodies = Array.from({ length: 4 }, () =>
        stripeEvent("payment_intent.amount_capturable_updated", intent(told, "requires_capture")),
      );
      expect(await Promise.all(bodies.map(take))).toEqual(["applied", "applied", "applied", "applied"]);
    }
  });

  test("about a smaller amount or another currency never counts as paid", async () => {
    for (const wrong of [{ amount: 1 }, { currency: "eur" }]) {
      const told = await begin();
      expect(await take(stripeEvent("payment_intent.succeeded", intent({ ...told, ...wrong }, "succeeded")))).toBe(
        "mismatch",
      );
      expect(await paymentRow(shop, told.order)).toMatchObject({ state: "pending", authorized: 0, captured: 0 });
    }
  });

  test("that names our payment but another object than ours is about nobody", async () => {
    const order = testOrder();
    await authorize(shop, order);
    const { id } = await paymentRow(shop, order);
    const foreign = { paymentId: id, reference: "pi_of_somebody_else" };
    expect(await take(stripeEvent("payment_intent.succeeded", intent(foreign, "succeeded")))).toBe("unmatched");
    expect(await paymentRow(shop, order)).toMatchObject({ state: "authorized", captured: 0 });
  });

  test("about a payment that is not ours is kept, and waits in case it becomes ours", async () => {
    const stranger = { paymentId: newId("pay"), reference: "pi_stranger" };
    const rawBody = stripeEvent("payment_intent.succeeded", intent(stranger, "succeeded"));
    expect(await take(rawBody)).toBe("unmatched");
    const [row] = await shop.db.select().from(providerEvent).where(eq(providerEvent.rawBody, rawBody));
    expect(row).toMatchObject({ result: "unmatched", appliedAt: null });
  });

  test("of an unknown kind is kept and ignored", async () => {
    expect(await take(stripeEvent("customer.subscription.paused", { id: "sub_1" }))).toBe("ignored");
  });

  test("whose snapshot cannot be read is kept as failed and tried again", async () => {
    expect(await take(stripeEvent("payment_intent.succeeded", { id: "pi_odd" }))).toBe("failed");
  });

  test("that nobody applied is applied by the sweep", async () => {
    const told = await begin();
    const rawBody = stripeEvent("payment_intent.succeeded", intent(told, "succeeded"));
    await storeProviderEvent(shop.deps, { provider: "stripe", rawBody, verdict: "signature_valid" });
    clock.advance(11_000);
    await applyProviderEvents(shop.deps);
    expect(await paymentRow(shop, told.order)).toMatchObject({ state: "captured", captured: 5_200 });
  });
});

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
      const model = await begin();
      for (const rawBody of lifeOf(model, life)) await take(rawBody);
      const expected = await endOf(model);
      const states = { paid: "captured", "in parts": "captured", voided: "voided", declined: "failed" } as const;
      expect(expected.payment.state).toBe(states[life]);
      if (life === "in parts") expect(expected.payment).toMatchObject({ captured: 3_000, held: 0 });
      await fc.assert(
        fc.asyncProperty(fc.infiniteStream(fc.nat(1_000)), async (numbers) => {
          const told = await begin();
          const once = lifeOf(told, life);
          const sent = [...once, ...once].map((rawBody) => ({ rawBody, at: numbers.next().value ?? 0 }));
          sent.sort((left, right) => left.at - right.at);
          for (const { rawBody } of sent) await take(rawBody);
          await sweepLater();
          expect(await endOf(told)).toEqual(expected);
        }),
        { numRuns: 25 },
      );
    }, 60_000);
  }

  test("tells of the same refund that we asked for, and makes no second one of it", async () => {
    const told = await begin();
    await take(stripeEvent("payment_intent.succeeded", intent(told, "succeeded")));
    const { refundOrder } = shop.verbs;
    const now = clock.now();
    const input = { orderId: told.order.orderId, amount: money(500, "USD"), reason: null, cause: nextId() };
    const prepared = await shop.db.transaction((tx) => refundOrder.prepare({ tx, now }, input));
    const refundId = prepared.parts[0]?.order.refundId;
    const sent = { id: "re_ours", amount: 500, currency: "usd", payment_intent: told.reference, status: "succeeded" };
    await take(stripeEvent("refund.created", { ...sent, metadata: { refundId } }));
    await shop.db.transaction((tx) =>
      refundOrder.settle({ tx, now }, prepared, [{ reference: "re_ours", state: "succeeded", refusal: null }]),
    );
    expect((await endOf(told)).refunds).toEqual(["re_ours succeeded 500"]);
    expect(await paymentRow(shop, told.order)).toMatchObject({ refunded: 500, refundHeld: 500 });
  });
});
