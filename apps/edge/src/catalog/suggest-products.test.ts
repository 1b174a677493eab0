import { afterAll, beforeAll, expect, test } from "bun:test";
import { keys } from "@stoa/read-models";
import { type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";
import { dropCollection } from "../testing/search-collection.ts";
import { lamp, seedSmallCatalog, shade } from "../testing/small-catalog.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
  await edge.seedShop();
  const category = (slug: string, name: string, productCount: number) => {
    return { id: `cat_${slug}`, slug, name, productCount, children: [] };
  };
  const children = [category("reading", "Reading lights", 1)];
  const light = { ...category("light", "Lights", 2), children };
  await edge.seed(keys.categories(), { items: [light, category("old", "Lightning rods", 0)] });
  await seedSmallCatalog(edge);
});
afterAll(async () => {
  await dropCollection(edge);
  await edge[Symbol.asyncDispose]();
});

test("200: products whose words begin like this", async () => {
  const answer = await edge.ask("/v1/search/suggest?q=lam");
  expect(answer.status).toBe(200);
  const { items } = (await answer.json()) as { items: { text: string; slug: string }[] };
  const expected = [lamp, shade].map(({ title, slug }) => ({ text: title, slug }));
  const byText = (left: { text: string }, right: { text: string }) => (left.text < right.text ? -1 : 1);
  expect(items.sort(byText)).toEqual(expected.sort(byText));
});

test("422: no text, or a limit out of bounds", async () => {
  for (const query of ["", "?q=", "?q=a&limit=21"])
    expect((await edge.ask(`/v1/search/suggest${query}`)).status).toBe(422);
});

type Completion = { text: string; kind: string; slug?: string };
async function completions(q: string): Promise<Completion[]> {
  const answer = await edge.ask(`/v1/search/suggest?q=${encodeURIComponent(q)}`);
  return ((await answer.json()) as { completions: Completion[] }).completions;
}

test("categories that hold something and brands of what is found complete a text, with a slip too", async () => {
  const lights = { text: "Lights", kind: "category", slug: "light" };
  const reading = { text: "Reading lights", kind: "category", slug: "reading" };
  expect(await completions("lig")).toEqual([lights, reading]);
  expect(await completions("lihgt")).toEqual([lights, reading]);
  expect(await completions("read li")).toEqual([reading]);
  expect(await completions("lum")).toEqual([{ text: "Lumen", kind: "brand" }]);
});

test("a query that several shoppers asked completes a text as long as it finds something", async () => {
  const asked = { "lamp shade": 3, "lamp secret": 9, "lamp reading": 2, "oak desk": 5, "reading lamp": 4 };
  for (const [text, times] of Object.entries(asked)) await edge.redis.zadd(keys.searchHits(), times, text);
  const queries = (await completions("Lamp ")).filter(({ kind }) => kind === "query");
  expect(queries).toEqual([{ text: "lamp shade", kind: "query" }]);
});

test("searches that find something are counted unless they were narrowed", async () => {
  for (const query of ["q=Shade", "q=shade%20&limit=3", "q=shade&brand=Lumen", "q=shade&locale=en-US", "q=zither"]) {
    await edge.ask(`/v1/search?${query}`);
  }
  expect(await edge.redis.zscore(keys.searchHits(), "shade")).toBe("3");
  expect(await edge.redis.zscore(keys.searchHits(), "zither")).toBeNull();
});
