import { z } from "zod";
import { commonSynonyms, parseSynonyms, type SynonymGroup } from "./search/index.ts";

const phrase = z.array(z.string());

/** What the shop says about searches: words that mean the same, and what stands first, or not at all, for a query. */
export const searchRulesSchema = z.object({
  /** Common groups are English; the shop's own are read in the language of the query. */
  synonyms: z.array(z.object({ from: phrase.nullable(), phrases: z.array(phrase), isCommon: z.boolean().optional() })),
  /** By `queryKey`: product ids in the order in which they lead, and ids that are not shown. */
  curations: z.record(z.string(), z.object({ pinned: z.array(z.string()), hidden: z.array(z.string()) })),
});
export type SearchRulesView = z.infer<typeof searchRulesSchema>;

/** The groups that every shop starts with. */
export const commonSynonymGroups: readonly SynonymGroup[] = parseSynonyms(commonSynonyms);

/** What holds where a shop says nothing. */
export const defaultSearchRules: SearchRulesView = {
  synonyms: commonSynonymGroups.map(({ from, phrases }) => ({
    from: from && [...from],
    phrases: phrases.map((one) => [...one]),
    isCommon: true,
  })),
  curations: {},
};
