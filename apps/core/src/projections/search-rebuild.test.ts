import { expect, test } from "bun:test";
import { updateProduct } from "../services/catalog/index.ts";
import { noFields } from "../testing/index.ts";
import { type TestShop, testShop } from "./testing/shop.ts";

const url = process.env.TEST_TYPESENSE_URL ?? "http://127.0.0.1:18108";
const headers = { "x-typesense-api-key": process.env.TEST_TYPESENSE_API_KEY ?? "stoa-dev" };

/** How many products a shopper's search finds. */
async function found(shop: TestShop, text: string): Promise<number> {
  const query = new URLSearchParams({ q: text, query_by: "titleTerms", num_typos: "0", drop_tokens_threshold: "0" });
  const answer = await fetch(`${url}/collections/${shop.index.alias}/documents/search?${query}`, { headers });
  return ((await answer.json()) as { found: number }).found;
}

test("whoever searches while the index is rebuilt, again and again, finds all of it every time", async () => {
  await using shop = await testShop();
  const products = 40;
  for (let number = 0; number < products; number += 1) await shop.publish({ title: `Lamp ${number}` });
  await shop.projections.sweep();
  const answers = new Map<number, number>();
  let isOver = false;
  const reader = async () => {
    while (!isOver) {
      const count = await found(shop, "lamp");
      answers.set(count, (answers.get(count) ?? 0) + 1);
    }
  };
  const readers = [reader(), reader()];
  for (let round = 0; round < 5; round += 1) await shop.projections.rebuild();
  isOver = true;
  await Promise.all(readers);
  expect([...answers.keys()]).toEqual([products]);
  expect(answers.get(products)).toBeGreaterThan(5);
});

test("a change is found as soon as the process that made it has projected it, without any sweep", async () => {
  await using shop = await testShop();
  const id = await shop.publish({ title: "Reading lamp" });
  await shop.projections.sweep();
  const context = {
    catalog: shop.catalog,
    now: shop.clock.now(),
    changed: shop.projections.catalogChanged,
    readFields: noFields,
  };
  await updateProduct(context, { id, version: 2, patch: { title: { "en-US": "Zither" } } });
  await shop.projections.idle();
  expect([await found(shop, "zither"), await found(shop, "lamp")]).toEqual([1, 0]);
});
