import { afterAll, beforeAll, expect, test } from "bun:test";
import { money } from "@stoa/kernel";
import { createPromotion, type DraftBasket, previewDraft, quoteDraft } from "./index.ts";
import { address, type CartShop, cartShop, NOW, refusalOf } from "./testing/fixture.ts";

let shop: CartShop;
beforeAll(async () => {
  shop = await cartShop();
  shop.sell("tea", 1_250);
  shop.sell("yen-only", 0, { unitPrice: null });
});
afterAll(() => shop[Symbol.asyncDispose]());

const usd = (amount: number) => money(amount, "USD");
const noPrices = { unitPrices: new Map(), discount: null, shipping: null };

function basket(staffTerms: Partial<DraftBasket["staffTerms"]> = {}, terms: Partial<DraftBasket["terms"]> = {}) {
  return {
    terms: {
      ...({
        customerId: null,
        email: "ada@example.com",
        currency: "USD",
        channel: "default",
        billingAddress: null,
      } as const),
      ...{ shippingAddress: address, shippingOptionId: null, promotionCodes: [] },
      ...terms,
    },
    lines: [{ sku: "tea", quantity: 3 }],
    staffTerms: { ...noPrices, ...staffTerms },
  } satisfies DraftBasket;
}

const reading = () => ({ db: shop.db, now: NOW });
const courier = { name: "Courier", price: usd(333) };

test("a price by hand counts for each unit, and shipping by hand in place of an option", async () => {
  const terms = { unitPrices: new Map([["tea", usd(1_001)]]), shipping: courier };
  const quote = await quoteDraft(shop.deps, reading(), basket(terms));
  expect(quote.lines).toMatchObject([{ sku: "tea", unitPrice: usd(1_001), total: usd(3_003) }]);
  expect(quote.totals).toMatchObject({ shipping: usd(333), total: usd(3_336) });
  expect(quote.shippingMethod).toMatchObject({ name: "Courier", price: usd(333) });
});

test("a SKU without a price in the currency may be given one, and one that is not for sale may not", async () => {
  const unitPrices = new Map(["yen-only", "none"].map((sku) => [sku, usd(500)]));
  const lines = ["yen-only", "none"].map((sku) => ({ sku, quantity: 1 }));
  const priced = await previewDraft(shop.deps, reading(), { ...basket({ unitPrices }), lines });
  expect(priced.lines.map((line) => line.sku)).toEqual(["yen-only"]);
  expect(priced.unavailable).toEqual(["none"]);
});

test("a discount by hand is never more than the goods, loses no cent, and counts as no promotion's use", async () => {
  for (const [amount, off] of [
    [1_000, 1_000],
    [9_999, 3_750],
  ] as const) {
    const terms = { discount: { kind: "fixed", amount }, shipping: courier } as const;
    const quote = await quoteDraft(shop.deps, reading(), basket(terms));
    expect(quote.totals).toMatchObject({ discount: usd(off), total: usd(3_750 - off + 333) });
    expect(quote.lines.reduce((sum, line) => sum + line.discount.amount, 0)).toBe(off);
    expect(quote.promotions).toEqual([]);
  }
});

test("a promotion that goes alone gives way to a discount by hand; a code that stacks goes on top", async () => {
  const effect = { kind: "percent", target: "order", basisPoints: 5_000 } as const;
  await shop.inTx(async (tx) => {
    await createPromotion({ tx, now: NOW }, { name: "Alone", code: "ALONE", isStackable: false, effect });
    await createPromotion({ tx, now: NOW }, { name: "On top", code: "ONTOP", effect });
  });
  const staffTerms = { discount: { kind: "fixed", amount: 750 }, shipping: courier } as const;
  const promotionCodes = ["ALONE", "ONTOP"];
  const quote = await quoteDraft(shop.deps, reading(), basket(staffTerms, { promotionCodes }));
  expect(quote.totals.discount).toEqual(usd(750 + 1_500));
  expect(quote.promotions).toMatchObject([{ code: "ONTOP", discount: usd(1_500) }]);
});

test("a draft that lacks something is priced as far as it goes, and not quoted", async () => {
  const bare = basket({}, { email: null, shippingAddress: null });
  expect((await previewDraft(shop.deps, reading(), bare)).totals.total).toEqual(usd(3_750));
  expect((await refusalOf(quoteDraft(shop.deps, reading(), bare))).code).toBe("email_required");
  expect((await refusalOf(quoteDraft(shop.deps, reading(), basket()))).code).toBe("shipping_method_required");
});
