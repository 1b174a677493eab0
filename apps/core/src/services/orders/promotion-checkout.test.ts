import { afterAll, beforeAll, expect, test } from "bun:test";
import { type CartId, newId, type OrderId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { transact } from "../../platform/db/index.ts";
import type { CustomerActor, ShopActor } from "../../platform/rpc/index.ts";
import {
  addItem,
  applyPromotion,
  createPromotion,
  getCart,
  type PromotionInput,
  removePromotion,
  setQuantity,
} from "../carts/index.ts";
import { type PlaceOrderRequest, placeOrder } from "./place-order.ts";
import { readOrder } from "./queries.ts";
import { aCart, aShop, aSku, available, card, deliver, guest, PRICE, type Shop } from "./testing/checkout.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await aShop();
}, 60_000);
afterAll(() => shop[Symbol.asyncDispose]());

let codes = 0;
async function aCode(input: Partial<PromotionInput>) {
  codes += 1;
  const code = `RACE-${codes}`;
  const effect = { kind: "percent", target: "items", basisPoints: 1_000 } as const;
  const now = shop.clock.now();
  const id = await transact(shop.db, (tx) => createPromotion({ tx, now }, { name: code, effect, ...input, code }));
  return { id, code };
}

async function usesOf(code: string): Promise<number> {
  const [row] = await shop.db.execute<{ used: number; uses: number }>(sql`
    select p.used, (select count(*)::int from carts.promotion_usage u where u.promotion_id = p.id) as uses
    from carts.promotion p where p.code = ${code}`);
  expect(row?.used).toBe(row?.uses ?? -1);
  return row?.used ?? -1;
}

const onCart = (actor: ShopActor) => ({ now: shop.clock.now(), actor });
const apply = (cartId: CartId, code: string, actor: ShopActor = guest) =>
  transact(shop.db, (tx) => applyPromotion(shop.carts, { ...onCart(actor), tx }, { cartId, code }));

async function cartWith(sku: string, code: string, actor: ShopActor = guest): Promise<CartId> {
  const cartId = await aCart(shop, sku, 1, actor);
  await apply(cartId, code, actor);
  return cartId;
}

interface Buyer {
  readonly email: string;
  readonly actor?: ShopActor;
  readonly payment?: PlaceOrderRequest["payment"];
}

/** A whole checkout. Answers the order, or the code it was refused with. */
async function buy(cartId: CartId, { email, actor = guest, payment = { provider: "manual" } }: Buyer) {
  const request = { cartId, payment, patch: { email }, idempotencyKey: crypto.randomUUID() };
  try {
    const { orderId } = await placeOrder(shop.orders, actor, request);
    await deliver(shop, orderId);
    return { orderId, view: (await readOrder(shop.db, orderId)).view };
  } catch (error) {
    return { refused: error instanceof Error && "code" in error ? String(error.code) : String(error) };
  }
}

function split(outcomes: readonly Awaited<ReturnType<typeof buy>>[]) {
  const orders = outcomes.flatMap((one) => (one.view ? [one.view] : []));
  const refusals = [
    ...outcomes.flatMap((one) => one.refused ?? []),
    ...orders.flatMap((view) => (view.state === "refused" ? [view.refusal?.code] : [])),
  ];
  return { confirmed: orders.filter((view) => view.state === "confirmed"), refusals };
}

test("a code for 10 among 100 checkouts at once discounts 10 orders, and the others hold nothing", async () => {
  const { code } = await aCode({ usageLimit: 10 });
  const sku = await aSku(shop, 100);
  const carts = await Promise.all(Array.from({ length: 100 }, () => cartWith(sku, code)));
  const outcomes = await Promise.all(
    carts.map((cartId, index) => buy(cartId, { email: `shopper-${index}@example.com` })),
  );
  const { confirmed, refusals } = split(outcomes);
  expect(confirmed).toHaveLength(10);
  expect(confirmed.every((view) => view.totals.discount.amount === PRICE / 10)).toBe(true);
  expect(refusals).toEqual(Array.from({ length: 90 }, () => "promotion_not_applicable"));
  expect(await usesOf(code)).toBe(10);
  expect(await available(shop, sku)).toBe(90);
}, 120_000);

test("a code once for each customer is used once by one customer with 20 carts, whatever address each names", async () => {
  const { code } = await aCode({ usageLimitPerCustomer: 1 });
  const sku = await aSku(shop, 100);
  const customerId = newId("cus");
  const ada: CustomerActor = {
    ...{ kind: "customer", customerId, userId: customerId, email: "ada@example.com", emailVerified: true },
  };
  const carts = await Promise.all(Array.from({ length: 20 }, () => cartWith(sku, code, ada)));
  const outcomes = await Promise.all(
    carts.map((cartId, index) => buy(cartId, { email: `alias-${index}@example.com`, actor: ada })),
  );
  expect(split(outcomes).confirmed).toHaveLength(1);
  const guests = await Promise.all(Array.from({ length: 10 }, () => cartWith(sku, code)));
  const asGuest = await Promise.all(
    guests.map((cartId, index) => buy(cartId, { email: index % 2 ? "Eve@Example.com" : "eve@example.com" })),
  );
  expect(split(asGuest).confirmed).toHaveLength(1);
  expect(await usesOf(code)).toBe(2);
}, 60_000);

test("of ten first orders of one newcomer at once one is treated as the first", async () => {
  const { code } = await aCode({ conditions: [{ kind: "first_order" }] });
  const sku = await aSku(shop, 100);
  const email = "newcomer@example.com";
  const carts = await Promise.all(Array.from({ length: 10 }, () => cartWith(sku, code)));
  expect(split(await Promise.all(carts.map((cartId) => buy(cartId, { email })))).confirmed).toHaveLength(1);
  const later = await buy(await cartWith(sku, code), { email });
  expect(later.refused ?? later.view?.refusal?.code).toBe("promotion_not_applicable");
}, 60_000);

test("an order that is declined gives its use back to the next", async () => {
  const { code } = await aCode({ usageLimit: 1 });
  const sku = await aSku(shop, 10);
  const cartId = await cartWith(sku, code);
  const declined = await buy(cartId, { email: "a@example.com", payment: card("pm_card_visa_chargeDeclined") });
  expect(declined.view?.state).toBe("refused");
  expect(await usesOf(code)).toBe(0);
  expect((await buy(cartId, { email: "a@example.com" })).view?.state).toBe("confirmed");
  expect(await usesOf(code)).toBe(1);
});

/** What the order and its cart agree on, and that its parts add up. */
async function expectWhole(cartId: CartId, orderId: OrderId) {
  const { view } = await readOrder(shop.db, orderId);
  const cart = await getCart(shop.carts, { ...onCart(guest), db: shop.db }, cartId);
  const lines = (items: typeof view.items | typeof cart.items) => items.map(({ sku, quantity }) => [sku, quantity]);
  expect(lines(view.items)).toEqual(lines(cart.items));
  const { subtotal, discount, shipping, tax, total } = view.totals;
  expect(total.amount).toBe(subtotal.amount - discount.amount + shipping.amount + tax.amount);
  expect(view.items.reduce((sum, item) => sum + item.total.amount, 0)).toBe(subtotal.amount - discount.amount);
  return view;
}

test("a code that is given back or taken while the cart is checked out is in the order and counted, or neither", async () => {
  const { code } = await aCode({});
  const sku = await aSku(shop, 100);
  let discounted = 0;
  for (let round = 0; round < 10; round += 1) {
    const isOn = round % 2 === 0;
    const cartId = isOn ? await cartWith(sku, code) : await aCart(shop, sku);
    const toggle = isOn
      ? transact(shop.db, (tx) => removePromotion({ ...onCart(guest), tx }, { cartId, code }))
      : apply(cartId, code);
    const [bought] = await Promise.all([buy(cartId, { email: "a@example.com" }), toggle.catch(() => undefined)]);
    expect(bought.view?.state).toBe("confirmed");
    const view = await expectWhole(cartId, bought.orderId ?? newId("ord"));
    if (view.totals.discount.amount > 0) discounted += 1;
  }
  expect(await usesOf(code)).toBe(discounted);
}, 60_000);

test("a line that is added, changed or removed while the cart is checked out is in the order as in the cart", async () => {
  const [sku, other] = [await aSku(shop, 1_000), await aSku(shop, 1_000)];
  for (let round = 0; round < 12; round += 1) {
    const cartId = await aCart(shop, sku, 2);
    const change = transact(shop.db, (tx) => {
      const context = { ...onCart(guest), tx };
      if (round % 3 === 0) return addItem(shop.carts, context, { cartId, items: [{ sku: other, quantity: 3 }] });
      return setQuantity(shop.carts, context, { cartId, sku, quantity: round % 3 === 1 ? 9 : 1 });
    });
    const [bought] = await Promise.all([buy(cartId, { email: "a@example.com" }), change.catch(() => undefined)]);
    expect(bought.view?.state).toBe("confirmed");
    await expectWhole(cartId, bought.orderId ?? newId("ord"));
  }
}, 60_000);
