import { expect, test } from "bun:test";
import { newId, Problem } from "@stoa/kernel";
import { testCatalog } from "../testing/catalog.ts";
import { deleteSearchRule, listSearchRules, saveSearchRule, saveSearchRuleSchema } from "./save-search-rule.ts";

const synonyms = (...phrases: string[]) => saveSearchRuleSchema.parse({ rule: { kind: "synonyms", phrases } });
const curation = (query: string, members: object = {}) =>
  saveSearchRuleSchema.parse({ rule: { kind: "curation", query, ...members } });

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (refusal: unknown) => refusal,
  );
  return error instanceof Problem ? error.code : String(error);
}

test("a rule is saved, changed by whoever saw its present state, and taken away", async () => {
  await using shop = await testCatalog();
  const { after } = await saveSearchRule(shop.context(), synonyms("sofa", "couch"));
  const at = { id: after._id, version: 1 };
  const changed = await saveSearchRule(shop.context(), { ...synonyms("sofa", "couch", "settee"), ...at });
  expect(changed).toMatchObject({ before: { revision: 1 }, after: { revision: 2, dirty: true } });
  expect(await codeOf(saveSearchRule(shop.context(), { ...synonyms("chair", "stool"), ...at }))).toBe(
    "version_conflict",
  );
  expect(await codeOf(deleteSearchRule(shop.context(), at))).toBe("version_conflict");
  await deleteSearchRule(shop.context(), { ...at, version: 2 });
  expect(await listSearchRules(shop.catalog)).toEqual([]);
  expect(await codeOf(deleteSearchRule(shop.context(), { ...at, version: 3 }))).toBe("not_found");
  expect(shop.changes.every(({ searchRules }) => searchRules)).toBe(true);
});

test("a query has one rule, however it is written, and another one when that is gone", async () => {
  await using shop = await testCatalog();
  const { after } = await saveSearchRule(shop.context(), curation("T-Shirts"));
  expect(await codeOf(saveSearchRule(shop.context(), curation("t-shirt")))).toBe("validation_failed");
  await deleteSearchRule(shop.context(), { id: after._id, version: 1 });
  await saveSearchRule(shop.context(), curation("t-shirt"));
});

test("what says nothing, or two things, is refused", async () => {
  await using shop = await testCatalog();
  const id = newId("prod");
  expect(await codeOf(saveSearchRule(shop.context(), synonyms("alone")))).toBe("validation_failed");
  expect(await codeOf(saveSearchRule(shop.context(), curation("lamp", { pinned: [id], hidden: [id] })))).toBe(
    "validation_failed",
  );
  for (const rule of [
    { kind: "synonyms", phrases: ["?!", "couch"] },
    { kind: "synonyms", phrases: ["one two three four five six", "couch"] },
    { kind: "curation", query: "?!" },
    { kind: "curation", query: "lamp", pinned: [id, id] },
    { kind: "curation", query: "lamp", pinned: ["lamp"] },
  ]) {
    expect([rule, saveSearchRuleSchema.safeParse({ rule }).success]).toEqual([rule, false]);
  }
});
