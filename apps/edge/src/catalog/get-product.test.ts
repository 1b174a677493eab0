import { afterAll, beforeAll, expect, test } from "bun:test";
import { fixedClock } from "@stoa/kernel";
import { channels, keys, productSummaryViewSchema } from "@stoa/read-models";
import { type EdgeUnderTest, edgeUnderTest, eventually } from "../testing/edge-under-test.ts";
import { productView, summaryView } from "../testing/fixtures.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
  await edge.seedShop();
});
afterAll(() => edge[Symbol.asyncDispose]());

async function seedProduct(title = "Lamp") {
  const product = productView(summaryView({ title }));
  await edge.seed(keys.product("USD", product.slug), product);
  return product;
}

test("200: the stored bytes with an ETag for shared caches", async () => {
  const product = await seedProduct();
  const answer = await edge.ask(`/v1/products/${product.slug}`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(answer.headers.get("cache-control")).toMatch(/^public, max-age=\d+, stale-while-revalidate=\d+$/);
  expect(await answer.text()).toBe(JSON.stringify(product));
});

test("304: a caller who has the present bytes gets none", async () => {
  const product = await seedProduct();
  const etag = (await edge.ask(`/v1/products/${product.slug}`)).headers.get("etag") ?? "";
  const answer = await edge.ask(`/v1/products/${product.slug}`, { headers: { "if-none-match": `"other", W/${etag}` } });
  expect(answer.status).toBe(304);
  expect(await answer.text()).toBe("");
  expect(answer.headers.get("etag")).toBe(etag);
});

test("301: a former slug that is also part of the API's own paths changes nothing but the slug", async () => {
  await edge.redis.set(keys.formerSlug("products"), "all-products", "EX", 600);
  const answer = await edge.ask("/v1/products/products/recommendations?kind=similar");
  expect(answer.headers.get("location")).toBe("/v1/products/all-products/recommendations?kind=similar");
});

test("301: a former slug leads to the present one, its query kept", async () => {
  await edge.redis.set(keys.formerSlug("old-lamp"), "new lamp", "EX", 600);
  const answer = await edge.ask("/v1/products/old-lamp?currency=EUR");
  expect(answer.status).toBe(301);
  expect(answer.headers.get("location")).toBe("/v1/products/new%20lamp?currency=EUR");
});

test("404: a product that does not exist is a problem that no cache keeps", async () => {
  const answer = await edge.ask("/v1/products/nothing");
  expect(answer.status).toBe(404);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.headers.get("cache-control")).toBe("private, no-store");
  expect(await answer.json()).toMatchObject({ code: "not_found", requestId: answer.headers.get("x-request-id") });
});

test("404: a path that holds no slug, or two slashes, names nothing", async () => {
  for (const path of [
    "/v1/products/%00",
    `/v1/products/${"x".repeat(201)}`,
    "/v1//products/lamp",
    "/v1/products/%zz",
  ]) {
    expect([path, (await edge.ask(path)).status]).toEqual([path, 404]);
  }
});

test("422: a currency that does not exist, or is not sold in", async () => {
  const { slug } = await seedProduct();
  expect((await edge.ask(`/v1/products/${slug}?currency=usd`)).status).toBe(422);
  expect(await (await edge.ask(`/v1/products/${slug}?currency=JPY`)).json()).toMatchObject({
    code: "currency_mismatch",
  });
});

test("each currency answers its own prices", async () => {
  const product = productView(summaryView({ price: { amount: 4900, currency: "EUR" } }));
  await edge.seed(keys.product("EUR", product.slug), product);
  expect((await edge.ask(`/v1/products/${product.slug}?currency=EUR`)).status).toBe(200);
  expect((await edge.ask(`/v1/products/${product.slug}`)).status).toBe(404);
});

test("a change is seen as soon as core announces it, and not before the cache is told", async () => {
  const product = await seedProduct("Before");
  const path = `/v1/products/${product.slug}`;
  const title = async () => Object(await (await edge.ask(path)).json()).title;
  expect(await title()).toBe("Before");
  const key = keys.product("USD", product.slug);
  await edge.seed(key, { ...product, title: "After" });
  expect(await title()).toBe("Before");
  await edge.redis.publish(channels.invalidate, `other\n${key}`);
  await eventually(async () => expect(await title()).toBe("After"));
});

test("HEAD answers the headers of GET without a body", async () => {
  const product = await seedProduct();
  const answer = await edge.ask(`/v1/products/${product.slug}`, { method: "HEAD" });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("etag")).toBeTruthy();
  expect(await answer.text()).toBe("");
});

test("it answers while core is away", async () => {
  await using lonely = await edgeUnderTest();
  await lonely.seedShop();
  await lonely.core.stop();
  const product = productView(summaryView());
  await lonely.seed(keys.product("USD", product.slug), product);
  expect((await lonely.ask(`/v1/products/${product.slug}`)).status).toBe(200);
});

test("503: an emptied Redis is not mistaken for a missing product", async () => {
  await using empty = await edgeUnderTest();
  const first = await empty.ask("/v1/products/lamp");
  expect(first.status).toBe(503);
  expect(first.headers.get("retry-after")).toMatch(/^\d+$/);
  await empty.seedShop();
  await empty.redis.del(keys.ready());
  expect((await empty.ask("/v1/products/lamp")).status).toBe(503);
});

test("503: while Redis is away", async () => {
  await using cut = await edgeUnderTest({ redisUrl: "redis://127.0.0.1:1" });
  const answer = await cut.ask("/v1/products/lamp");
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ code: "service_unavailable" });
});

test("200: a price changes on the page at its moment, and no cache is told to keep it longer", async () => {
  const clock = fixedClock("2026-11-27T23:59:40Z");
  await using shop = await edgeUnderTest({ clock });
  await shop.seedShop();
  const priced = (amount: number) => ({ ...summary, price: { amount, currency: "USD" as const } });
  const summary = summaryView({ title: "Kettle" });
  const midnight = Date.parse("2026-11-28T00:00:00Z");
  const later = [{ from: midnight, value: productView(priced(800)) }];
  await shop.seed(keys.product("USD", summary.slug), productView(priced(1_000)), 1, later);
  const ask = async () => {
    const answer = await shop.ask(`/v1/products/${summary.slug}`);
    const { price } = productSummaryViewSchema.parse(await answer.json());
    return [price.amount, answer.headers.get("cache-control"), answer.headers.get("etag")] as const;
  };
  const [before, cache, etag] = await ask();
  expect([before, cache]).toEqual([1_000, "public, max-age=10, stale-while-revalidate=10"]);
  clock.advance(Date.parse("2026-11-27T23:59:56.500Z") - clock.now());
  expect(await ask()).toEqual([1_000, "public, max-age=3, stale-while-revalidate=0", etag]);
  clock.advance(Date.parse("2026-11-27T23:59:59.999Z") - clock.now());
  expect(await ask()).toEqual([1_000, "public, max-age=0, stale-while-revalidate=0", etag]);
  clock.advance(Date.parse("2026-11-28T00:00:00.000Z") - clock.now());
  const [after, free, other] = await ask();
  expect([after, free]).toEqual([800, "public, max-age=10, stale-while-revalidate=60"]);
  expect(other).not.toBe(etag);
  const known = { "if-none-match": String(etag) };
  expect((await shop.ask(`/v1/products/${summary.slug}`, { headers: known })).status).toBe(200);
});
