import { afterAll, beforeAll, expect, test } from "bun:test";
import { keys, type ProductSummaryView } from "@stoa/read-models";
import { type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";
import { summaryView, usd } from "../testing/fixtures.ts";
import { dropCollection, seedProducts } from "../testing/search-collection.ts";

const notebook = summaryView({ title: "Acme notebook 15.6 inch", brand: "Acme", price: usd(90_000) });
const other = summaryView({ title: "Zeta notebook 14 inch", brand: "Zeta", price: usd(80_000) });
const sleeve = summaryView({ title: "Sleeve for notebook", brand: "Acme", price: usd(2_000) });

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
  await edge.seedShop();
  await seedProducts(edge, [
    { summary: sleeve, document: { categories: ["bags"], attributes: ["color=red", "size=S"], sold: 90 } },
    { summary: notebook, document: { categories: ["computers"], attributes: ["color=red"], sold: 2 } },
    { summary: other, document: { categories: ["computers"], attributes: ["color=blue"], sold: 1 } },
  ]);
});
afterAll(async () => {
  await dropCollection(edge);
  await edge[Symbol.asyncDispose]();
});

interface Found {
  items: ProductSummaryView[];
  facets: { field: string; values: { value: string; count: number }[] }[];
  nextCursor: string | null;
  total: number;
}

async function search(query: string): Promise<Found> {
  return (await (await edge.ask(`/v1/search?${query}`)).json()) as Found;
}
const slugs = async (query: string) => (await search(query)).items.map(({ slug }) => slug);
const valuesOf = ({ facets }: Found, field: string) => {
  const found = facets.find((facet) => facet.field === field)?.values ?? [];
  return Object.fromEntries(found.map(({ value, count }) => [value, count]));
};

test("what it is comes before what it is for, however well that sells; a synonym finds both", async () => {
  for (const q of ["notebook", "laptop"]) expect((await slugs(`q=${q}`)).at(-1)).toBe(sleeve.slug);
});

test("what has every word leads, and what lacks one follows", async () => {
  expect((await slugs("q=zeta%20laptop%2014%22"))[0]).toBe(other.slug);
  expect((await search("q=zeta%20laptop%2014%22")).total).toBe(3);
});

test("what costs more than the query says comes later, in the currency that is asked in", async () => {
  expect((await slugs("q=notebook"))[0]).toBe(notebook.slug);
  expect((await slugs("q=notebook%20under%20850"))[0]).toBe(other.slug);
  expect((await slugs("q=notebook%20less%20than%20%24901"))[0]).toBe(notebook.slug);
});

test("a word that no product has hides nothing that has the others; what is listed is what is counted", async () => {
  const found = await search("q=gaming%20notebook%20qx99&limit=1");
  expect(found.total).toBe(3);
  expect(valuesOf(found, "brand")).toEqual({ Acme: 2, Zeta: 1 });
  const second = await search(`q=gaming%20notebook%20qx99&limit=1&cursor=${found.nextCursor}`);
  expect(second.items[0]?.slug).not.toBe(found.items[0]?.slug);
  expect(valuesOf(await search("q=gaming%20notebook%20qx99&brand=Zeta"), "brand")).toEqual({ Acme: 2, Zeta: 1 });
  expect(await slugs("q=zeta%20sleeve&sort=price")).toEqual([sleeve.slug]);
});

test("another order holds only what has every word, in that order", async () => {
  expect(await slugs("q=notebook&sort=price")).toEqual([sleeve.slug, other.slug, notebook.slug]);
  expect(await slugs("q=zeta%20notebook&sort=price")).toEqual([other.slug]);
});

test("pages of a ranked search follow each other to the end, each product once", async () => {
  const whole = await slugs("q=notebook");
  const seen: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: Found = await search(`q=notebook&limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(...page.items.map(({ slug }) => slug));
    cursor = page.nextCursor;
  }
  expect(seen).toEqual(whole);
});

test("a facet of which a value is chosen still counts the others", async () => {
  const found = await search("q=notebook&brand=Zeta&attr.color=blue");
  expect(found.total).toBe(1);
  expect(valuesOf(found, "brand")).toEqual({ Zeta: 1 });
  expect(valuesOf(await search("q=notebook&brand=Zeta"), "brand")).toEqual({ Acme: 2, Zeta: 1 });
  expect(valuesOf(await search("q=notebook&attr.color=blue"), "attr.color")).toEqual({ red: 2, blue: 1 });
  expect(valuesOf(await search("q=notebook&category=bags"), "category")).toEqual({ computers: 2, bags: 1 });
});

test("what the shop pins for a query leads, what it hides is gone, other queries do not change", async () => {
  const curations = { notebook: { pinned: [sleeve.id], hidden: [notebook.id] } };
  await edge.redis.set(keys.searchRules(), JSON.stringify({ synonyms: [], curations }));
  expect(await slugs("q=Notebooks")).toEqual([sleeve.slug, other.slug]);
  expect((await search("q=Notebooks&brand=Zeta")).items.map(({ slug }) => slug)).toEqual([other.slug]);
  expect((await slugs("q=acme%20notebook"))[0]).toBe(notebook.slug);
  await edge.redis.del(keys.searchRules());
});

test("what shoppers look for in vain is counted, but not when they narrowed it", async () => {
  for (const query of ["q=Zither", "q=%20zither&limit=3", "q=zither&brand=Acme", "q=notebook&brand=None"]) {
    expect((await search(query)).total).toBe(0);
  }
  expect(await edge.redis.zrange(keys.searchMisses(), "0", "-1", "WITHSCORES")).toEqual(["zither", "2"]);
});
