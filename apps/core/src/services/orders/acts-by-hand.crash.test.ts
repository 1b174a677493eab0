import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { OrderId, PaymentId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { auditLog } from "../../platform/tables.ts";
import {
  applyProviderEvent,
  createPaymentsRouter,
  createStripeClient,
  expirePayments,
  type PaymentEventDeps,
  type PaymentProvider,
  paymentOfOrder,
  sweepCaptures,
  sweepRefunds,
  takeProviderEvent,
} from "../payments/index.ts";
import { aSoldOrder, captureAtShipment, packer, shipped, timelineOf } from "./testing/after-sale.ts";
import { aShop, deliver, type Shop } from "./testing/checkout.ts";

setDefaultTimeout(60_000);

let shop: Shop;
beforeAll(async () => {
  shop = await aShop();
  await captureAtShipment(shop);
});
afterAll(() => shop[Symbol.asyncDispose]());

type Death = "before the provider hears of it" | "before its answer is written down";

/** The shop as a process sees it that is killed at the provider's gate. */
function dying(when: Death): PaymentEventDeps {
  const stripe = shop.payments.providers.get("stripe");
  if (!stripe) throw new Error("no Stripe");
  const killed = async (act: () => Promise<unknown>): Promise<never> => {
    if (when === "before its answer is written down") await act();
    throw new Error("killed");
  };
  const dies: PaymentProvider = {
    ...stripe,
    capture: (attempt, order) => killed(() => stripe.capture(attempt, order)),
    void: (attempt) => killed(() => stripe.void(attempt)),
    refund: (attempt, order) => killed(() => stripe.refund(attempt, order)),
  };
  return { ...shop.payments, providers: new Map([...shop.payments.providers, ["stripe", dies]]) };
}

function desk(deps: PaymentEventDeps = shop.payments) {
  const context = { actor: packer, requestId: "req", traceparent: null, idempotencyKey: null, clock: shop.clock };
  return createPaymentsRouter(deps).createCaller(context);
}

interface Paid {
  readonly orderId: OrderId;
  readonly paymentId: PaymentId;
}

interface Act {
  readonly told: string;
  /** What the audit log says as soon as it is on record. */
  readonly asked: string;
  readonly prepare?: (paid: Paid) => Promise<unknown>;
  readonly press: (paid: Paid, deps?: PaymentEventDeps) => Promise<unknown>;
  readonly sweep: (deps: PaymentEventDeps) => Promise<{ readonly failed: readonly unknown[] }>;
  /** What Stripe tells of it. */
  readonly event: (intent: string) => Promise<{ readonly type: string; readonly object: unknown }>;
}

const stripe = () => createStripeClient({ apiUrl: shop.stripe.url, secretKey: "sk_test_stoa" });
const take = ({ orderId }: Paid, deps?: PaymentEventDeps) => desk(deps).captureOrder({ orderId, key: "all" });

const acts: Record<string, Act> = {
  "a capture": {
    told: "payment_captured",
    asked: "payment.capture_asked",
    press: take,
    sweep: sweepCaptures,
    event: async (id) => ({ type: "payment_intent.succeeded", object: await stripe().paymentIntents.retrieve(id) }),
  },
  "letting go of a hold": {
    told: "payment_voided",
    asked: "payment.void_asked",
    press: ({ paymentId }, deps) => desk(deps).void({ id: paymentId }),
    sweep: expirePayments,
    event: async (id) => ({ type: "payment_intent.canceled", object: await stripe().paymentIntents.retrieve(id) }),
  },
  "a refund": {
    told: "payment_refunded",
    asked: "payment.refund_asked",
    prepare: take,
    press: ({ orderId }, deps) =>
      desk(deps).refund({ orderId, amount: { amount: 300, currency: "USD" }, key: "late", reason: "late" }),
    sweep: sweepRefunds,
    event: async (id) => {
      const [object] = (await stripe().refunds.list({ payment_intent: id })).data;
      return { type: "refund.updated", object };
    },
  },
};

async function tellEvent({ type, object }: { readonly type: string; readonly object: unknown }) {
  const rawBody = JSON.stringify({ id: `evt_${crypto.randomUUID()}`, type, data: { object } });
  const event = { provider: "stripe", rawBody, verdict: "signature_valid" } as const;
  const taken = await takeProviderEvent(shop.payments, event);
  if (!taken) throw new Error("it was no news");
  expect(await applyProviderEvent(shop.payments, taken.id)).toBe("applied");
}

async function intentOf(orderId: OrderId): Promise<string> {
  const { data } = await stripe().paymentIntents.search({ query: `metadata["orderId"]:"${orderId}"` });
  return data[0]?.id ?? "";
}

for (const [name, { told, asked, prepare, press, sweep, event }] of Object.entries(acts)) {
  describe(`${name} whose process died stands in the timeline once, as whose act it was, and in the audit log`, () => {
    async function pressedAndDied(when: Death) {
      const { orderId } = await aSoldOrder(shop, [2]);
      const payment = await paymentOfOrder(shop.db, orderId);
      if (!payment) throw new Error("nobody has paid");
      const paid = { orderId, paymentId: payment.paymentId };
      await prepare?.(paid);
      await expect(press(paid, dying(when))).rejects.toThrow("killed");
      expect((await timelineOf(shop, orderId)).types).not.toContain(told as never);
      expect(await auditedOf(paid)).toEqual([`${packer.name} ${asked}`]);
      return paid;
    }
    async function auditedOf({ paymentId }: Paid) {
      const rows = await shop.db.select().from(auditLog).where(eq(auditLog.entityId, paymentId)).orderBy(auditLog.seq);
      return rows.flatMap((row) => (row.action === asked ? [`${row.actorName} ${row.action}`] : []));
    }
    /** Whatever else may come later, it is told no further time. */
    async function expectToldOnce({ orderId }: Paid) {
      for (const _ of [1, 2]) {
        shop.clock.advance(16 * 60_000);
        expect((await sweep(shop.payments)).failed).toEqual([]);
      }
      const { types, actors, isGapless } = await timelineOf(shop, orderId);
      expect(types.flatMap((type, at) => (type === told ? [actors[at]] : []))).toEqual([packer.name]);
      expect(isGapless).toBe(true);
    }

    for (const when of ["before the provider hears of it", "before its answer is written down"] as const) {
      test(`ended by the sweep (${when})`, async () => {
        await expectToldOnce(await pressedAndDied(when));
      });

      test(`ended by whoever presses again (${when})`, async () => {
        const paid = await pressedAndDied(when);
        await press(paid);
        await expectToldOnce(paid);
      });
    }

    test("ended by a sweep, the provider's news and two who press again, all at once", async () => {
      const paid = await pressedAndDied("before its answer is written down");
      shop.clock.advance(16 * 60_000);
      const news = await event(await intentOf(paid.orderId));
      await Promise.allSettled([sweep(shop.payments), tellEvent(news), press(paid), press(paid)]);
      await expectToldOnce(paid);
    });

    test("ended by the provider's own news, and pressed again", async () => {
      const paid = await pressedAndDied("before its answer is written down");
      await tellEvent(await event(await intentOf(paid.orderId)));
      await press(paid).catch(() => undefined);
      await expectToldOnce(paid);
    });
  });
}

test("a capture of staff that a parcel's takes up stands there as theirs, beside the parcel's own", async () => {
  const { orderId } = await aSoldOrder(shop, [2]);
  const deps = dying("before the provider hears of it");
  await expect(
    desk(deps).captureOrder({ orderId, amount: { amount: 500, currency: "USD" }, key: "part" }),
  ).rejects.toThrow("killed");
  await shipped(shop, orderId);
  await deliver(shop, orderId);
  shop.clock.advance(16 * 60_000);
  await deliver(shop, orderId);
  const { types, actors } = await timelineOf(shop, orderId);
  const taken = types.flatMap((type, at) => (type === "payment_captured" ? [actors[at]] : []));
  expect(taken).toEqual([packer.name, "orders"]);
});
