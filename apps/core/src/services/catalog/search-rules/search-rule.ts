import { type Instant, idSchema, type ProductId, type SearchRuleId } from "@stoa/kernel";
import { phraseOf, queryKey } from "@stoa/read-models";
import { z } from "zod";

export const SEARCH_RULES_MAX = 2_000;
const PHRASES_MAX = 50;
const PINNED_MAX = 50;
const HIDDEN_MAX = 200;

const phrase = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine((text) => phraseOf(text) !== null, { message: "must be one to five words" });
const productIds = (max: number) =>
  z
    .array(idSchema("prod"))
    .max(max)
    .refine((ids) => new Set(ids).size === ids.length, { message: "a product is named twice" });

/** What a shop says about searches. */
export const searchRuleSchema = z.discriminatedUnion("kind", [
  /** Phrases that mean the same; with `from`, only who asks for that finds the phrases. */
  z.strictObject({
    kind: z.literal("synonyms"),
    from: phrase.nullable().default(null),
    phrases: z.array(phrase).min(1).max(PHRASES_MAX),
  }),
  /** Phrases that mean something of their own here: the groups that every shop starts with go without them. */
  z.strictObject({ kind: z.literal("distinct"), phrases: z.array(phrase).min(1).max(PHRASES_MAX) }),
  /** What leads, in this order, and what is not shown, for a query however it is written. */
  z.strictObject({
    kind: z.literal("curation"),
    query: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .refine((text) => queryKey(text) !== "", { message: "must hold a word" }),
    pinned: productIds(PINNED_MAX).default([]),
    hidden: productIds(HIDDEN_MAX).default([]),
  }),
]);
export type SearchRule = z.output<typeof searchRuleSchema>;

export type SearchRuleDocument = SearchRule & {
  readonly _id: SearchRuleId;
  /** Of a curation, what its query is found by: no two may have the same. */
  readonly key?: string;
  readonly revision: number;
  /** Whether the read models show it yet. */
  readonly dirty: boolean;
  /** Taken away; the document goes when the read models have lost it, too. */
  readonly removed?: boolean;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
};

/** Errors that no shape tells. */
export function ruleErrors(rule: SearchRule): { path: string; message: string }[] {
  if (rule.kind === "synonyms" && rule.from === null && rule.phrases.length < 2) {
    return [{ path: "phrases", message: "one phrase means the same as nothing" }];
  }
  if (rule.kind !== "curation") return [];
  const both = rule.pinned.find((id: ProductId) => rule.hidden.includes(id));
  return both ? [{ path: "hidden", message: `${both} is pinned as well` }] : [];
}
