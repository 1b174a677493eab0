import { afterAll, beforeAll, expect, test } from "bun:test";
import { type CartId, type Instant, newId, type OrderId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { Actor } from "../../platform/rpc/index.ts";
import {
  applyPromotion,
  createPromotion,
  freezeCart,
  getCart,
  giveBackPromotionUsage,
  listShippingMethods,
  type PromotionInput,
  removePromotion,
  type TakePromotionUsage,
  takePromotionUsage,
} from "./index.ts";
import { address, type CartShop, cartShop, guest, NOW, newCart, newCustomer, refusalOf } from "./testing/fixture.ts";

let shop: CartShop;
beforeAll(async () => {
  shop = await cartShop();
  shop.sell("tea", 1_000);
});
afterAll(() => shop[Symbol.asyncDispose]());

let codes = 0;
async function promotion(input: Partial<PromotionInput> = {}) {
  codes += 1;
  const code = input.code === undefined ? `Code-${codes}` : input.code;
  const effect = { kind: "percent", target: "order", basisPoints: 1_000 } as const;
  const id = await shop.inTx((tx) =>
    createPromotion({ tx, now: NOW }, { name: `Promotion ${codes}`, effect, ...input, code }),
  );
  return { id, code: code ?? "" };
}
const cart = (actor: Actor = guest) => newCart(shop.deps, actor, { items: [{ sku: "tea", quantity: 2 }] });
const apply = (cartId: CartId, code: string, actor: Actor = guest) =>
  shop.inTx((tx) => applyPromotion(shop.deps, { tx, now: NOW, actor }, { cartId, code }));
const remove = (cartId: CartId, code: string) =>
  shop.inTx((tx) => removePromotion({ tx, now: NOW, actor: guest }, { cartId, code }));
const view = (cartId: CartId) => getCart(shop.deps, { db: shop.db, now: NOW, actor: guest }, cartId);
const take = (input: Partial<TakePromotionUsage> & { promotionIds: readonly string[] }) =>
  shop.inTx((tx) =>
    takePromotionUsage({ tx, now: NOW }, { orderId: newId("ord"), customerId: null, email: "a@example.com", ...input }),
  );
const giveBack = (orderId: OrderId) => shop.inTx((tx) => giveBackPromotionUsage({ tx, now: NOW }, { orderId }));
async function used(id: string): Promise<number> {
  const rows = await shop.db.execute<{ id: string; used: number; uses: number }>(sql`
    select p.used, (select count(*)::int from carts.promotion_usage u where u.promotion_id = p.id) as uses
    from carts.promotion p where upper(p.code) = upper(${id})`);
  expect(rows[0]?.used).toBe(rows[0]?.uses ?? -1);
  return rows[0]?.used ?? -1;
}

test("a code is taken in any case, once, shows what it takes off, and can be given back", async () => {
  const { code } = await promotion();
  const cartId = await cart();
  await apply(cartId, code.toLowerCase());
  await apply(cartId, code.toUpperCase());
  expect(await view(cartId)).toMatchObject({
    promotions: [{ code, discount: { amount: 200 } }],
    totals: { discount: { amount: 200 }, total: { amount: 1_800 } },
  });
  await remove(cartId, code.toLowerCase());
  await remove(cartId, code);
  expect(await view(cartId)).toMatchObject({ promotions: [], totals: { total: { amount: 2_000 } } });
});

test("a code that cannot be used is refused with its reason", async () => {
  const day = 24 * 60 * 60 * 1_000;
  const cases = [
    { input: { startsAt: (NOW + day) as Instant }, reason: "not_started" },
    { input: { endsAt: NOW }, reason: "ended" },
    { input: { isActive: false }, reason: "unknown_code" },
    { input: { conditions: [{ kind: "minimum_subtotal", amounts: { USD: 2_001 } }] }, reason: "minimum_not_reached" },
    { input: { conditions: [{ kind: "signed_in" }] }, reason: "sign_in_required" },
    { input: { conditions: [{ kind: "skus", skus: ["pot"] }] }, reason: "no_matching_items" },
  ] satisfies { input: Partial<PromotionInput>; reason: string }[];
  const cartId = await cart();
  for (const { input, reason } of cases) {
    const { code } = await promotion(input);
    expect(await refusalOf(apply(cartId, code))).toMatchObject({
      code: "promotion_not_applicable",
      members: { reason },
    });
  }
  expect((await refusalOf(apply(cartId, "nonsense"))).members.reason).toBe("unknown_code");
  expect((await view(cartId)).promotions).toEqual([]);
});

test("a limit of 10 in total holds among 100 checkouts at once", async () => {
  const { id, code } = await promotion({ usageLimit: 10 });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 100 }, (_, index) => take({ promotionIds: [id], email: `shopper-${index}@example.com` })),
  );
  expect(outcomes.filter((one) => one.status === "fulfilled")).toHaveLength(10);
  expect(await used(code)).toBe(10);
  expect((await refusalOf(apply(await cart(), code))).members.reason).toBe("usage_limit_reached");
});

test("a limit of 2 per customer holds among 40 checkouts at once, whatever the e-mail address", async () => {
  const { id, code } = await promotion({ usageLimitPerCustomer: 2 });
  const ada = newCustomer();
  const outcomes = await Promise.allSettled(
    Array.from({ length: 40 }, (_, index) =>
      take({ promotionIds: [id], customerId: ada.customerId, email: `alias-${index}@example.com` }),
    ),
  );
  expect(outcomes.filter((one) => one.status === "fulfilled")).toHaveLength(2);
  expect(await used(code)).toBe(2);
  expect((await refusalOf(apply(await cart(ada), code, ada))).members.reason).toBe("usage_limit_reached");
  await take({ promotionIds: [id], email: "Guest@example.com" });
  await take({ promotionIds: [id], email: "guest@example.com" });
  expect((await refusalOf(take({ promotionIds: [id], email: "GUEST@example.com" }))).code).toBe(
    "promotion_not_applicable",
  );
});

test("of many first orders of one customer at once one gets the promotion for first orders", async () => {
  const { id, code } = await promotion({ conditions: [{ kind: "first_order" }], usageLimitPerCustomer: 50 });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, () => take({ promotionIds: [id], email: "newcomer@example.com" })),
  );
  expect(outcomes.filter((one) => one.status === "fulfilled")).toHaveLength(1);
  expect(await used(code)).toBe(1);
});

test("an order counts once however often it takes, and what it gives back can be used again", async () => {
  const { id, code } = await promotion({ usageLimit: 1, usageLimitPerCustomer: 1 });
  const orderId = newId("ord");
  await Promise.all([1, 2, 3].map(() => take({ orderId, promotionIds: [id, id] })));
  expect(await used(code)).toBe(1);
  await Promise.all([giveBack(orderId), giveBack(orderId), giveBack(newId("ord"))]);
  expect(await used(code)).toBe(0);
  await take({ promotionIds: [id] });
  expect(await used(code)).toBe(1);
});

test("orders that use the same promotions in opposite order all go through", async () => {
  const [first, second] = [await promotion(), await promotion()];
  await Promise.all(
    Array.from({ length: 30 }, (_, index) => {
      const both = [first.id, second.id];
      return take({ promotionIds: index % 2 === 0 ? both : both.reverse(), email: `${index % 3}@example.com` });
    }),
  );
  expect([await used(first.code), await used(second.code)]).toEqual([30, 30]);
});

test("a refused use leaves nothing counted", async () => {
  const [open, spent] = [await promotion(), await promotion({ usageLimit: 1 })];
  await take({ promotionIds: [spent.id] });
  const refused = take({ promotionIds: [open.id, spent.id], email: "b@example.com" });
  expect(await refusalOf(refused)).toMatchObject({
    code: "promotion_not_applicable",
    members: { reason: "usage_limit_reached", promotionCode: spent.code },
  });
  expect([await used(open.code), await used(spent.code)]).toEqual([0, 1]);
});

test("a code that ran out after it was taken stops the checkout, and an automatic promotion applies by itself", async () => {
  const { id, code } = await promotion({ usageLimit: 1 });
  const cartId = await cart();
  await apply(cartId, code);
  await take({ promotionIds: [id] });
  const { items } = await listShippingMethods(shop.deps, { db: shop.db, now: NOW, actor: guest }, cartId);
  const patch = { email: "c@example.com", shippingAddress: address, shippingMethod: items[0]?.id };
  const freeze = () =>
    shop.inTx((tx) => freezeCart(shop.deps, { tx, now: NOW }, { cartId, orderId: newId("ord"), actor: guest, patch }));
  expect((await refusalOf(freeze())).members.reason).toBe("usage_limit_reached");
  await remove(cartId, code);
  const automatic = await promotion({ code: null, effect: { kind: "fixed", target: "order", amounts: { USD: 50 } } });
  const frozen = await freeze();
  expect(frozen.promotions).toEqual([
    { promotionId: automatic.id, code: null, discount: { amount: 50, currency: "USD" } },
  ]);
  expect((await view(cartId)).promotions[0]?.discount.amount).toBe(50);
});

test("automatic promotions that are used up stand in the way of none that is not", async () => {
  await shop.db.execute(sql`update carts.promotion set active = false where code is null`);
  await shop.db.execute(sql`
    insert into carts.promotion (id, name, effect, priority, usage_limit, used, created_at, updated_at)
    select gen_random_uuid(), 'Gone ' || n, '{"kind":"percent","target":"order","basisPoints":5000}', 1, 1, 1, now(), now()
    from generate_series(1, 50) n`);
  await promotion({ code: null, effect: { kind: "fixed", target: "order", amounts: { USD: 70 } } });
  expect((await view(await cart())).totals.discount.amount).toBe(70);
  await shop.db.execute(sql`update carts.promotion set active = false where code is null`);
});
