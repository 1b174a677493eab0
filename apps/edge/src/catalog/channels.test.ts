import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { type ChannelView, keys, channels as messages, packEnvelope, type RingKey } from "@stoa/read-models";
import { z } from "zod";
import { type EdgeUnderTest, edgeUnderTest, eventually } from "../testing/edge-under-test.ts";
import { productView, summaryView } from "../testing/fixtures.ts";
import { dropCollection, seedProducts } from "../testing/search-collection.ts";

const trade: ChannelView = {
  code: "trade",
  name: "Trade",
  currencies: ["EUR"],
  defaultCurrency: "EUR",
  locale: "de",
  locales: [],
  pricesIncludeTax: false,
  productUrl: "https://trade.example/p/{slug}",
  categoryUrl: null,
  isActive: true,
  indexedCurrencies: [],
};
const closed: ChannelView = { ...trade, code: "closed", isActive: false };

const publishable = (channel?: string) => {
  const text = `pk_${crypto.getRandomValues(new Uint8Array(32)).toBase64({ alphabet: "base64url", omitPadding: true })}`;
  const ring: RingKey = {
    hash: createHash("sha256").update(text).digest("hex"),
    id: `api_${crypto.randomUUID()}`,
    kind: "publishable",
    scopes: [],
    origins: [],
    ratePerMinute: 100_000,
    ...(channel && { channel }),
    expiresAt: null,
  };
  return { ring, headers: { "x-publishable-key": text } };
};
const tradeKey = publishable("trade");
const closedKey = publishable("closed");
const plainKey = publishable();

let edge: EdgeUnderTest;
const lamp = (slug: string) =>
  summaryView({ slug, title: `Lamp ${slug}`, price: { amount: 500, currency: "EUR" }, inStock: true });
const [everywhere, tradeOnly, shopOnly] = [lamp("everywhere"), lamp("trade-only"), lamp("shop-only")];

async function seedShown(summary: typeof everywhere, channels?: readonly string[], at = edge): Promise<void> {
  const writes = [
    [keys.product("EUR", summary.slug), productView(summary)],
    [keys.summary("EUR", summary.id), summary],
  ] as const;
  for (const [key, value] of writes) {
    const body = JSON.stringify(value);
    const etag = `"${Bun.hash(body).toString(36)}"`;
    const envelope = {
      version: { major: 1, minor: 0 },
      etag,
      writtenAt: Date.now(),
      body,
      ...(channels && { channels }),
    };
    await at.redis.set(key, packEnvelope(envelope), "EX", 600);
  }
}

beforeAll(async () => {
  edge = await edgeUnderTest();
  const locales = [{ code: "de", fallbacks: [] }];
  await edge.seedShop({ defaultCurrency: "EUR", locale: "en-US", locales, channels: [trade, closed] });
  await edge.seed(keys.keyRing(), { keys: [tradeKey.ring, closedKey.ring, plainKey.ring] });
  await seedProducts(edge, [
    { summary: everywhere, document: { channels: ["default", "trade"] } },
    { summary: tradeOnly, document: { channels: ["trade"] } },
    { summary: shopOnly, document: { channels: ["default"] } },
  ]);
  await seedShown(everywhere, ["default", "trade"]);
  await seedShown(tradeOnly, ["trade"]);
  await seedShown(shopOnly, undefined);
  await edge.seed(keys.categories(), { items: [{ name: "Shop" }] });
  await edge.seed(keys.categoriesOf("trade", "de"), { items: [{ name: "Handel" }] });
});
afterAll(async () => {
  await dropCollection(edge);
  await edge[Symbol.asyncDispose]();
});

const inTrade = { headers: tradeKey.headers };
const status = async (path: string, asked = {}) => (await edge.ask(path, asked)).status;
const slugsOf = async (path: string, asked = {}) => {
  const { items } = z
    .object({ items: z.array(z.object({ slug: z.string() })) })
    .parse(await (await edge.ask(path, asked)).json());
  return items.map(({ slug }) => slug).sort();
};

test("a product is found in the channels that show it, and 404 in every other one, however often either is asked", async () => {
  for (let round = 0; round < 2; round += 1) {
    expect(await status("/v1/products/everywhere")).toBe(200);
    expect(await status("/v1/products/everywhere", inTrade)).toBe(200);
    expect(await status("/v1/products/trade-only", inTrade)).toBe(200);
    expect(await status("/v1/products/trade-only")).toBe(404);
    expect(await status("/v1/products/trade-only", { headers: plainKey.headers })).toBe(404);
    expect(await status("/v1/products/shop-only")).toBe(200);
    expect(await status("/v1/products/shop-only", inTrade)).toBe(404);
  }
});

test("lists, searches, suggestions and recommendations hold what the channel shows", async () => {
  const own = ["everywhere", "shop-only"];
  const theirs = ["everywhere", "trade-only"];
  expect(await slugsOf("/v1/products")).toEqual(own);
  expect(await slugsOf("/v1/products", inTrade)).toEqual(theirs);
  expect(await slugsOf("/v1/search?q=lamp")).toEqual(own);
  expect(await slugsOf("/v1/search?q=lamp", inTrade)).toEqual(theirs);
  expect(await slugsOf("/v1/search/suggest?q=la")).toEqual(own);
  expect(await slugsOf("/v1/search/suggest?q=la", inTrade)).toEqual(theirs);
  const ids = JSON.stringify([tradeOnly.id, shopOnly.id]);
  await edge.redis.set(keys.recommendations("similar", everywhere.id), ids, "EX", 600);
  expect(await slugsOf("/v1/products/everywhere/recommendations")).toEqual(["shop-only"]);
  expect(await slugsOf("/v1/products/everywhere/recommendations", inTrade)).toEqual(["trade-only"]);
});

test("a channel sells in its own currencies and speaks its own language", async () => {
  const refused = await edge.ask("/v1/products/everywhere?currency=USD", inTrade);
  expect([refused.status, z.object({ code: z.string() }).parse(await refused.json()).code]).toEqual([
    422,
    "currency_mismatch",
  ]);
  const categories = await edge.ask("/v1/categories", inTrade);
  expect(categories.headers.get("content-language")).toBe("de");
  expect(await categories.json()).toEqual({ items: [{ name: "Handel" }] });
  expect(await (await edge.ask("/v1/categories?locale=en-US")).json()).toEqual({ items: [{ name: "Shop" }] });
  expect(await (await edge.ask("/v1/channel", inTrade)).json()).toEqual({
    ...{ code: "trade", name: "Trade", currencies: ["EUR"], defaultCurrency: "EUR" },
    ...{ languages: ["de"], pricesIncludeTax: false },
  });
  expect(await (await edge.ask("/v1/channel")).json()).toMatchObject({ code: "default", languages: ["en-US", "de"] });
});

test("where a channel has prices of its own, its view goes before the one of all others", async () => {
  const dear = { ...everywhere, price: { amount: 999, currency: "EUR" as const } };
  const body = JSON.stringify(productView(dear));
  const own = { version: { major: 2, minor: 0 }, etag: '"own"', writtenAt: Date.now(), body, channels: ["trade"] };
  await edge.redis.set(keys.product("EUR", "everywhere", "trade"), packEnvelope(own), "EX", 600);
  const summary = { ...own, body: JSON.stringify(dear) };
  await edge.redis.set(keys.summary("EUR", everywhere.id, "trade"), packEnvelope(summary), "EX", 600);
  edge.parts.answers.invalidate([keys.product("EUR", "everywhere"), keys.searchIndex()]);
  const priced = z.object({ price: z.object({ amount: z.number() }) });
  const priceAt = async (asked = {}) =>
    priced.parse(await (await edge.ask("/v1/products/everywhere", asked)).json()).price.amount;
  expect([await priceAt(), await priceAt(inTrade)]).toEqual([500, 999]);
  const listed = z.object({ items: z.array(priced.extend({ slug: z.string() })) });
  const { items } = listed.parse(await (await edge.ask("/v1/products", inTrade)).json());
  expect(items.map(({ slug, price }) => [slug, price.amount]).sort()).toEqual([
    ["everywhere", 999],
    ["trade-only", 500],
  ]);
});

test("a channel filters and sorts by its own prices once the index knows them, and no other channel does", async () => {
  await using other = await edgeUnderTest();
  await other.seedShop({ defaultCurrency: "EUR", channels: [{ ...trade, indexedCurrencies: ["EUR"] }] });
  await other.seed(keys.keyRing(), { keys: [tradeKey.ring] });
  const prices = { everywhere: 900, "trade-only": 100 };
  const document = (slug: keyof typeof prices) => ({
    channels: ["default", "trade"],
    channelPrices: { trade: { EUR: prices[slug] } },
  });
  const [dear, cheap] = [
    lamp("everywhere"),
    { ...lamp("trade-only"), price: { amount: 600, currency: "EUR" } } as const,
  ];
  await seedProducts(other, [
    { summary: dear, document: document("everywhere") },
    { summary: cheap, document: document("trade-only") },
    { summary: lamp("shop-only") },
  ]);
  for (const summary of [dear, cheap]) await seedShown(summary, ["default", "trade"], other);
  const asked = async (query: string, options = {}) => {
    const listed = z.object({ items: z.array(z.object({ slug: z.string() })), total: z.number() });
    const { items, total } = listed.parse(await (await other.ask(query, options)).json());
    return [total, items.map(({ slug }) => slug)];
  };
  for (const path of ["/v1/products?", "/v1/search?q=lamp&"]) {
    expect(await asked(`${path}sort=price`, inTrade)).toEqual([2, ["trade-only", "everywhere"]]);
    expect(await asked(`${path}sort=-price`, inTrade)).toEqual([2, ["everywhere", "trade-only"]]);
    expect(await asked(`${path}maxPrice=500`, inTrade)).toEqual([1, ["trade-only"]]);
    expect(await asked(`${path}minPrice=601`, inTrade)).toEqual([1, ["everywhere"]]);
    expect(await asked(`${path}minPrice=501`)).toEqual([1, ["trade-only"]]);
  }
  await dropCollection(other);
});

test("shared caches keep the answers to different keys apart; in a shop of one channel there is nothing to keep apart", async () => {
  expect((await edge.ask("/v1/products/everywhere")).headers.get("vary")).toContain("x-publishable-key");
  await using plain = await edgeUnderTest();
  await plain.seedShop();
  await plain.seed(keys.categories(), { items: [] });
  expect((await plain.ask("/v1/categories")).headers.get("vary")).toBe("Origin");
});

test("401: the key of a channel that is closed", async () => {
  edge.core.calls.length = 0;
  expect(await status("/v1/carts", { body: {}, headers: closedKey.headers })).toBe(401);
  expect(edge.core.calls).toEqual([]);
  for (const path of ["/v1/products", "/v1/products/everywhere", "/v1/categories", "/v1/channel", "/sitemap.xml"]) {
    expect([path, await status(path, { headers: closedKey.headers })]).toEqual([path, 401]);
  }
});

test("a channel that opens or closes does so as soon as edge hears of it", async () => {
  await using other = await edgeUnderTest();
  other.listen();
  await other.seed(keys.keyRing(), { keys: [tradeKey.ring] });
  const say = async (channels: readonly ChannelView[], version: number) => {
    await other.seedShop({ channels, version });
    await eventually(async () => {
      await other.redis.publish(messages.invalidate, `something-else\n${keys.shop()}`);
      expect((await other.ask("/v1/channel", inTrade)).status).toBe(channels.length > 0 ? 200 : 401);
    });
  };
  await say([], 1);
  await say([trade], 2);
  await say([], 3);
});

test("the sitemap names what the channel shows, where its pages are", async () => {
  await edge.redis.set(keys.sitemap(), JSON.stringify({ chunks: ["one"] }), "EX", 600);
  const entries = [
    ["c", "lamps", 0, []],
    ["p", "everywhere", 1, ["de"], "default", "trade"],
    ["p", "trade-only", 1, [], "trade"],
    ["p", "shop-only", 1, []],
  ];
  await edge.redis.set(keys.sitemapChunk(0), JSON.stringify(entries), "EX", 600);
  const locations = async (asked = {}) =>
    [...(await (await edge.ask("/sitemap-1.xml", asked)).text()).matchAll(/<loc>([^<]+)/g)].map((match) => match[1]);
  expect(await locations()).toEqual([
    "http://localhost/categories/lamps",
    "http://localhost/products/everywhere",
    "http://localhost/products/shop-only",
  ]);
  expect(await locations(inTrade)).toEqual([
    "http://localhost/categories/lamps",
    "https://trade.example/p/everywhere",
    "https://trade.example/p/trade-only",
  ]);
});

test("a new cart is told its channel, which nobody can name in the body", async () => {
  edge.core.on("carts.create", () => ({ id: "cart_1" }));
  await edge.ask("/v1/carts", { body: { currency: "EUR" }, headers: tradeKey.headers });
  await edge.ask("/v1/carts", { body: { currency: "EUR" } });
  expect(edge.core.callsOf("carts.create").map(({ input }) => input)).toEqual([
    { currency: "EUR", channel: "trade" },
    { currency: "EUR" },
  ]);
  expect(await status("/v1/carts", { body: { channel: "trade" } })).toBe(422);
});
