import { expect, test } from "bun:test";
import { corpusFields, keys } from "@stoa/read-models";
import { updateProduct } from "../services/catalog/index.ts";
import { catalogContext, testShop } from "./testing/shop.ts";

test("the corpus counts each product once, knows the words of a changed one, and is exact after a rebuild", async () => {
  await using shop = await testShop();
  const counts = async (...names: string[]) =>
    (await shop.redis.hmget(keys.searchCorpus(null), ...names)).map((count) => Number(count ?? 0));
  await shop.projections.sweep();
  const id = await shop.publish({ title: "Reading lamp" });
  await shop.publish({ title: "Floor lamp" });
  await shop.projections.sweep();
  const names = [corpusFields.documents, "lamp", "floor", corpusFields.head("lamp"), corpusFields.length("titleTerms")];
  expect(await counts(...names)).toEqual([2, 2, 1, 2, 6]);
  const context = catalogContext(shop);
  await updateProduct(context, { id, version: 2, patch: { title: { "en-US": "Desk lantern" } } });
  await shop.projections.idle();
  expect(await counts(corpusFields.documents, "lamp", "lantern", "desk")).toEqual([2, 2, 1, 1]);
  await shop.projections.rebuild();
  expect(await counts(corpusFields.documents, "lamp", "lantern", "reading")).toEqual([2, 1, 1, 0]);
});
