import { expect, test } from "bun:test";
import { signUp } from "./people.ts";
import type { Answered } from "./recorder.ts";
import { itemsOf, type Shopping, type Start } from "./shopping.ts";

type Headers = Readonly<Record<string, string>>;

const HOUR_MS = 3_600_000;
/** Far enough away to be written down before it comes. */
const SOON_MS = 1_500;
const everybody = { currency: "USD", customerGroups: [], channels: [], startsAt: null, endsAt: null, priority: 0 };

interface Listed {
  readonly id: string;
  readonly name: string;
  /** Says something else of the list from now on. */
  change(members: object): Promise<void>;
}

/** A list with a price for this SKU, and others for larger numbers of it. */
async function priceList(
  shop: Shopping,
  sku: string,
  amounts: Readonly<Record<number, number>>,
  members: object = {},
): Promise<Listed> {
  const name = `List ${crypto.randomUUID().slice(0, 8)}`;
  const all = { ...everybody, name, ...members };
  const list = await shop.owner<{ id: string }>("catalog.priceLists.create", all);
  const entries = Object.entries(amounts).map(([minQuantity, amount]) => {
    return { sku, minQuantity: Number(minQuantity), amount };
  });
  await shop.owner("catalog.priceLists.setEntries", { id: list.id, entries });
  return {
    id: list.id,
    name,
    change: async (changed) => {
      const { version } = await shop.read<{ version: number }>("catalog.priceLists.get", { id: list.id });
      await shop.owner("catalog.priceLists.change", { id: list.id, version, members: { ...all, ...changed } });
    },
  };
}

const ahead = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();
const amountOf = (money: unknown) => (money as { amount: number } | undefined)?.amount;

async function pagePrice(shop: Shopping, slug: string, headers: Headers = {}) {
  const { body } = await shop.expect(200, "products.get", `/v1/products/${slug}`, { headers });
  return amountOf(body?.price);
}

/** What the list of products and a search say of it. */
async function listedPrices(shop: Shopping, slug: string, headers: Headers = {}) {
  const answers = [
    await shop.expect(200, "products.list", "/v1/products?brand=Few&sort=newest&limit=100", { headers }),
    await shop.expect(200, "search.products", `/v1/search?q=${slug.replace("-", "%20")}`, { headers }),
  ];
  return answers.map((answer) => amountOf(itemsOf(answer).find((item) => item.slug === slug)?.price));
}

interface CartBody {
  readonly items: readonly { readonly sku: string; readonly unitPrice: { readonly amount: number } }[];
  readonly totals: { readonly subtotal: { readonly amount: number }; readonly total: object };
  readonly notices?: readonly object[];
  readonly explanation?: readonly Readonly<Record<string, unknown>>[];
}
const bodyOf = ({ body }: Answered) => body as unknown as CartBody;

async function seeCart(shop: Shopping, cart: string, headers: Headers = {}): Promise<CartBody> {
  return bodyOf(await shop.expect(200, "carts.get", `${cart}?explain=1`, { headers }));
}

const unitPrices = ({ items }: CartBody) => items.map(({ unitPrice }) => unitPrice.amount);

function priceRules({ explanation = [] }: CartBody) {
  return explanation.flatMap(({ rule, outcome, reason, id, name, amount, minQuantity }) =>
    rule === "price" ? [[outcome, reason, id, name, amountOf(amount), minQuantity]] : [],
  );
}

/** What price lists make of the price of a product, from its page to its order. */
export function describePriceLists(start: Start): void {
  test("a list for everybody is what page, list, search, cart and order ask, and the explanation names it", async () => {
    const shop = start();
    const { sku, slug } = await shop.scarceProduct(20);
    await shop.until(async () => (await listedPrices(shop, slug)).every((amount) => amount === 1_000));
    const list = await priceList(shop, sku, { 1: 800, 5: 600 });
    await shop.until(async () => (await pagePrice(shop, slug)) === 800);
    await shop.until(async () => (await listedPrices(shop, slug)).every((amount) => amount === 800));
    const cart = await shop.cart([{ sku, quantity: 4 }]);
    const four = await seeCart(shop, cart);
    expect(unitPrices(four)).toEqual([800]);
    expect(priceRules(four)).toEqual([
      ["refused", "not_lowest", undefined, undefined, 1_000, undefined],
      ["used", "lowest_price", list.id, list.name, 800, undefined],
      ["refused", "needs_more_units", list.id, list.name, 600, 5],
    ]);

    const five = await shop.expect(200, "carts.items.add", `${cart}/items`, { body: { sku, quantity: 1 } });
    expect([unitPrices(bodyOf(five)), bodyOf(five).totals.subtotal.amount]).toEqual([[600], 3_000]);
    const placed = await shop.checkout(201, cart, await shop.terms(cart));
    expect([unitPrices(bodyOf(placed)), bodyOf(placed).totals.subtotal.amount]).toEqual([[600], 3_000]);
  });

  test("a list for a group is what its members' carts and orders ask, and nobody else's; pages tell it to nobody", async () => {
    const shop = start();
    const { sku, slug } = await shop.scarceProduct(20);
    const code = `g${crypto.randomUUID().slice(0, 8)}`;
    await shop.owner("users.groups.save", { code, name: "Trade" });
    const [member, stranger] = [await signUp(shop.shop), await signUp(shop.shop)];
    await shop.owner("users.groups.addMembers", { code, customerIds: [member.customerId] });
    const list = await priceList(shop, sku, { 1: 700 }, { customerGroups: [code], priority: 1 });

    const [own, other] = [member.bearer, stranger.bearer];
    const cart = await shop.cart([{ sku, quantity: 2 }], {}, own);
    const seen = await seeCart(shop, cart, own);
    expect(unitPrices(seen)).toEqual([700]);
    expect(priceRules(seen)).toContainEqual(["used", "highest_priority", list.id, list.name, 700, undefined]);
    const placed = await shop.checkout(201, cart, await shop.terms(cart, undefined, own), own);
    expect(unitPrices(bodyOf(placed))).toEqual([700]);

    for (const headers of [{}, other]) {
      const theirs = await seeCart(shop, await shop.cart([{ sku, quantity: 2 }], {}, headers), headers);
      expect(unitPrices(theirs)).toEqual([1_000]);
      expect(priceRules(theirs)).toContainEqual(["refused", "needs_customer_group", ...new Array(4).fill(undefined)]);
    }
    const guest = await shop.cart([{ sku, quantity: 1 }]);
    expect(unitPrices(bodyOf(await shop.expect(200, "carts.claim", `${guest}/claim`, { headers: own })))).toEqual([
      700,
    ]);
    // Everybody shares these answers, so they tell what everybody may know, to members as well.
    expect([await pagePrice(shop, slug, own), await pagePrice(shop, slug)]).toEqual([1_000, 1_000]);
    await shop.until(async () => (await listedPrices(shop, slug, own)).every((amount) => amount === 1_000));
  });

  test("a list begins and ends by itself; who had its price in the cart is told, and pays what holds", async () => {
    const shop = start();
    const { sku, slug } = await shop.scarceProduct(20);
    const list = await priceList(shop, sku, { 1: 750 }, { startsAt: ahead(HOUR_MS) });
    const early = await seeCart(shop, await shop.cart([{ sku, quantity: 1 }]));
    expect(priceRules(early)).toContainEqual(["refused", "not_started", list.id, list.name, 750, undefined]);
    expect([unitPrices(early), await pagePrice(shop, slug)]).toEqual([[1_000], 1_000]);

    await list.change({ startsAt: ahead(SOON_MS) });
    await shop.until(async () => (await pagePrice(shop, slug)) === 750);
    const cart = await shop.cart([{ sku, quantity: 2 }]);
    const during = await seeCart(shop, cart);
    expect([unitPrices(during), during.notices]).toEqual([[750], undefined]);
    await shop.until(async () => (await listedPrices(shop, slug)).every((amount) => amount === 750));

    await list.change({ startsAt: null, endsAt: ahead(SOON_MS) });
    await shop.until(async () => (await pagePrice(shop, slug)) === 1_000);
    const after = await seeCart(shop, cart);
    expect(unitPrices(after)).toEqual([1_000]);
    expect(priceRules(after)).toContainEqual(["refused", "ended", list.id, list.name, 750, undefined]);
    const [from, to] = [750, 1_000].map((amount) => ({ amount, currency: "USD" }));
    expect(after.notices).toEqual([{ sku, kind: "price_changed", from, to }]);

    const terms = await shop.terms(cart);
    const expectedTotal = { amount: 1_500, currency: "USD" };
    const refused = await shop.checkout("price_changed", cart, { ...terms, expectedTotal });
    expect(bodyOf(refused).totals.subtotal.amount).toBe(2_000);
    const placed = await shop.checkout(201, cart, terms);
    expect(bodyOf(placed).totals.subtotal.amount).toBe(2_000);
  });

  test("a list of one channel says nothing in another", async () => {
    const shop = start();
    const { sku, slug, id, version } = await shop.scarceProduct(20);
    const { code, headers } = await shop.channel();
    await shop.owner("catalog.products.publish", { id, version, channel: code });
    const list = await priceList(shop, sku, { 1: 1_300 }, { channels: [code], priority: 5 });
    await shop.until(
      async () =>
        (await shop.ask("products.get", `/v1/products/${slug}`, { headers })).status === 200 &&
        (await pagePrice(shop, slug, headers)) === 1_300,
    );
    await shop.until(async () => (await listedPrices(shop, slug, headers)).every((amount) => amount === 1_300));
    const dear = "/v1/products?brand=Few&minPrice=1300&maxPrice=1300&sort=price";
    const dearSearch = `/v1/search?q=${slug.replace("-", "%20")}&minPrice=1300&maxPrice=1300&sort=-price`;
    const found = async (asked: Headers) => {
      const answers = [
        await shop.expect(200, "products.list", dear, { headers: asked }),
        await shop.expect(200, "search.products", dearSearch, { headers: asked }),
      ];
      return answers.map((answer) => itemsOf(answer).some((item) => item.slug === slug));
    };
    await shop.until(async () => (await found(headers)).every(Boolean));
    expect(await found({})).toEqual([false, false]);

    const there = await seeCart(shop, await shop.cart([{ sku, quantity: 1 }], {}, headers), headers);
    expect(priceRules(there)).toContainEqual(["used", "highest_priority", list.id, list.name, 1_300, undefined]);

    expect([await pagePrice(shop, slug), await listedPrices(shop, slug)]).toEqual([1_000, [1_000, 1_000]]);
    const cart = await shop.cart([{ sku, quantity: 1 }]);
    const here = await seeCart(shop, cart);
    expect(unitPrices(here)).toEqual([1_000]);
    expect(JSON.stringify(here.explanation)).not.toContain(list.id);
    expect(unitPrices(bodyOf(await shop.checkout(201, cart, await shop.terms(cart))))).toEqual([1_000]);
  });
}
