import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type CartId, type Currency, type GiftCardId, money, newId, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { Actor } from "../../platform/rpc/index.ts";
import type { Credit, CreditSource } from "./cart-credits.ts";
import { applyGiftCard, removeCredit, useStoreCredit } from "./credits-on-cart.ts";
import { claimCart, freezeCart, getCart, updateCart } from "./index.ts";
import { listShippingMethods } from "./list-shipping-methods.ts";
import { address, type CartShop, cartShop, guest, NOW, newCart, newCustomer } from "./testing/fixture.ts";

let shop: CartShop;
const known = new Map<string, Credit>();
const credits: CreditSource = {
  byIds: async (_, ids) => [...known.values()].filter((credit) => ids.includes(credit.id)),
  byCode: async (_, code) => known.get(code) ?? null,
  ofCustomer: async (_, customerId) => [...known.values()].filter((credit) => credit.ownerId === customerId),
};
beforeAll(async () => {
  shop = await cartShop();
  shop.sell("tea", 1_000);
}, 60_000);
beforeEach(() => known.clear());
afterAll(() => shop[Symbol.asyncDispose]());

function aCard(code: string, available: number, more: Partial<Credit> = {}): GiftCardId {
  const id = newId("gft");
  known.set(code, { id, kind: "gift_card", last4: "WXYZ", currency: "USD", available, ownerId: null, ...more });
  return id;
}

const deps = () => ({ ...shop.deps, credits });
const aCart = (actor: Actor = guest, currency: Currency = "USD") =>
  newCart(deps(), actor, { currency, items: [{ sku: "tea", quantity: 2 }] });
const view = (cartId: CartId, actor: Actor = guest) => getCart(deps(), { db: shop.db, now: NOW, actor }, cartId);
const apply = (cartId: CartId, code: string, actor: Actor = guest) =>
  shop.inTx((tx) => applyGiftCard(deps(), { tx, now: NOW, actor }, { cartId, code }));

describe("a gift card on a cart", () => {
  test("pays for it and leaves the total as it is", async () => {
    const id = aCard("A", 1_500);
    const cartId = await aCart();
    expect(await view(cartId)).toMatchObject({ amountDue: money(2_000, "USD") });
    await apply(cartId, "A");
    const cart = await view(cartId);
    expect(cart.totals.total).toEqual(money(2_000, "USD"));
    expect(cart.amountDue).toEqual(money(500, "USD"));
    expect(cart.giftCards).toEqual([{ id, kind: "gift_card", last4: "WXYZ", amount: money(1_500, "USD") }]);
  });

  test("is explained: what it pays, that nothing is due or left, and whose it is", async () => {
    const ada = newCustomer();
    const pays = aCard("A", 2_000);
    const [idle, empty, dear] = [aCard("B", 900), aCard("C", 100), aCard("D", 100)];
    const foreign = aCard("E", 700, { kind: "store_credit", last4: null, ownerId: ada.customerId });
    const cartId = await aCart();
    for (const code of ["A", "B", "C", "D"]) await apply(cartId, code);
    aCard("C", 0, { id: empty });
    aCard("D", 100, { id: dear, currency: "EUR" });
    await shop.db.execute(sql`update carts.cart set credits = credits || ${JSON.stringify([{ id: foreign, limit: null }])}::jsonb
      where id = ${toUuid(cartId)}::uuid`);
    const { explanation = [] } = await getCart(deps(), { db: shop.db, now: NOW, actor: guest }, cartId, {
      explain: true,
    });
    const card = { rule: "gift_card", last4: "WXYZ" };
    expect(explanation.filter(({ rule }) => rule === "gift_card" || rule === "store_credit")).toEqual([
      { ...card, id: pays, outcome: "used", reason: "pays", amount: money(2_000, "USD") },
      { ...card, id: idle, outcome: "refused", reason: "nothing_due" },
      { ...card, id: empty, outcome: "refused", reason: "nothing_left" },
      { ...card, id: dear, outcome: "refused", reason: "other_currency" },
      { rule: "store_credit", id: foreign, outcome: "refused", reason: "another_customers" },
    ] as never);
  });

  test("is taken once, keeps its place, and gives no more than is due", async () => {
    const [first, second] = [aCard("A", 1_500), aCard("B", 9_000)];
    const cartId = await aCart();
    for (const code of ["A", "B", "A"]) await apply(cartId, code);
    const cart = await view(cartId);
    expect(cart.giftCards?.map((one) => [one.id, one.amount.amount])).toEqual([
      [first, 1_500],
      [second, 500],
    ]);
    expect(cart.amountDue?.amount).toBe(0);
  });

  test("comes off again; one that is not there is no mistake", async () => {
    const id = aCard("A", 1_500);
    const cartId = await aCart();
    await apply(cartId, "A");
    for (const _ of [1, 2]) await shop.inTx((tx) => removeCredit({ tx, now: NOW, actor: guest }, { cartId, id }));
    expect(await view(cartId)).toMatchObject({ amountDue: money(2_000, "USD") });
    expect((await view(cartId)).giftCards).toBeUndefined();
  });

  test("is refused when unknown, empty, in another currency, or the sixth", async () => {
    aCard("EMPTY", 0);
    aCard("EUROS", 100, { currency: "EUR" });
    const cartId = await aCart();
    for (const [code, refusal] of [
      ["NOBODY", "gift_card_not_applicable"],
      ["EMPTY", "gift_card_not_applicable"],
      ["EUROS", "currency_mismatch"],
    ] as const) {
      await expect(apply(cartId, code)).rejects.toMatchObject({ code: refusal });
    }
    for (const code of ["1", "2", "3", "4", "5", "6"]) aCard(code, 1);
    for (const code of ["1", "2", "3", "4", "5"]) await apply(cartId, code);
    await expect(apply(cartId, "6")).rejects.toMatchObject({ code: "gift_card_not_applicable" });
    expect((await view(cartId)).giftCards).toHaveLength(5);
  });

  test("put on at the same moment as another: both stay", async () => {
    for (const code of ["A", "B", "C"]) aCard(code, 10);
    const cartId = await aCart();
    await Promise.all(["A", "B", "C"].map((code) => apply(cartId, code)));
    expect((await view(cartId)).giftCards).toHaveLength(3);
  });

  test("is nothing that a stranger can put on or take off", async () => {
    const [ann, bob] = [newCustomer(), newCustomer("bob@example.com")];
    const id = aCard("A", 10);
    const cartId = await aCart(ann);
    for (const actor of [guest, bob]) {
      await expect(apply(cartId, "A", actor)).rejects.toMatchObject({ code: "not_found" });
      const off = shop.inTx((tx) => removeCredit({ tx, now: NOW, actor }, { cartId, id }));
      await expect(off).rejects.toMatchObject({ code: "not_found" });
    }
  });

  test("goes along when carts are joined at sign-in", async () => {
    const ann = newCustomer();
    aCard("A", 10);
    aCard("B", 20);
    const own = await aCart(ann);
    const guests = await aCart();
    await apply(own, "A", ann);
    for (const code of ["A", "B"]) await apply(guests, code);
    await shop.inTx((tx) => claimCart({ tx, now: NOW, actor: ann }, guests));
    expect((await view(own, ann)).giftCards?.map((one) => one.amount.amount)).toEqual([10, 20]);
  });
});

describe("store credit on a cart", () => {
  const use = (cartId: CartId, actor: ReturnType<typeof newCustomer>, amount?: ReturnType<typeof money>) =>
    shop.inTx((tx) => useStoreCredit(deps(), { tx, now: NOW, actor }, { cartId, amount }));
  const ownerOf = (ann: ReturnType<typeof newCustomer>, available: number) =>
    aCard(ann.customerId, available, { kind: "store_credit", last4: null, ownerId: ann.customerId });

  test("pays up to the amount that the customer names, and anew when named again", async () => {
    const ann = newCustomer();
    const id = ownerOf(ann, 5_000);
    const cartId = await aCart(ann);
    await use(cartId, ann, money(300, "USD"));
    const cart = await view(cartId, ann);
    expect(cart.giftCards).toEqual([{ id, kind: "store_credit", amount: money(300, "USD") }]);
    await use(cartId, ann);
    expect((await view(cartId, ann)).amountDue?.amount).toBe(0);
  });

  test("makes a guest's cart the customer's, so that nobody else spends it", async () => {
    const ann = newCustomer();
    ownerOf(ann, 5_000);
    const cartId = await aCart();
    await use(cartId, ann);
    await expect(view(cartId)).rejects.toMatchObject({ code: "not_found" });
  });

  test("is refused where there is none, or none in the cart's currency", async () => {
    const [ann, bob] = [newCustomer(), newCustomer("bob@example.com")];
    ownerOf(ann, 5_000);
    await expect(use(await aCart(bob), bob)).rejects.toMatchObject({ code: "gift_card_not_applicable" });
    await expect(use(await aCart(ann, "EUR"), ann)).rejects.toMatchObject({ code: "gift_card_not_applicable" });
    const other = use(await aCart(ann), ann, money(1, "EUR"));
    await expect(other).rejects.toMatchObject({ code: "currency_mismatch" });
  });
});

describe("checkout", () => {
  async function ready(): Promise<CartId> {
    const cartId = await aCart();
    const patch = { email: "ada@example.com", shippingAddress: address };
    await shop.inTx((tx) => updateCart(deps(), { tx, now: NOW, actor: guest }, { cartId, patch }));
    const { items } = await listShippingMethods(deps(), { db: shop.db, now: NOW, actor: guest }, cartId);
    const shippingMethod = items[0]?.id ?? "";
    await shop.inTx((tx) => updateCart(deps(), { tx, now: NOW, actor: guest }, { cartId, patch: { shippingMethod } }));
    return cartId;
  }
  const freeze = (cartId: CartId) =>
    shop.inTx((tx) => freezeCart(deps(), { tx, now: NOW }, { cartId, orderId: newId("ord"), actor: guest }));

  test("says what each card pays and what is left for a provider", async () => {
    const id = aCard("A", 700);
    const cartId = await ready();
    await apply(cartId, "A");
    const frozen = await freeze(cartId);
    expect(frozen.credits.map(({ credit, amount }) => [credit.id, amount.amount])).toEqual([[id, 700]]);
    expect(frozen.amountDue.amount).toBe(frozen.totals.total.amount - 700);
  });

  test("refuses a card that has become useless since it was put on, instead of charging the shopper more", async () => {
    const id = aCard("A", 700);
    const cartId = await ready();
    await apply(cartId, "A");
    known.set("A", { ...(known.get("A") as Credit), available: 0 });
    await expect(freeze(cartId)).rejects.toMatchObject({
      code: "gift_card_not_applicable",
      members: { giftCardId: id },
    });
  });

  test("of a guest's cart takes nobody's store credit, however it came there", async () => {
    const { customerId } = newCustomer();
    aCard("S", 700, { kind: "store_credit", ownerId: customerId });
    const cartId = await ready();
    // By code it cannot come there; the guard behind it holds all the same.
    known.set("S", { ...(known.get("S") as Credit), ownerId: null });
    await apply(cartId, "S");
    known.set("S", { ...(known.get("S") as Credit), ownerId: customerId });
    await expect(freeze(cartId)).rejects.toMatchObject({ code: "gift_card_not_applicable" });
  });
});
