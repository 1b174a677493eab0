import { afterAll, beforeAll, expect, test } from "bun:test";
import { type CartId, type Currency, chargeStep, newId, type OrderId, refusesCharge } from "@stoa/kernel";
import type { Actor } from "../../platform/rpc/index.ts";
import { shopSetting, writeSetting } from "../../platform/settings/index.ts";
import {
  addItem,
  type CartPatch,
  completeCart,
  createPromotion,
  type FreezeCart,
  freezeCart,
  getCart,
  listShippingMethods,
  reopenCart,
  saveShippingOption,
  saveTaxRate,
  updateCart,
} from "./index.ts";
import { address, type CartShop, cartShop, guest, NOW, newCart, newCustomer, refusalOf } from "./testing/fixture.ts";

let shop: CartShop;
let shippingMethod: string;
beforeAll(async () => {
  shop = await cartShop();
  shop.sell("tea", 1_250);
  const cartId = await cart();
  const { items } = await listShippingMethods(shop.deps, { db: shop.db, now: NOW, actor: guest }, cartId);
  shippingMethod = items[0]?.id ?? "";
});
afterAll(() => shop[Symbol.asyncDispose]());

const cart = (actor: Actor = guest, items = [{ sku: "tea", quantity: 2 }]) => newCart(shop.deps, actor, { items });
const ready = (): CartPatch => ({ email: "ada@example.com", shippingAddress: address, shippingMethod });
const freeze = (cartId: CartId, input: Partial<FreezeCart> = {}) =>
  shop.inTx((tx) =>
    freezeCart(shop.deps, { tx, now: NOW }, { cartId, orderId: newId("ord"), actor: guest, patch: ready(), ...input }),
  );
const add = (cartId: CartId) =>
  shop.inTx((tx) =>
    addItem(shop.deps, { tx, now: NOW, actor: guest }, { cartId, items: [{ sku: "tea", quantity: 1 }] }),
  );
const settle = (verb: typeof completeCart, bound: { cartId: CartId; orderId: OrderId }) =>
  shop.inTx((tx) => verb({ tx, now: NOW }, bound));
const view = (cartId: CartId) => getCart(shop.deps, { db: shop.db, now: NOW, actor: guest }, cartId);

test("freezing snapshots the cart at today's prices and closes it to changes", async () => {
  const cartId = await cart();
  const frozen = await freeze(cartId);
  expect(frozen).toMatchObject({
    cartId,
    customerId: null,
    email: "ada@example.com",
    shippingAddress: address,
    billingAddress: null,
    shippingMethod: { id: shippingMethod, name: "Standard", price: { amount: 500 } },
    lines: [{ sku: "tea", quantity: 2, unitPrice: { amount: 1_250 }, total: { amount: 2_500 }, trackInventory: true }],
    totals: { subtotal: { amount: 2_500 }, shipping: { amount: 500 }, total: { amount: 3_000 } },
  });
  expect((await refusalOf(add(cartId))).code).toBe("cart_completed");
  expect((await view(cartId)).state).toBe("completed");
});

test("of 20 checkouts of one cart at once one gets it, and the others are told why not", async () => {
  const cartId = await cart();
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () =>
      freeze(cartId).then(
        () => "frozen",
        (error: { code: string }) => error.code,
      ),
    ),
  );
  expect(outcomes.toSorted()).toEqual(["frozen", ...Array.from({ length: 19 }, () => "request_in_progress")]);
});

test("a line that is added while the cart is being priced is either in the order or refused", async () => {
  for (let round = 0; round < 10; round += 1) {
    const cartId = await cart();
    const [frozen, added] = await Promise.allSettled([freeze(cartId), add(cartId)]);
    if (frozen.status === "rejected") throw frozen.reason;
    const quantity = frozen.value.lines[0]?.quantity;
    expect(quantity).toBe(added.status === "fulfilled" ? 3 : 2);
    expect((await view(cartId)).items[0]?.quantity).toBe(quantity);
  }
});

test("a reopened cart can be changed and checked out again; a completed one cannot", async () => {
  const [cartId, first, second] = [await cart(), newId("ord"), newId("ord")];
  await freeze(cartId, { orderId: first });
  await settle(reopenCart, { cartId, orderId: second });
  expect((await view(cartId)).state).toBe("completed");
  await settle(reopenCart, { cartId, orderId: first });
  await settle(reopenCart, { cartId, orderId: first });
  await add(cartId);
  await freeze(cartId, { orderId: second });
  await settle(reopenCart, { cartId, orderId: first });
  await settle(completeCart, { cartId, orderId: second });
  await settle(completeCart, { cartId, orderId: second });
  await settle(reopenCart, { cartId, orderId: second });
  expect((await view(cartId)).state).toBe("completed");
  expect((await refusalOf(freeze(cartId))).code).toBe("cart_completed");
  expect((await refusalOf(add(cartId))).code).toBe("cart_completed");
});

test("what is missing is named, and the cart stays open", async () => {
  const cartId = await cart();
  const { email, shippingAddress } = ready();
  const empty = await cart(guest, []);
  expect((await refusalOf(freeze(empty))).code).toBe("cart_empty");
  expect((await refusalOf(freeze(cartId, { patch: {} }))).code).toBe("email_required");
  expect((await refusalOf(freeze(cartId, { patch: { email } }))).code).toBe("shipping_address_required");
  expect((await refusalOf(freeze(cartId, { patch: { email, shippingAddress } }))).code).toBe(
    "shipping_method_required",
  );
  const unknown = { ...ready(), shippingMethod: newId("shp") };
  expect((await refusalOf(freeze(cartId, { patch: unknown }))).code).toBe("validation_failed");
  expect((await refusalOf(freeze(cartId, { actor: newCustomer(), cartId: newId("cart") }))).code).toBe("not_found");
  expect((await view(cartId)).state).toBe("open");
  await shop.inTx((tx) => updateCart(shop.deps, { tx, now: NOW, actor: guest }, { cartId, patch: ready() }));
  expect((await freeze(cartId, { patch: {} })).totals.total.amount).toBe(3_000);
});

test("a withdrawn SKU is refused by name, and the cart stays open", async () => {
  shop.sell("moving", 2_000);
  const cartId = await cart(guest, [{ sku: "moving", quantity: 1 }]);
  shop.catalog.delete("moving");
  expect(await refusalOf(freeze(cartId))).toMatchObject({
    code: "out_of_stock",
    members: { items: [{ sku: "moving", requested: 1, available: 0 }] },
  });
  expect((await view(cartId)).state).toBe("open");
});

test("a customer's cart cannot be checked out by a stranger", async () => {
  const ada = newCustomer();
  const cartId = await cart(ada);
  expect((await refusalOf(freeze(cartId))).code).toBe("not_found");
  expect((await refusalOf(freeze(cartId, { actor: newCustomer("eve@example.com") }))).code).toBe("not_found");
  expect((await freeze(cartId, { actor: ada })).customerId).toBe(ada.customerId);
});

test("a cart keeps its currency to the order, whose sums are exact in whole yen and in hundredths of a dinar", async () => {
  await shop.inTx(async (tx) => {
    const currencies: Currency[] = ["USD", "JPY", "KWD"];
    await writeSetting(tx, NOW, shopSetting, { ...shopSetting.fallback, currencies });
    const rates = Object.fromEntries(
      currencies.map((currency) => [currency, { kind: "flat" as const, price: 333 * chargeStep(currency) }]),
    );
    const effect = { kind: "percent", target: "order", basisPoints: 333 } as const;
    await saveShippingOption({ tx, now: NOW }, { zone: { name: "Japan", countries: ["JP"] }, name: "Sea", rates });
    await createPromotion({ tx, now: NOW }, { name: "A third of a tenth", effect });
    const rate = { country: "JP", name: "JCT", basisPoints: 833, isIncluded: false };
    await saveTaxRate({ tx, now: NOW }, { ...rate, taxClass: "standard" });
    await saveTaxRate({ tx, now: NOW }, { ...rate, taxClass: "shipping" });
  });
  for (const currency of ["USD", "JPY", "KWD"] as const) {
    // What can be charged of a dinar ends in 0.
    const step = chargeStep(currency);
    for (const [index, price] of [333, 1_001, 77].entries()) shop.sell(`odd-${currency}-${index}`, price * step);
    const items = [0, 1, 2].map((index) => ({ sku: `odd-${currency}-${index}`, quantity: index * 2 + 1 }));
    const cartId = await newCart(shop.deps, guest, { currency, items });
    const shippingAddress = { ...address, country: "JP" };
    await shop.inTx((tx) =>
      updateCart(shop.deps, { tx, now: NOW, actor: guest }, { cartId, patch: { shippingAddress } }),
    );
    const methods = await listShippingMethods(shop.deps, { db: shop.db, now: NOW, actor: guest }, cartId);
    const frozen = await freeze(cartId, { patch: { email: "a@example.com", shippingMethod: methods.items[0]?.id } });
    expect([frozen.currency, frozen.totals.total.currency]).toEqual([currency, currency]);
    const lines = frozen.lines.reduce((sum, line) => sum + line.total.amount + line.tax.amount, 0);
    const shippingTax = frozen.taxLines.find((line) => line.position === null)?.amount.amount ?? 0;
    const { totals } = frozen;
    expect([totals.subtotal, totals.discount, totals.tax].map(({ amount }) => amount / step)).toEqual([
      3_721, 124, 328,
    ]);
    expect(lines + 333 * step + shippingTax).toBe(totals.total.amount);
    expect(totals.subtotal.amount - totals.discount.amount + 333 * step + totals.tax.amount).toBe(totals.total.amount);
    expect(refusesCharge(totals.total)).toBeNull();
  }
});
