import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { viewOfOrder } from "@stoa/core/testing";
import type { OrderId } from "@stoa/kernel";
import { Stream } from "../explorer/random.ts";
import { answerOf, atATime, openCrowd, openCrowdedShop, statesOf } from "./crowd.ts";

// Real concurrency on a real Postgres: nobody chooses the order of things here.
setDefaultTimeout(300_000);

const BUYERS = 1_000;
const UNITS = 100;
const AT_A_TIME = 64;

const good = { provider: "stripe", paymentMethod: "pm_card_visa" } as const;
const declined = { provider: "stripe", paymentMethod: "pm_card_visa_chargeDeclined" } as const;
const authenticated = {
  provider: "stripe",
  paymentMethod: "pm_card_authenticationRequired",
  returnUrl: "https://shop.example/done",
} as const;

const shopOf = (units: number, promotionLimit: number | null = null) => ({
  stock: new Map([["RED", units]]),
  prices: new Map([["RED", 2_500]]),
  promotionLimit,
  giftCard: null,
  capture: "at_confirmation" as const,
});
const one = { lines: [{ sku: "RED", quantity: 1 }], hasCode: false, hasGiftCard: false };

let shop: Awaited<ReturnType<typeof openCrowdedShop>>;
beforeAll(async () => {
  shop = await openCrowdedShop("tests");
});
afterAll(() => shop[Symbol.asyncDispose]());

describe("a thousand buyers of a hundred units, 64 at a time, some of them declined", () => {
  for (let seed = 1; seed <= 10; seed += 1) {
    test(`leave exactly a hundred confirmed, nothing reserved, and the ledger at zero (seed ${seed})`, async () => {
      await using crowd = await openCrowd(shop.lab, shopOf(UNITS));
      const stream = new Stream(seed, "buyers");
      const carts = await crowd.carts(one, BUYERS);
      const buyers = carts.map((cartId) => ({ cartId, payment: stream.chance(0.2) ? declined : good }));
      await atATime(AT_A_TIME, buyers, ({ cartId, payment }) =>
        answerOf(crowd.core.placeOrder({ cartId, payment, idempotencyKey: cartId })),
      );
      await crowd.settle();
      // A unit that a declined buyer held for a moment was refused to others; they come again, as people do.
      const late = buyers.filter(({ payment }) => payment === good);
      while (((await statesOf(shop.lab.own)).confirmed ?? 0) < UNITS && late.length > 0) {
        await atATime(AT_A_TIME, late.splice(0, AT_A_TIME), ({ cartId, payment }) =>
          answerOf(crowd.core.placeOrder({ cartId, payment, idempotencyKey: `${cartId} again` })),
        );
        await crowd.settle();
      }
      expect((await statesOf(shop.lab.own)).confirmed).toBe(UNITS);
      const [stock] = await shop.lab.own`
        select sum(reserved)::int as reserved, sum(allocated)::int as allocated from inventory.stock_level`;
      expect(stock).toEqual({ reserved: 0, allocated: UNITS });
      const [ledger] = await shop.lab.own`select sum(amount)::int as sum from payments.ledger_entry`;
      expect(ledger).toEqual({ sum: 0 });
      expect(await crowd.breaches()).toEqual([]);
    });
  }
});

test("a promotion limited to ten uses under a hundred checkouts at once is used ten times", async () => {
  await using crowd = await openCrowd(shop.lab, shopOf(500, 10));
  const carts = await crowd.carts({ ...one, hasCode: true }, 100);
  await Promise.all(
    carts.map((cartId) => answerOf(crowd.core.placeOrder({ cartId, payment: good, idempotencyKey: cartId }))),
  );
  await crowd.settle();
  // Who comes when the code is used up is told so and has no order; who was at it at the same time is refused.
  expect((await statesOf(shop.lab.own)).confirmed).toBe(10);
  const [promotion] = await shop.lab.own`
    select used, (select count(*)::int from carts.promotion_usage) as uses from carts.promotion`;
  expect(promotion).toEqual({ used: 10, uses: 10 });
  expect(await crowd.breaches()).toEqual([]);
});

test("a single-use code on many carts discounts one order", async () => {
  await using crowd = await openCrowd(shop.lab, shopOf(500, 1));
  const carts = await crowd.carts({ ...one, hasCode: true }, 40);
  await Promise.all(
    carts.map((cartId) => answerOf(crowd.core.placeOrder({ cartId, payment: good, idempotencyKey: cartId }))),
  );
  await crowd.settle();
  expect((await statesOf(shop.lab.own)).confirmed).toBe(1);
  expect(await crowd.breaches()).toEqual([]);
});

test("the last unit wanted by many carts at once makes one order, and no orphan beside it", async () => {
  await using crowd = await openCrowd(shop.lab, shopOf(1));
  const carts = await crowd.carts(one, 40);
  await Promise.all(
    carts.map((cartId) => answerOf(crowd.core.placeOrder({ cartId, payment: good, idempotencyKey: cartId }))),
  );
  await crowd.settle();
  expect(await statesOf(shop.lab.own)).toEqual({ confirmed: 1, refused: 39 });
  expect(await crowd.breaches()).toEqual([]);
});

test("the same key from many tries at once makes one order and one capture", async () => {
  await using crowd = await openCrowd(shop.lab, shopOf(10));
  const [cartId] = await crowd.carts(one, 1);
  if (!cartId) throw new Error("no cart");
  const request = { cartId, payment: good, idempotencyKey: "the key" };
  const answers = await Promise.all(Array.from({ length: 20 }, () => answerOf(crowd.core.placeOrder(request))));
  await crowd.settle();
  expect(new Set(answers).size).toBe(1);
  expect(await statesOf(shop.lab.own)).toEqual({ confirmed: 1 });
  expect(await capturesOf(crowd.provider.url)).toBe(1);
  expect(await crowd.breaches()).toEqual([]);
});

test("one cart checked out in many tabs at once makes one order and one capture", async () => {
  await using crowd = await openCrowd(shop.lab, shopOf(10));
  const [cartId] = await crowd.carts(one, 1);
  if (!cartId) throw new Error("no cart");
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, tab) =>
      answerOf(crowd.core.placeOrder({ cartId, payment: good, idempotencyKey: `tab ${tab}` })),
    ),
  );
  await crowd.settle();
  expect(answers.filter((answer) => answer.startsWith("ord_"))).toHaveLength(1);
  const refusals = new Set(answers.filter((answer) => !answer.startsWith("ord_")));
  expect([...refusals].every((code) => code === "request_in_progress" || code === "cart_completed")).toBe(true);
  expect(await capturesOf(crowd.provider.url)).toBe(1);
  expect(await crowd.breaches()).toEqual([]);
});

test("a browser that comes back while the webhook comes in, both often and at once: one order, one capture", async () => {
  await using crowd = await openCrowd(shop.lab, shopOf(10));
  const [cartId] = await crowd.carts(one, 1);
  if (!cartId) throw new Error("no cart");
  const { orderId } = await crowd.core.placeOrder({ cartId, payment: authenticated, idempotencyKey: "key" });
  await approve(crowd, orderId);
  const events = await eventsOf(crowd.provider);
  const [saga] = await shop.lab.own<{ id: string }[]>`select id::text from platform.saga`;
  await Promise.all([
    ...[...events, ...events, ...events].map(async (event) => {
      const id = await crowd.core.storeEvent(event);
      if (id) await crowd.core.applyEvent(id);
    }),
    ...Array.from({ length: 6 }, () => crowd.core.sweeps.sagas.run()),
    ...Array.from({ length: 6 }, () => viewOfOrder(crowd.db, orderId)),
  ]);
  await crowd.settle();
  expect(saga).toBeDefined();
  expect(await statesOf(shop.lab.own)).toEqual({ confirmed: 1 });
  expect(await capturesOf(crowd.provider.url)).toBe(1);
  expect(await crowd.breaches()).toEqual([]);
});

type Crowd = Awaited<ReturnType<typeof openCrowd>>;

/** Passes 3-D Secure as soon as the order says where. */
async function approve(crowd: Crowd, orderId: OrderId): Promise<void> {
  for (;;) {
    const { payment } = await viewOfOrder(crowd.db, orderId);
    if (payment.nextAction?.type !== "redirect") {
      await crowd.core.sweeps.sagas.run();
      continue;
    }
    const body = new URLSearchParams({ decision: "pay" });
    const answer = await fetch(payment.nextAction.url, { method: "POST", body, redirect: "manual" });
    expect(answer.status).toBe(303);
    return;
  }
}

async function eventsOf({ url, secretKey }: Crowd["provider"]): Promise<string[]> {
  const answer = await fetch(`${url}/v1/events?limit=100`, { headers: { authorization: `Bearer ${secretKey}` } });
  const { data } = (await answer.json()) as { readonly data: readonly unknown[] };
  return data.map((event) => JSON.stringify(event));
}

async function capturesOf(url: string): Promise<number> {
  const books = (await (await fetch(`${url}/_stoa/books`)).json()) as {
    readonly charges: readonly { readonly captured: number; readonly refunded: number }[];
  };
  return books.charges.filter((charge) => charge.captured > charge.refunded).length;
}
