import { idSchema, newId, problem, type SearchRuleId } from "@stoa/kernel";
import { queryKey } from "@stoa/read-models";
import { z } from "zod";
import type { CatalogContext } from "../context.ts";
import { type CatalogDatabase, violatedIndex } from "../database.ts";
import { ruleErrors, SEARCH_RULES_MAX, type SearchRuleDocument, searchRuleSchema } from "./search-rule.ts";

/** Which rule, and the revision that the editor saw. */
export const deleteSearchRuleSchema = z.strictObject({ id: idSchema("srl"), version: z.int().min(1) });
/** A new rule, or what is to stand in the place of one. */
export const saveSearchRuleSchema = z.union([
  z.strictObject({ rule: searchRuleSchema }),
  deleteSearchRuleSchema.extend({ rule: searchRuleSchema }),
]);

export interface SearchRuleWrite {
  readonly before: SearchRuleDocument | null;
  readonly after: SearchRuleDocument;
}

/**
 * Says something about searches, or changes what was said.
 * @throws Problem `not_found`, `version_conflict`, `validation_failed` (also: the query has a rule already).
 */
export async function saveSearchRule(
  context: CatalogContext,
  input: z.output<typeof saveSearchRuleSchema>,
): Promise<SearchRuleWrite> {
  const { rule } = input;
  const errors = ruleErrors(rule);
  if (errors.length > 0) throw problem("validation_failed", { errors });
  const members = rule.kind === "curation" ? { ...rule, key: queryKey(rule.query) } : rule;
  const { searchRules } = context.catalog;
  try {
    if (!("id" in input)) return { before: null, after: await insertRule(context, members) };
    const before = await ruleAt(context.catalog, input);
    if (before.kind !== rule.kind) {
      throw problem("validation_failed", { errors: [{ path: "rule.kind", message: `must stay ${before.kind}` }] });
    }
    const after = await searchRules.findOneAndUpdate(
      { _id: input.id, revision: input.version },
      { $set: { ...members, dirty: true, updatedAt: context.now }, $inc: { revision: 1 } },
      { returnDocument: "after" },
    );
    if (!after) throw problem("version_conflict");
    return { before, after };
  } catch (error) {
    if (violatedIndex(error) === null) throw error;
    throw problem("validation_failed", { errors: [{ path: "rule.query", message: "has a rule already" }] });
  } finally {
    context.changed({ products: [], categories: false, searchRules: true });
  }
}

/** Takes a rule away. @throws Problem `not_found`, `version_conflict`. */
export async function deleteSearchRule(
  context: CatalogContext,
  at: z.infer<typeof deleteSearchRuleSchema>,
): Promise<SearchRuleDocument> {
  const before = await ruleAt(context.catalog, at);
  const { modifiedCount } = await context.catalog.searchRules.updateOne(
    { _id: at.id, revision: at.version },
    {
      $set: { removed: true, dirty: true, updatedAt: context.now },
      $unset: { key: "" },
      $inc: { revision: 1 },
    },
  );
  if (modifiedCount === 0) throw problem("version_conflict");
  context.changed({ products: [], categories: false, searchRules: true });
  return before;
}

/** Every rule in force, the one changed last first. */
export async function listSearchRules({ searchRules }: CatalogDatabase): Promise<SearchRuleDocument[]> {
  return searchRules
    .find({ removed: { $ne: true } })
    .sort({ updatedAt: -1, _id: 1 })
    .limit(SEARCH_RULES_MAX)
    .toArray();
}

async function insertRule(
  { catalog, now }: CatalogContext,
  members: z.output<typeof searchRuleSchema> & { readonly key?: string },
): Promise<SearchRuleDocument> {
  if ((await catalog.searchRules.countDocuments({})) >= SEARCH_RULES_MAX) {
    throw problem("validation_failed", { errors: [{ path: "rule", message: `more than ${SEARCH_RULES_MAX} rules` }] });
  }
  const document = { ...members, _id: newId("srl"), revision: 1, dirty: true, createdAt: now, updatedAt: now };
  await catalog.searchRules.insertOne(document);
  return document;
}

async function ruleAt(
  { searchRules }: CatalogDatabase,
  { id, version }: { readonly id: SearchRuleId; readonly version: number },
): Promise<SearchRuleDocument> {
  const rule = await searchRules.findOne({ _id: id, removed: { $ne: true } });
  if (!rule) throw problem("not_found");
  if (rule.revision !== version) throw problem("version_conflict", { version: rule.revision });
  return rule;
}
