import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Instant, money, type PaymentRequestId, type SagaId } from "@stoa/kernel";
import { transact } from "../../platform/db/index.ts";
import { defaultRetryPolicy, type RunResult, runSaga, type SagaEngineOptions } from "../../platform/saga/index.ts";
import type { VerbContext } from "./attempt.ts";
import { payRequestSaga } from "./pay-request.saga.ts";
import { paymentOfOrder, paymentOfRequest } from "./payment-of-order.ts";
import type { PaymentMethodChoice } from "./providers/provider.ts";
import {
  cancelPaymentRequest,
  expirePaymentRequests,
  findPaymentRequest,
  payRequest,
  requestPayment,
} from "./request-payment.ts";
import {
  authorize,
  capture,
  decide,
  intentsOf,
  type TestOrder,
  type TestShop,
  testOrder,
  testShop,
} from "./testing/shop.ts";

let shop: TestShop;
let engine: SagaEngineOptions;
beforeAll(async () => {
  shop = await testShop();
  const plan = payRequestSaga(shop.verbs, shop.deps);
  engine = {
    db: shop.db,
    clock: shop.deps.clock,
    plans: new Map([[plan.type, plan]]),
    random: () => 0.5,
    leaseMs: 30_000,
    retry: defaultRetryPolicy,
    observe: { stepFailed: () => undefined, turned: () => undefined, rested: () => undefined },
  };
});
afterAll(() => shop[Symbol.asyncDispose]());

const visa: PaymentMethodChoice = { provider: "stripe", paymentMethod: "pm_card_visa" };

const inTransaction = <T>(work: (context: VerbContext) => Promise<T>): Promise<T> =>
  transact(shop.db, (tx) => work({ tx, now: shop.deps.clock.now() }));

/** An order that its checkout has paid, and a request for more. */
async function paidOrder(): Promise<TestOrder & { readonly requestId: PaymentRequestId }> {
  const order = testOrder();
  await authorize(shop, order);
  await capture(shop, order);
  const asked = { orderId: order.orderId, amount: money(800, "USD"), cause: `${order.key}/edit` };
  const [first, again] = [
    await inTransaction((context) => requestPayment(context, asked)),
    await inTransaction((context) => requestPayment(context, asked)),
  ];
  expect(again).toEqual(first);
  return { ...order, requestId: first.requestId };
}

const begin = (requestId: PaymentRequestId, method: PaymentMethodChoice = visa): Promise<SagaId> =>
  inTransaction((context) => payRequest(shop.deps, context, { requestId, method }));

const run = (saga: SagaId): Promise<RunResult> => runSaga(engine, saga);
const stateOf = async (requestId: PaymentRequestId) => (await findPaymentRequest(shop.db, requestId))?.state;

describe("a further payment of an order", () => {
  test("is taken beside the first, and both count as the order's", async () => {
    const { orderId, requestId } = await paidOrder();
    expect(await run(await begin(requestId))).toBe("done");
    expect(await stateOf(requestId)).toBe("paid");
    expect(shop.paid.filter((paid) => paid === requestId)).toHaveLength(1);
    expect(await paymentOfOrder(shop.db, orderId)).toMatchObject({ state: "captured", capturedAmount: 6_000 });
    await expect(begin(requestId)).rejects.toThrow("not asked for any more");
  });

  test("that is declined leaves the request open and the first payment alone", async () => {
    const order = await paidOrder();
    const declined = { provider: "stripe", paymentMethod: "pm_card_chargeDeclined" } as const;
    expect(await run(await begin(order.requestId, declined))).toBe("unwound");
    expect(await paymentOfRequest(shop.db, order.requestId)).toMatchObject({ declineCode: "generic_decline" });
    expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "captured", capturedAmount: 5_200 });
    expect(await run(await begin(order.requestId))).toBe("done");
    expect(await stateOf(order.requestId)).toBe("paid");
  });

  test("that asks for 3-D Secure goes on after it, and a second try takes the place of the first", async () => {
    const order = await paidOrder();
    const method = { provider: "stripe", paymentMethod: "pm_card_threeDSecure2Required" } as const;
    const withReturn = { ...method, returnUrl: "https://shop.example/back" };
    const given = await begin(order.requestId, withReturn);
    expect(await run(given)).toBe("waiting");
    const second = await begin(order.requestId, withReturn);
    expect(await run(given)).toBe("unwound");
    expect(await run(second)).toBe("waiting");
    const asked = await paymentOfRequest(shop.db, order.requestId);
    if (asked?.nextAction?.type !== "redirect") throw new Error("nothing to do");
    await decide(asked.nextAction.url, "pay");
    expect(await run(second)).toBe("done");
    expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ capturedAmount: 6_000 });
  });

  test("that was taken back charges nothing, even when the attempt had been authorised", async () => {
    const order = await paidOrder();
    const saga = await begin(order.requestId);
    expect(await inTransaction((context) => cancelPaymentRequest(context, order.requestId))).toBe(true);
    expect(await run(saga)).toBe("unwound");
    expect(await stateOf(order.requestId)).toBe("cancelled");
    expect(await intentsOf(shop, order)).toContainEqual(expect.objectContaining({ amount_received: 5_200 }));
    expect((await intentsOf(shop, order)).reduce((sum, one) => sum + one.amount_capturable, 0)).toBe(0);
    expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ capturedAmount: 5_200 });
  });

  test("is refused after its time, and the one who asked twice for other amounts is told", async () => {
    const order = await paidOrder();
    const asked = { orderId: order.orderId, amount: money(900, "USD"), cause: `${order.key}/edit` };
    await expect(inTransaction((context) => requestPayment(context, asked))).rejects.toThrow("another amount");
    const later = (shop.deps.clock.now() + 8 * 24 * 60 * 60 * 1_000) as Instant;
    expect(await expirePaymentRequests(shop.deps, later)).toBeGreaterThan(0);
    expect(await stateOf(order.requestId)).toBe("expired");
    await expect(begin(order.requestId)).rejects.toThrow("not asked for any more");
  });

  test("of an order that takes no more payments lets its money go", async () => {
    const order = await paidOrder();
    const closed = payRequestSaga(shop.verbs, {
      ...shop.deps,
      onRequestPaid: async () => {
        throw new Error("unused");
      },
    });
    const saga = await begin(order.requestId);
    const failing = {
      ...engine,
      plans: new Map([[closed.type, closed]]),
      retry: { ...defaultRetryPolicy, attemptsBeforePivot: 1 },
    };
    expect(await runSaga(failing, saga)).toBe("unwound");
    expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ capturedAmount: 5_200, heldAmount: 0 });
  });
});
