import { afterAll, beforeAll, expect, test } from "bun:test";
import { keys } from "@stoa/read-models";
import { type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
  await edge.seedShop();
});
afterAll(() => edge[Symbol.asyncDispose]());

async function seedStock(sku: string, available: number) {
  const item = {
    sku,
    available,
    status: available > 0 ? "in_stock" : "out_of_stock",
    asOf: "2026-11-24T10:00:00.000Z",
  };
  await edge.seed(keys.stock(sku), item);
  return item;
}

test("200: items in the order asked for, unknown SKUs left out, repeated ones once", async () => {
  const [first, second] = [await seedStock("A 1/x", 3), await seedStock("B-2", 0)];
  const answer = await edge.ask("/v1/stock?sku=B-2&sku=NONE&sku=A%201%2Fx&sku=B-2");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("cache-control")).toStartWith("public, max-age=1,");
  expect(await answer.json()).toEqual({ items: [second, first] });
});

test("304: the same stock is not sent again", async () => {
  await seedStock("C-3", 1);
  const etag = (await edge.ask("/v1/stock?sku=C-3")).headers.get("etag") ?? "";
  expect((await edge.ask("/v1/stock?sku=C-3", { headers: { "if-none-match": etag } })).status).toBe(304);
});

test("422: no SKU, an empty one, or more than 100", async () => {
  const many = Array.from({ length: 101 }, (_, index) => `sku=S${index}`).join("&");
  for (const query of ["", "?sku=", `?${many}`]) expect((await edge.ask(`/v1/stock${query}`)).status).toBe(422);
});

test("503: an emptied Redis is not mistaken for unknown SKUs", async () => {
  await using empty = await edgeUnderTest();
  expect((await empty.ask("/v1/stock?sku=A")).status).toBe(503);
});
