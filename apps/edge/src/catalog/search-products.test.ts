import { afterAll, beforeAll, expect, test } from "bun:test";
import { channels, keys, type ProductSummaryView } from "@stoa/read-models";
import { type EdgeUnderTest, edgeUnderTest, eventually } from "../testing/edge-under-test.ts";
import { dropCollection } from "../testing/search-collection.ts";
import { lamp, seedSmallCatalog, shade } from "../testing/small-catalog.ts";

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

interface Found {
  items: (ProductSummaryView & { highlight: Record<string, string> })[];
  facets: { field: string; values: { value: string; count: number }[] }[];
  total: number;
  tookMs: number;
}

async function search(query: string): Promise<Found> {
  const answer = await edge.ask(`/v1/search?${query}`);
  expect([query, answer.status]).toEqual([query, 200]);
  return (await answer.json()) as Found;
}

test("200: hits with their summaries, what matched, and how many of each kind there are", async () => {
  const found = await search("q=lamp");
  expect(found.total).toBe(2);
  expect(found.items.map((item) => item.id).sort()).toEqual([lamp.id, shade.id].sort());
  expect(found.items.find((item) => item.id === shade.id)).toEqual({
    ...shade,
    highlight: { title: "<mark>Lamp</mark> shade" },
  });
  expect(found.facets.find((facet) => facet.field === "brand")?.values).toEqual([{ value: "Lumen", count: 2 }]);
  const colors = found.facets.find((facet) => facet.field === "attr.color")?.values ?? [];
  expect(colors.map(({ value }) => value).sort()).toEqual(["blue", "red"]);
  expect(Number.isInteger(found.tookMs)).toBe(true);
});

test("filters narrow a search as they narrow a list", async () => {
  expect((await search("q=lamp&attr.color=red")).items.map((item) => item.id)).toEqual([lamp.id]);
  expect((await search("q=lamp&maxPrice=1")).items).toEqual([]);
});

test("what is highlighted is safe to be set as HTML", async () => {
  const [hit] = (await search("q=sons")).items;
  expect(hit?.highlight.brand).toBe("Wood &amp; &lt;b&gt; <mark>Sons</mark>");
});

test("304: the same hits again, however long the search took", async () => {
  const etag = (await edge.ask("/v1/search?q=lamp")).headers.get("etag") ?? "";
  expect(etag).toStartWith('W/"');
  expect((await edge.ask("/v1/search?q=lamp", { headers: { "if-none-match": etag } })).status).toBe(304);
});

test("422: nothing to search for, or too much", async () => {
  for (const query of ["", "q=", "q=%20", `q=${"x".repeat(201)}`, "q=a&q=b"]) {
    expect([query, (await edge.ask(`/v1/search?${query}`)).status]).toEqual([query, 422]);
  }
});

test("503: while the index is away", async () => {
  await using cut = await edgeUnderTest({ typesenseUrl: "http://127.0.0.1:1" });
  await cut.seedShop();
  expect((await cut.ask("/v1/search?q=lamp")).status).toBe(503);
});

test("facets come under the shop's names and in its order, and those that it does not offer do not come", async () => {
  await edge.seed(keys.attributes(), [
    { code: "size", label: { "en-US": "Size" }, unit: "cm", isFacetable: true },
    { code: "color", label: {}, isFacetable: true, choices: [{ value: "blue", label: { "en-US": "Sky blue" } }] },
  ]);
  const attributes = async () => (await search("q=shade")).facets.filter(({ field }) => field.startsWith("attr."));
  expect(await attributes()).toEqual([
    { field: "attr.size", label: "Size", unit: "cm", values: [{ value: "L", count: 1 }] },
    { field: "attr.color", values: [{ value: "blue", label: "Sky blue", count: 1 }] },
  ] as never);
  await edge.seed(keys.attributes(), [{ code: "size", label: {}, isFacetable: false }]);
  await edge.redis.publish(channels.invalidate, keys.attributes());
  await eventually(async () => expect((await attributes()).map(({ field }) => field)).toEqual(["attr.color"]));
});
