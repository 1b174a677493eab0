import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { type Instant, money, newId, type OrderId, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { type Transaction, transact } from "../../platform/db/index.ts";
import { eventually } from "../../testing/index.ts";
import {
  applyProviderEvent,
  createPaymentsRouter,
  createPaymentVerbs,
  expirePayments,
  type RemoteVerb,
  takeProviderEvent,
  type VerbContext,
} from "../payments/index.ts";
import { holdOrder } from "./lock-order.ts";
import { aSoldOrder, captureAtShipment, packer } from "./testing/after-sale.ts";
import { aShop, card, type Shop } from "./testing/checkout.ts";

setDefaultTimeout(60_000);

let shop: Shop;
beforeAll(async () => {
  shop = await aShop();
  await captureAtShipment(shop);
});
afterAll(() => shop[Symbol.asyncDispose]());

async function isAnybodyWaiting(): Promise<boolean> {
  const [row] = await shop.db.execute(sql`select from pg_locks l join pg_stat_activity a on a.pid = l.pid
    where not l.granted and a.datname = current_database() limit 1`);
  return row !== undefined;
}

/** Does the work while somebody else is at the order: it has to wait, and nobody may wait for it meanwhile. */
async function behindTheOrder<T>(orderId: OrderId, work: () => Promise<T>): Promise<T> {
  const begun = await transact(shop.db, async (tx) => {
    await holdOrder(tx, orderId);
    const working = work();
    await Promise.race([eventually(isAnybodyWaiting), working]);
    expect(await isAnybodyWaiting()).toBe(true);
    await tx.execute(sql`select from payments.payment where order_id = ${toUuid(orderId)}::uuid for update nowait`);
    return { working };
  });
  return begun.working;
}

/** Both transactions of a verb; whether nothing is begun for it is the verb's own business. */
async function bothHalves<C extends VerbContext, I, P, R, O>(
  verb: RemoteVerb<C, I, P, R, O>,
  { orderId, context, input }: { orderId: OrderId; context: (base: VerbContext) => C; input: I },
): Promise<O> {
  const within = <T>(work: (context: VerbContext) => Promise<T>) =>
    behindTheOrder(orderId, () => transact(shop.db, (tx: Transaction) => work({ tx, now: shop.clock.now() })));
  const prepared = await within((base) => verb.prepare(context(base), input));
  const result = await verb.call(prepared);
  return within((base) => verb.settle(base, prepared, result));
}

const base = (context: VerbContext) => context;

async function paymentOf(orderId: OrderId) {
  const [row] = await shop.db.execute<{ reference: string }>(
    sql`select provider_reference as reference from payments.payment where order_id = ${toUuid(orderId)}::uuid`,
  );
  return row?.reference ?? "";
}

test("a capture and a refund wait for the order before they hold any payment, in both of their transactions", async () => {
  const { orderId } = await aSoldOrder(shop, [2]);
  const { captureOrder, refundOrder } = createPaymentVerbs(shop.payments);
  const amount = money(1_000, "USD");
  const captured = await bothHalves(captureOrder, { orderId, context: base, input: { orderId, amount, cause: "a" } });
  expect(captured).toMatchObject({ kind: "captured", captured: amount });
  const input = { orderId, amount: money(400, "USD"), reason: null, cause: `by hand/${orderId}` };
  expect(await bothHalves(refundOrder, { orderId, context: base, input })).toMatchObject({ kind: "refunded" });
});

test("so does whoever lets go of a hold", async () => {
  const { orderId } = await aSoldOrder(shop, [1]);
  const { voidAuthorization } = createPaymentVerbs(shop.payments);
  const released = await bothHalves(voidAuthorization, { orderId, context: base, input: { orderId } });
  expect(released).toMatchObject({ kind: "released" });
});

test("so does what an authorization or the capture of a checkout is answered", async () => {
  const { orderId } = await aSoldOrder(shop, [1]);
  const { authorizePayment, capturePayment } = createPaymentVerbs(shop.payments);
  const now = shop.clock.now();
  const settle = async <P, R, O>(verb: {
    prepare: (context: VerbContext) => Promise<P>;
    call: (prepared: P) => Promise<R>;
    settle: (context: VerbContext, prepared: P, result: R) => Promise<O>;
  }) => {
    const prepared = await transact(shop.db, (tx) => verb.prepare({ tx, now }));
    const result = await verb.call(prepared);
    return behindTheOrder(orderId, () => transact(shop.db, (tx) => verb.settle({ tx, now }, prepared, result)));
  };
  const method = card("pm_card_visa");
  const input = { orderId, amount: money(700, "USD"), method };
  const key = newId("saga");
  expect(
    await settle({
      ...authorizePayment,
      prepare: (context) => authorizePayment.prepare({ ...context, key, deadlineAt: null }, input),
    }),
  ).toMatchObject({ kind: "authorized" });
  expect(
    await settle({ ...capturePayment, prepare: (context) => capturePayment.prepare(context, { orderId }) }),
  ).toMatchObject({ kind: "captured" });
});

/** News that nobody has heard, stored and not applied. */
async function news(orderId: OrderId) {
  const contested = { id: `dp_${newId("evt")}`, amount: 1, currency: "usd", status: "needs_response" };
  const object = { ...contested, reason: "fraudulent", payment_intent: await paymentOf(orderId) };
  const rawBody = JSON.stringify({ id: newId("evt"), type: "charge.dispute.created", data: { object } });
  const taken = await takeProviderEvent(shop.payments, { provider: "stripe", rawBody, verdict: "signature_valid" });
  if (!taken) throw new Error("the event was known");
  return taken.id;
}

test("so does news of a payment, and the sweep that notices that a hold has lapsed", async () => {
  const { orderId } = await aSoldOrder(shop, [1]);
  const id = await news(orderId);
  expect(await behindTheOrder(orderId, () => applyProviderEvent(shop.payments, id))).toBe("applied");

  const later = { ...shop.payments, clock: { now: () => (shop.clock.now() + 8 * 24 * 3_600_000) as Instant } };
  await shop.db.execute(
    sql`update payments.payment set authorized_until = null where order_id <> ${toUuid(orderId)}::uuid`,
  );
  expect(await behindTheOrder(orderId, () => expirePayments(later))).toMatchObject({ failed: [] });
});

test("captures and news of one payment, many at once, are all done: none dies of waiting for another", async () => {
  const { orderId } = await aSoldOrder(shop, [3]);
  const context = { actor: packer, requestId: "req", traceparent: null, idempotencyKey: null, clock: shop.clock };
  const desk = createPaymentsRouter(shop.payments).createCaller(context);
  const events = await Promise.all(Array.from({ length: 16 }, () => news(orderId)));
  const applying = events.map((id) => applyProviderEvent(shop.payments, id));
  const taking = events
    .slice(8)
    .map((id) => desk.captureOrder({ orderId, amount: { amount: 100, currency: "USD" }, key: id }));
  expect(await Promise.all(applying)).toEqual(events.map(() => "applied"));
  expect((await Promise.all(taking)).map(({ short }) => short)).toEqual(taking.map(() => money(0, "USD")));
});
