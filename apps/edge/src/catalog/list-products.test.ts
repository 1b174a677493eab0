import { afterAll, beforeAll, expect, test } from "bun:test";
import { keys, type ProductSummaryView } from "@stoa/read-models";
import { type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";
import { dropCollection } from "../testing/search-collection.ts";
import { desk, lamp, seedSmallCatalog, shade } from "../testing/small-catalog.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
  await edge.seedShop();
  await seedSmallCatalog(edge);
});
afterAll(async () => {
  await dropCollection(edge);
  await edge[Symbol.asyncDispose]();
});

async function slugs(query: string): Promise<string[]> {
  const answer = await edge.ask(`/v1/products${query}`);
  expect([query, answer.status]).toEqual([query, 200]);
  const page = (await answer.json()) as { items: ProductSummaryView[]; total: number };
  expect(page.total).toBe(page.items.length);
  return page.items.map((item) => item.slug);
}

test("200: summaries as they are stored, with the count of all", async () => {
  const answer = await edge.ask("/v1/products?sort=price");
  expect(await answer.json()).toEqual({ items: [shade, lamp, desk], nextCursor: null, total: 3 });
  expect(answer.headers.get("cache-control")).toStartWith("public, ");
});

test("filters narrow the list, and different ones must all hold", async () => {
  expect(await slugs("?category=light&sort=price")).toEqual([shade.slug, lamp.slug]);
  expect(await slugs("?brand=Lumen&maxPrice=2000")).toEqual([shade.slug]);
  expect(await slugs("?minPrice=5200&sort=price")).toEqual([lamp.slug, desk.slug]);
  expect(await slugs("?inStock=false")).toEqual([desk.slug]);
  expect(await slugs("?attr.color=red&attr.color=blue&sort=price")).toEqual([shade.slug, lamp.slug]);
  expect(await slugs("?attr.color=blue&attr.size=L")).toEqual([shade.slug]);
  expect(await slugs("?attr.color=red&attr.size=L")).toEqual([]);
  expect(await slugs("?category=none")).toEqual([]);
});

test("each order is the one asked for", async () => {
  expect(await slugs("?sort=-price")).toEqual([desk.slug, lamp.slug, shade.slug]);
  expect(await slugs("?sort=newest")).toEqual([lamp.slug, shade.slug, desk.slug]);
  expect(await slugs("?sort=bestselling")).toEqual([desk.slug, lamp.slug, shade.slug]);
});

test("a filter cannot break out of its value", async () => {
  for (const value of ["x || price:>0", "x] || inStock:=true", "Lumen) || (brand:!=x", "x && id:*"]) {
    expect(await slugs(`?brand=${encodeURIComponent(value)}`)).toEqual([]);
    expect(await slugs(`?attr.color=${encodeURIComponent(value)}`)).toEqual([]);
  }
  const ticks = await edge.ask(`/v1/products?brand=${encodeURIComponent("x` || inStock:=true || brand:=`x")}`);
  expect(ticks.status).toBe(422);
});

test("pages follow each other to the end, each product once", async () => {
  const seen: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const answer: Response = await edge.ask(`/v1/products?sort=price&limit=1${cursor && `&cursor=${cursor}`}`);
    const page = (await answer.json()) as { items: ProductSummaryView[]; nextCursor: string | null; total: number };
    expect(page.total).toBe(3);
    seen.push(...page.items.map((item) => item.slug));
    cursor = page.nextCursor;
  }
  expect(seen).toEqual([shade.slug, lamp.slug, desk.slug]);
});

test("422: a cursor of another list, or none at all", async () => {
  const page = (await (await edge.ask("/v1/products?sort=price&limit=1")).json()) as { nextCursor: string };
  for (const query of [
    `?sort=newest&cursor=${page.nextCursor}`,
    "?cursor=WzEwMDAwMDAsIngiXQ",
    "?cursor=%00",
    "?cursor=",
  ]) {
    expect([query, (await edge.ask(`/v1/products${query}`)).status]).toEqual([query, 422]);
  }
});

test("422: numbers that are none, limits out of bounds, orders unknown, a name given twice", async () => {
  for (const query of [
    "limit=0",
    "limit=101",
    "limit=1.5",
    "limit=1e1",
    "minPrice=-1",
    "maxPrice=x",
    "inStock=1",
    "sort=best",
    "brand=a&brand=b",
    "category=",
  ]) {
    expect([query, (await edge.ask(`/v1/products?${query}`)).status]).toEqual([query, 422]);
  }
});

test("attribute names of an object's own do no harm, and none of them is passed over", async () => {
  for (const name of ["constructor", "toString"]) expect(await slugs(`?attr.${name}=x`)).toEqual([]);
  expect((await edge.ask("/v1/products?attr.__proto__=x")).status).toBe(422);
  expect(({} as Record<string, unknown>).x).toBeUndefined();
});

test("a product that has just been taken down is not shown, though the index still has it", async () => {
  await edge.redis.del(keys.summary("USD", desk.id));
  const page = (await (await edge.ask("/v1/products?category=home")).json()) as { items: ProductSummaryView[] };
  expect(page.items.map((item) => item.slug)).toEqual([lamp.slug]);
  await edge.seed(keys.summary("USD", desk.id), desk);
});

test("503: while the index is away", async () => {
  await using cut = await edgeUnderTest({ typesenseUrl: "http://127.0.0.1:1" });
  await cut.seedShop();
  const answer = await cut.ask("/v1/products");
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("2");
  expect(await answer.text()).not.toContain("127.0.0.1");
});

test("301: a category's former slug leads to the list of its present one, its other filters kept and its cursor dropped", async () => {
  await edge.seed(keys.formerCategories(), { lamps: "light" });
  const moved = await edge.ask("/v1/products?category=lamps&inStock=true&cursor=abc");
  expect(moved.status).toBe(301);
  expect(moved.headers.get("location")).toBe("/v1/products?category=light&inStock=true");
  expect((await edge.ask("/v1/search?q=lamp&category=lamps")).headers.get("location")).toBe(
    "/v1/search?q=lamp&category=light",
  );
  expect((await edge.ask("/v1/products?category=light")).status).toBe(200);
});
