import { expect, test } from "bun:test";
import { keys, searchRulesSchema } from "@stoa/read-models";
import { deleteSearchRule, saveSearchRule } from "../services/catalog/index.ts";
import { readSearchMisses } from "./search-misses.ts";
import { catalogContext, type TestShop, testShop } from "./testing/shop.ts";

async function rulesIn(shop: TestShop) {
  return searchRulesSchema.parse(JSON.parse((await shop.redis.get(keys.searchRules())) ?? "null"));
}

test("what staff say about searches reaches the edges at once, and goes when they take it back", async () => {
  await using shop = await testShop();
  const id = await shop.publish({ title: "Reading lamp" });
  await shop.projections.sweep();
  const standard = await rulesIn(shop);
  expect(standard.synonyms.length).toBeGreaterThan(100);
  const context = catalogContext(shop);
  const group = { kind: "synonyms", from: null, phrases: ["Lamps", "luminaire"] } as const;
  const curation = { kind: "curation", query: "Lamps", pinned: [id], hidden: [] } as const;
  const { after } = await saveSearchRule(context, { rule: { ...group, phrases: [...group.phrases] } });
  await saveSearchRule(context, { rule: { ...curation, pinned: [id], hidden: [] } });
  await saveSearchRule(context, { rule: { kind: "distinct", phrases: ["notebooks"] } });
  await shop.projections.idle();
  const view = await rulesIn(shop);
  expect(view.synonyms[0]).toEqual({ from: null, phrases: [["lamp"], ["luminaire"]] });
  expect(view.synonyms.flatMap(({ phrases }) => phrases)).not.toContainEqual(["notebook"]);
  expect(view.curations).toEqual({ lamp: { pinned: [id], hidden: [] } });
  await deleteSearchRule(context, { id: after._id, version: 1 });
  await shop.projections.idle();
  expect((await rulesIn(shop)).synonyms[0]?.phrases).not.toContainEqual(["luminaire"]);
  expect(await shop.catalog.searchRules.countDocuments({})).toBe(2);
  expect(await shop.catalog.searchRules.countDocuments({ dirty: true })).toBe(0);
  expect(shop.failures).toEqual([]);
});

test("a rule that was saved while search was away reaches it by the sweep", async () => {
  await using shop = await testShop();
  await shop.projections.sweep();
  const { putSynonyms } = shop.index;
  shop.index.putSynonyms = () => Promise.reject(new Error("search is away"));
  const context = catalogContext(shop);
  await saveSearchRule(context, { rule: { kind: "synonyms", from: "lamp", phrases: ["candelabra"] } });
  await shop.projections.idle();
  expect(shop.failures).toHaveLength(1);
  expect((await rulesIn(shop)).synonyms[0]?.phrases).not.toContainEqual(["candelabra"]);
  shop.index.putSynonyms = putSynonyms;
  await shop.projections.sweep();
  expect((await rulesIn(shop)).synonyms[0]).toEqual({ from: ["lamp"], phrases: [["candelabra"]] });
});

test("searches in vain are listed by how often, and forgotten one by one", async () => {
  await using shop = await testShop();
  const misses = readSearchMisses(shop.redis);
  await shop.redis.zadd(keys.searchMisses(), 2, "zither", 5, "lute", 1, "harp");
  expect(await misses.list(2)).toEqual([
    { query: "lute", count: 5 },
    { query: "zither", count: 2 },
  ]);
  await misses.forget("lute");
  expect((await misses.list(5)).map(({ query }) => query)).toEqual(["zither", "harp"]);
});
