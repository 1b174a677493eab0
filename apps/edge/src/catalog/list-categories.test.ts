import { afterAll, beforeAll, expect, test } from "bun:test";
import { keys } from "@stoa/read-models";
import { type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
});
afterAll(() => edge[Symbol.asyncDispose]());

const tree = { items: [{ id: "cat_1", slug: "home", name: "Home", productCount: 2, children: [] }] };

test("503: before the tree is there", async () => {
  expect((await edge.ask("/v1/categories")).status).toBe(503);
});

test("200 and 304: the tree as it is stored", async () => {
  await edge.seed(keys.categories(), tree);
  const answer = await edge.ask("/v1/categories");
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual(tree);
  const again = await edge.ask("/v1/categories", { headers: { "if-none-match": answer.headers.get("etag") ?? "" } });
  expect(again.status).toBe(304);
});
