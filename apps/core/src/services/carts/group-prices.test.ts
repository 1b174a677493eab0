import { afterAll, beforeAll, expect, test } from "bun:test";
import type { CartId, Instant } from "@stoa/kernel";
import type { Actor } from "../../platform/rpc/index.ts";
import type { Offer } from "../catalog/index.ts";
import {
  addItem,
  applyPromotion,
  claimCart,
  createPromotion,
  getCart,
  type PromotionInput,
  setQuantity,
  updateCart,
} from "./index.ts";
import { type CartShop, cartShop, guest, NOW, newCart, newCustomer, refusalOf } from "./testing/fixture.ts";

let shop: CartShop;
beforeAll(async () => {
  shop = await cartShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const usd = { currency: "USD" } as const;
const create = (actor: Actor, sku: string, quantity: number) =>
  newCart(shop.deps, actor, { items: [{ sku, quantity }] });
const unitPrice = async (cartId: CartId, actor: Actor, now: Instant = NOW) =>
  (await getCart(shop.deps, { db: shop.db, now, actor }, cartId)).items[0]?.unitPrice.amount;
const tiered = (sku: string, prices: NonNullable<Offer["prices"]>) => shop.sell(sku, 1_000, { prices });

test("the line's quantity decides its tier, whichever way it came about", async () => {
  tiered("screw", [
    { ...usd, amount: 1_000 },
    { ...usd, amount: 900, minQuantity: 10 },
    { ...usd, amount: 800, minQuantity: 50 },
  ]);
  const cartId = await create(guest, "screw", 9);
  expect(await unitPrice(cartId, guest)).toBe(1_000);
  await shop.inTx((tx) =>
    addItem(shop.deps, { tx, now: NOW, actor: guest }, { cartId, items: [{ sku: "screw", quantity: 1 }] }),
  );
  expect(await unitPrice(cartId, guest)).toBe(900);
  await shop.inTx((tx) =>
    setQuantity(shop.deps, { tx, now: NOW, actor: guest }, { cartId, sku: "screw", quantity: 50 }),
  );
  expect(await unitPrice(cartId, guest)).toBe(800);
});

test("a group's price holds for its members while they are in it and while it lasts, and for nobody else", async () => {
  const tomorrow = (NOW + 86_400_000) as Instant;
  tiered("lamp", [
    { ...usd, amount: 1_000 },
    { ...usd, amount: 700, customerGroup: "trade", endsAt: tomorrow },
    { ...usd, amount: 600, customerGroup: "trade", minQuantity: 5 },
  ]);
  const [trader, stranger] = [newCustomer(), newCustomer("eve@example.com")];
  shop.groups.set(trader.customerId, ["trade"]);
  const own = await create(trader, "lamp", 1);
  expect(await unitPrice(own, trader)).toBe(700);
  expect(await unitPrice(own, trader, tomorrow)).toBe(1_000);
  expect(await unitPrice(await create(trader, "lamp", 5), trader)).toBe(600);
  expect(await unitPrice(await create(stranger, "lamp", 5), stranger)).toBe(1_000);
  expect(await unitPrice(await create(guest, "lamp", 5), guest)).toBe(1_000);
  shop.groups.delete(trader.customerId);
  expect(await unitPrice(own, trader)).toBe(1_000);
});

test("a guest's cart gets its customer's prices when it is claimed, not when it is looked at", async () => {
  tiered("vase", [
    { ...usd, amount: 1_000 },
    { ...usd, amount: 500, customerGroup: "friends" },
  ]);
  const friend = newCustomer("friend@example.com");
  shop.groups.set(friend.customerId, ["friends"]);
  const cartId = await create(guest, "vase", 1);
  expect(await unitPrice(cartId, friend)).toBe(1_000);
  await shop.inTx((tx) => claimCart({ tx, now: NOW, actor: friend }, cartId));
  expect(await unitPrice(cartId, friend)).toBe(500);
});

test("what only a group may buy is not sold to others", async () => {
  shop.sell("secret", 1_000, { unitPrice: null, prices: [{ ...usd, amount: 300, customerGroup: "insiders" }] });
  const insider = newCustomer("in@example.com");
  shop.groups.set(insider.customerId, ["insiders"]);
  expect(await unitPrice(await create(insider, "secret", 1), insider)).toBe(300);
  expect((await refusalOf(create(guest, "secret", 1))).code).toBe("currency_mismatch");
});

test("promotions for groups, for first orders and from a number of units on are refused to others with the reason", async () => {
  shop.sell("tea", 1_000);
  const member = newCustomer("member@example.com");
  shop.groups.set(member.customerId, ["club"]);
  shop.buyers.add("loyal@example.com");
  let count = 0;
  const reasonFor = async (conditions: PromotionInput["conditions"], actor: Actor, email?: string) => {
    count += 1;
    const code = `GROUP-${count}`;
    const effect = { kind: "percent", target: "items", basisPoints: 1_000 } as const;
    await shop.inTx((tx) => createPromotion({ tx, now: NOW }, { code, name: code, effect, conditions }));
    const cartId = await create(actor, "tea", 2);
    const context = { now: NOW, actor };
    if (email) await shop.inTx((tx) => updateCart(shop.deps, { ...context, tx }, { cartId, patch: { email } }));
    const applied = shop.inTx((tx) => applyPromotion(shop.deps, { ...context, tx }, { cartId, code }));
    return applied.then(
      () => "applied",
      async () => (await refusalOf(applied)).members.reason,
    );
  };
  const club: PromotionInput["conditions"] = [{ kind: "customer_groups", groups: ["club", "staff"] }];
  expect(await reasonFor(club, member)).toBe("applied");
  expect(await reasonFor(club, newCustomer())).toBe("customer_group_required");
  expect(await reasonFor(club, guest)).toBe("customer_group_required");
  const first: PromotionInput["conditions"] = [{ kind: "first_order" }];
  expect(await reasonFor(first, guest, "new@example.com")).toBe("applied");
  expect(await reasonFor(first, guest, "loyal@example.com")).toBe("not_first_order");
  expect(await reasonFor([{ kind: "minimum_quantity", units: 2 }], guest)).toBe("applied");
  expect(await reasonFor([{ kind: "minimum_quantity", units: 3 }], guest)).toBe("minimum_not_reached");
});
