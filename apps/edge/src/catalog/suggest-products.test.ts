import { afterAll, beforeAll, expect, test } from "bun:test";
import { type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";
import { summaryView, usd } from "../testing/fixtures.ts";
import { dropCollection, seedProducts } from "../testing/search-collection.ts";

const lamp = summaryView({ title: "Reading lamp", brand: "Lumen", price: usd(5200) });
const desk = summaryView({ title: "Oak desk", brand: "Wood & <b>Sons</b>", price: usd(19_900), inStock: false });
const shade = summaryView({ title: "Lamp shade", brand: "Lumen", price: usd(1500) });

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
  await edge.seedShop();
  await seedProducts(edge, [
    { summary: lamp, document: { categories: ["light", "home"], attributes: ["color=red"], sold: 5, publishedAt: 3 } },
    { summary: desk, document: { categories: ["home"], attributes: ["color=oak"], sold: 9, publishedAt: 1 } },
    {
      summary: shade,
      document: { categories: ["light"], attributes: ["color=blue", "size=L"], sold: 1, publishedAt: 2 },
    },
  ]);
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
