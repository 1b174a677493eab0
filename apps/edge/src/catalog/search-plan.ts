import {
  type Corpus,
  corpusFields,
  corpusOf,
  countsToKnow,
  defaultSearchRules,
  keys,
  planQuery,
  type QueryPlan,
  queryKey,
  readQuery,
  type SearchRulesView,
  type Synonyms,
  searchFieldNames,
  searchRulesSchema,
  synonymsOf,
} from "@stoa/read-models";
import type { EdgeDeps } from "../deps.ts";

interface Rules {
  readonly synonyms: Synonyms;
  readonly curations: SearchRulesView["curations"];
}

const standard: Rules = { synonyms: synonymsOf(defaultSearchRules.synonyms), curations: {} };
/** What was parsed last, with the text it was parsed from. */
let last: { readonly text: string; readonly rules: Rules } | null = null;

export interface SearchPlan extends QueryPlan {
  readonly corpus: Corpus;
  /** Product ids that lead, in this order, and ids that are not shown. */
  readonly pinned: readonly string[];
  readonly hidden: readonly string[];
}

/** Decides what to look for, from what the catalog holds and what the shop says about the query. */
export async function planSearch({ store }: Pick<EdgeDeps, "store">, text: string): Promise<SearchPlan> {
  const query = readQuery(text);
  const countsBy = ({ synonyms }: Rules) => readCounts(store, [...standing, ...countsToKnow(query, synonyms)]);
  // The rules hardly ever change, so what has to be counted is taken from those that were read last.
  const expected = last?.rules ?? standard;
  const [counts, rulesText] = await Promise.all([countsBy(expected), store.get(keys.searchRules())]);
  const rules = rulesOf(rulesText);
  const corpus = corpusOf(rules === expected ? counts : await countsBy(rules));
  const { pinned, hidden } = curationFor(rules, text);
  return { ...planQuery(query, corpus, rules.synonyms), corpus, pinned, hidden };
}

const standing = [corpusFields.documents, ...searchFieldNames.map(corpusFields.length)];

/** The corpus with the sizes of these categories, which only what was found tells. */
export async function withKindSizes(
  { store }: Pick<EdgeDeps, "store">,
  corpus: Corpus,
  kinds: readonly string[],
): Promise<Corpus> {
  const counts = await readCounts(store, kinds.map(corpusFields.kind));
  return { ...corpus, kindSize: (slug) => counts.get(corpusFields.kind(slug)) ?? 0 };
}

async function readCounts(store: EdgeDeps["store"], names: readonly string[]): Promise<Map<string, number>> {
  const values = await store.hmget(keys.searchCorpus(), names);
  return new Map(names.flatMap((name, index) => (values[index] ? [[name, Number(values[index])] as const] : [])));
}

function rulesOf(text: string | null): Rules {
  if (text === null) return standard;
  if (last?.text !== text) {
    const { synonyms, curations } = searchRulesSchema.parse(JSON.parse(text));
    last = { text, rules: { synonyms: synonymsOf(synonyms), curations } };
  }
  return last.rules;
}

function curationFor({ curations }: Rules, text: string) {
  const key = queryKey(text);
  return (Object.hasOwn(curations, key) ? curations[key] : undefined) ?? { pinned: [], hidden: [] };
}
