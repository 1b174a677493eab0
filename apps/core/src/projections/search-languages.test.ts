import { expect, test } from "bun:test";
import { keys } from "@stoa/read-models";
import { testShop } from "./testing/shop.ts";

test("a product is indexed in each language of the shop, what is not translated by the words that stand in for it", async () => {
  await using shop = await testShop();
  shop.settings.locales = [{ code: "de", fallbacks: [] }];
  await shop.publish({ content: { title: { "en-US": "Garden chairs", de: "Gartenstühle" } } });
  await shop.publish({ content: { title: { "en-US": "Reading lamps" } } });
  await shop.projections.sweep();
  const titles = (await shop.index.documents()).map((document) => [document.titleTerms, document.titleTerms_de]);
  expect(titles.toSorted()).toEqual([
    ["garden chair", "gartenstuhl"],
    ["reading read reade lamp", "reading lamps"],
  ]);
  const [own, german] = [keys.searchCorpus(null), keys.searchCorpus("de")];
  expect(await shop.redis.hmget(own, "#documents", "chair", "gartenstuhl")).toEqual(["2", "1", null]);
  expect(await shop.redis.hmget(german, "#documents", "chair", "gartenstuhl")).toEqual(["2", null, "1"]);
  expect(shop.failures).toEqual([]);
});

test("when the shop's languages change, the next sweep builds the index for those that it has now", async () => {
  await using shop = await testShop();
  await shop.publish({ content: { title: { "en-US": "Garden chairs", fr: "Chaises de jardin" } } });
  await shop.projections.sweep();
  const before = await shop.index.current();
  await shop.projections.sweep();
  expect(await shop.index.current()).toBe(before);
  shop.settings.locales = [{ code: "fr", fallbacks: [] }];
  shop.clock.advance(60_000);
  await shop.projections.rebuild();
  const [document] = await shop.index.documents();
  expect(document?.titleTerms_fr).toBe("chais jardin");
  const built = await shop.index.current();
  shop.settings.locales = [];
  shop.clock.advance(60_000);
  await shop.projections.sweep();
  expect(await shop.index.current()).not.toBe(built);
  expect(await shop.redis.exists(keys.searchCorpus("fr"))).toBe(0);
  const [plain] = await shop.index.documents();
  expect(Object.keys(plain ?? {}).filter((name) => name.endsWith("_fr"))).toEqual([]);
});
