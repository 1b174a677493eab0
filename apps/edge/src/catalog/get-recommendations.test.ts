import { afterAll, beforeAll, expect, test } from "bun:test";
import { keys } from "@stoa/read-models";
import { type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";
import { productView, summaryView } from "../testing/fixtures.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
  await edge.seedShop();
});
afterAll(() => edge[Symbol.asyncDispose]());

async function seedProduct(members: Parameters<typeof summaryView>[0] = {}) {
  const summary = summaryView(members);
  await edge.seed(keys.product("USD", summary.slug), productView(summary));
  await edge.seed(keys.summary("USD", summary.id), summary);
  return summary;
}

test("200: what goes with the product, then bestsellers; never itself, none twice, none that is gone or sold out", async () => {
  const [product, mate, best] = [await seedProduct(), await seedProduct(), await seedProduct()];
  const soldOut = await seedProduct({ inStock: false });
  await edge.redis.set(
    keys.recommendations("similar", product.id),
    JSON.stringify(["prod_gone", soldOut.id, mate.id, product.id]),
    "EX",
    600,
  );
  await edge.redis.set(keys.bestsellers(), JSON.stringify([product.id, soldOut.id, mate.id, best.id]), "EX", 600);
  const answer = await edge.ask(`/v1/products/${product.slug}/recommendations`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ items: [mate, best] });
  const pairs = await edge.ask(`/v1/products/${product.slug}/recommendations?kind=bought-together&limit=1`);
  expect(await pairs.json()).toEqual({ items: [mate] });
});

test("301: a former slug leads to the present one's recommendations", async () => {
  await edge.redis.set(keys.formerSlug("was"), "is", "EX", 600);
  const answer = await edge.ask("/v1/products/was/recommendations?kind=similar");
  expect(answer.headers.get("location")).toBe("/v1/products/is/recommendations?kind=similar");
});

test("404 and 422", async () => {
  expect((await edge.ask("/v1/products/nothing/recommendations")).status).toBe(404);
  expect((await edge.ask("/v1/products/nothing/recommendations?kind=best")).status).toBe(422);
});
