import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { money, type OrderId, type SagaId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { type BegunSaga, SagaCarrier, sagasOf } from "../../platform/saga/index.ts";
import { crashAt, recordGates } from "../../platform/saga/testing/crash.ts";
import type { OrdersDeps } from "./deps.ts";
import { type PlaceOrderRequest, placeOrder } from "./place-order.ts";
import {
  aCart,
  aShop,
  aSku,
  available,
  card,
  cartState,
  guest,
  leftBehind,
  PRICE,
  type Shop,
  sweepUntilQuiet,
} from "./testing/checkout.ts";

// As core runs: the saga's first turn in the placing transaction, the rest carried on by this process without a message.

let shop: Shop;
let carrier: SagaCarrier;
let deps: OrdersDeps;
beforeAll(async () => {
  shop = await aShop();
  const failed = (_: unknown, error: unknown) => {
    throw error;
  };
  carrier = new SagaCarrier({ engine: shop.engine, atOnceMax: 8, failed });
  deps = { ...shop.orders, carrier };
});
afterAll(() => shop[Symbol.asyncDispose]());

function request(cartId: PlaceOrderRequest["cartId"], more: Partial<PlaceOrderRequest> = {}): PlaceOrderRequest {
  return { cartId, patch: {}, payment: card("pm_card_visa"), idempotencyKey: crypto.randomUUID(), ...more };
}

async function placed(cartId: PlaceOrderRequest["cartId"], more: Partial<PlaceOrderRequest> = {}): Promise<OrderId> {
  const { orderId } = await placeOrder(deps, guest, request(cartId, more));
  await carrier.idle();
  return orderId;
}

class RememberingCarrier extends SagaCarrier {
  readonly carried: SagaId[] = [];

  override carry(saga: BegunSaga): void {
    this.carried.push(saga.id);
    super.carry(saga);
  }
}

async function messagesOf(orderId: OrderId): Promise<unknown[]> {
  const rows = await shop.db.execute(
    sql`select type from platform.outbox where key = ${orderId} and channel = 'queue' order by type`,
  );
  return rows.map((row) => row.type);
}

async function expectConfirmed(orderId: OrderId, sku: string): Promise<void> {
  const left = await leftBehind(shop, orderId, sku);
  expect(left.view.state).toBe("confirmed");
  expect(left.view.payment.state).toBe("captured");
  expect(left.charges).toEqual([{ state: "captured", amount: left.view.totals.total.amount }]);
  expect([left.reserved, left.allocated]).toEqual([0, 1]);
}

describe("a checkout that is carried", () => {
  test("confirms, captures and allocates with one message, that the order is confirmed", async () => {
    const sku = await aSku(shop, 5);
    const cartId = await aCart(shop, sku);
    const orderId = await placed(cartId);
    await expectConfirmed(orderId, sku);
    expect(await available(shop, sku)).toBe(4);
    expect(await cartState(shop, cartId)).toBe("completed");
    expect(await messagesOf(orderId)).toEqual(["order.confirmed"]);
  });

  test("of more than there is refuses with what there is, under the same order, and leaves nothing", async () => {
    const sku = await aSku(shop, 1);
    const cartId = await aCart(shop, sku, 2);
    const orderId = await placed(cartId);
    const left = await leftBehind(shop, orderId, sku);
    expect(left.view.state).toBe("refused");
    expect(left.view.refusal).toMatchObject({
      code: "out_of_stock",
      extensions: { items: [{ sku, requested: 2, available: 1 }] },
    });
    expect([left.reserved, left.allocated, left.charges]).toEqual([0, 0, []]);
    expect(await cartState(shop, cartId)).toBe("open");
  });

  test("with a declined card refuses and leaves nothing", async () => {
    const sku = await aSku(shop, 5);
    const cartId = await aCart(shop, sku);
    const orderId = await placed(cartId, { payment: card("pm_card_visa_chargeDeclined") });
    const left = await leftBehind(shop, orderId, sku);
    expect(left.view.refusal?.code).toBe("payment_declined");
    expect([left.reserved, left.allocated]).toEqual([0, 0]);
    expect(await cartState(shop, cartId)).toBe("open");
  });

  test("whose transaction Postgres ends at its commit, to be done again, is carried once and charged once", async () => {
    await shop.db.execute(sql`create sequence ended_once`);
    await shop.db.execute(sql`create function end_once() returns trigger language plpgsql as $$ begin
      if nextval('ended_once') = 1 then raise exception 'deadlock detected' using errcode = '40P01'; end if; return null; end $$`);
    await shop.db.execute(sql`create constraint trigger end_once after insert on platform.saga
      deferrable initially deferred for each row execute function end_once()`);
    const sku = await aSku(shop, 5);
    const remembering = new RememberingCarrier(carrier.options);
    const { orderId } = await placeOrder({ ...deps, carrier: remembering }, guest, request(await aCart(shop, sku)));
    await remembering.idle();
    await shop.db.execute(sql`drop trigger end_once on platform.saga`);
    await expectConfirmed(orderId, sku);
    expect(remembering.carried).toEqual((await sagasOf(shop.db, orderId)).map(({ id }) => id));
  });

  test("at another total than expected is refused without a saga", async () => {
    const sku = await aSku(shop, 5);
    const orderId = await placed(await aCart(shop, sku), { expectedTotal: money(1, "USD") });
    expect(await sagasOf(shop.db, orderId)).toEqual([]);
    const { view } = await leftBehind(shop, orderId, sku);
    expect(view.refusal).toMatchObject({
      code: "price_changed",
      extensions: { totals: { subtotal: money(PRICE, "USD") } },
    });
  });

  test("with the same key twice at once is one order with one charge", async () => {
    const sku = await aSku(shop, 5);
    const asked = request(await aCart(shop, sku));
    const answers = await Promise.all([placeOrder(deps, guest, asked), placeOrder(deps, guest, asked)]);
    await carrier.idle();
    expect(new Set(answers.map((answer) => answer.orderId)).size).toBe(1);
    expect(answers.map((answer) => answer.replayed).sort()).toEqual([false, true]);
    for (const { orderId } of answers) await expectConfirmed(orderId, sku);
  });

  test("by two at once for the last unit is one order; the other is refused and charged nothing", async () => {
    const sku = await aSku(shop, 1);
    const carts = [await aCart(shop, sku), await aCart(shop, sku)];
    const ids = await Promise.all(
      carts.map(async (cartId) => (await placeOrder(deps, guest, request(cartId))).orderId),
    );
    await carrier.idle();
    const views = await Promise.all(ids.map(async (id) => (await leftBehind(shop, id, sku)).view));
    expect(views.map((view) => view.state).sort()).toEqual(["confirmed", "refused"]);
    expect(await available(shop, sku)).toBe(0);
  });

  test("with a carrier that has no room is left to the queue", async () => {
    const full = new SagaCarrier({ engine: shop.engine, atOnceMax: 0, failed: () => undefined });
    const sku = await aSku(shop, 5);
    const { orderId, isCarried } = await placeOrder({ ...deps, carrier: full }, guest, request(await aCart(shop, sku)));
    expect(isCarried).toBe(false);
    expect(await messagesOf(orderId)).toEqual(["saga.run"]);
  });

  test("crashing at any point behind the placing ends as if there had been none", async () => {
    const gates = await recordGates(async () => placed(await aCart(shop, await aSku(shop, 5))));
    expect(gates.length).toBeGreaterThanOrEqual(6);
    for (let point = 0; point < gates.length; point += 1) {
      // A carrier of its own: what crashed never comes to rest.
      const crashing = { ...deps, carrier: new SagaCarrier({ ...carrier.options }) };
      const sku = await aSku(shop, 5);
      const asked = request(await aCart(shop, sku));
      const { promise: order, resolve } = Promise.withResolvers<OrderId>();
      await crashAt(point, async () => {
        resolve((await placeOrder(crashing, guest, asked)).orderId);
        await crashing.carrier.idle();
      });
      await sweepUntilQuiet(shop);
      await expectConfirmed(await order, sku);
      expect((await placeOrder(deps, guest, asked)).replayed).toBe(true);
    }
  }, 60_000);
});
