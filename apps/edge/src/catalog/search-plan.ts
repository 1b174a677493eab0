import {
  type Corpus,
  corpusFields,
  corpusOf,
  countsToKnow,
  defaultSearchRules,
  fieldIn,
  groupsIn,
  keys,
  type Language,
  languageOf,
  planQuery,
  type QueryPlan,
  queryKey,
  readQuery,
  type SearchRulesView,
  type Synonyms,
  searchFieldNames,
  searchFields,
  searchRulesSchema,
  synonymsOf,
} from "@stoa/read-models";
import type { EdgeDeps } from "../deps.ts";
import { readShop } from "./shop.ts";

interface Rules {
  readonly groups: SearchRulesView["synonyms"];
  /** By language, as far as somebody has asked in it. */
  readonly synonyms: Map<string, Synonyms>;
  readonly curations: SearchRulesView["curations"];
}

const standard: Rules = { groups: defaultSearchRules.synonyms, synonyms: new Map(), curations: {} };
/** What was parsed last, with the text it was parsed from. */
let last: { readonly text: string; readonly rules: Rules } | null = null;

export interface SearchPlan extends QueryPlan {
  readonly corpus: Corpus;
  /** What the corpus is made of, by name. */
  readonly counts: ReadonlyMap<string, number>;
  /** The further language of the shop whose fields are searched; null for its own. */
  readonly locale: string | null;
  readonly language: Language;
  /** Product ids that lead, in this order, and ids that are not shown. */
  readonly pinned: readonly string[];
  readonly hidden: readonly string[];
}

export interface Wording {
  readonly text: string;
  /** In which the caller asks; null where the shop has but one. */
  readonly language: string | null;
}

/** How a query is read, and where it is looked for. */
export interface Reading {
  readonly text: string;
  /** The further language of the shop whose fields are searched; null for its own. */
  readonly locale: string | null;
  readonly words: Language;
}

/** The caller's language, or the shop's own until the index knows a language that the shop has only just got. */
export async function readingFor(deps: Pick<EdgeDeps, "store">, { text, language }: Wording): Promise<Reading> {
  const { locale: own } = await readShop(deps);
  const isFurther = language !== null && language !== own;
  const isIndexed = isFurther && (await readCounts(deps.store, language, [corpusFields.documents])).size > 0;
  return isIndexed
    ? { text, locale: language, words: languageOf(language) }
    : { text, locale: null, words: languageOf(own) };
}

/** Decides what to look for, from what the catalog holds and what the shop says about the query. */
export async function planSearch(deps: Pick<EdgeDeps, "store">, wording: Wording): Promise<SearchPlan> {
  const { store } = deps;
  const { text, locale, words } = await readingFor(deps, wording);
  const query = readQuery(text, words);
  const countsBy = (rules: Rules) =>
    readCounts(store, locale, [...standing, ...countsToKnow(query, synonymsIn(rules, words))]);
  // The rules hardly ever change, so what has to be counted is taken from those that were read last.
  const expected = last?.rules ?? standard;
  const [counts, rulesText] = await Promise.all([countsBy(expected), store.get(keys.searchRules())]);
  const rules = rulesOf(rulesText);
  const known = rules === expected ? counts : await countsBy(rules);
  const corpus = corpusOf(known);
  const { pinned, hidden } = curationFor(rules, text);
  const plan = planQuery(query, corpus, synonymsIn(rules, words));
  return { ...plan, corpus, counts: known, locale, language: words, pinned, hidden };
}

/** How many products would have every word if each stood in as many as it does, but regardless of the others. */
export function expectedFinds({ terms, corpus }: Pick<SearchPlan, "terms" | "corpus">): number {
  const share = (term: string) => Math.min(1, corpus.frequency(term) / Math.max(1, corpus.documents));
  return [...new Set(terms)].reduce((found, term) => found * share(term), corpus.documents);
}

/** The fields that a plan looks in. */
export function fieldsOf({ locale }: Pick<SearchPlan, "locale">): { readonly name: string; readonly weight: number }[] {
  return searchFieldNames.map((name) => ({
    name: fieldIn(name, locale),
    weight: Math.ceil(searchFields[name].weight),
  }));
}

const standing = [corpusFields.documents, ...searchFieldNames.map(corpusFields.length)];

/** The corpus with further counts: which ones a ranking depends on, only what was found tells. */
export async function withCounts(
  { store }: Pick<EdgeDeps, "store">,
  { counts, locale }: SearchPlan,
  names: readonly string[],
): Promise<Corpus> {
  const further = await readCounts(store, locale, names);
  return corpusOf(new Map([...counts, ...further]));
}

async function readCounts(
  store: EdgeDeps["store"],
  locale: string | null,
  names: readonly string[],
): Promise<Map<string, number>> {
  const values = await store.hmget(keys.searchCorpus(locale), names);
  return new Map(names.flatMap((name, index) => (values[index] ? [[name, Number(values[index])] as const] : [])));
}

function rulesOf(text: string | null): Rules {
  if (text === null) return standard;
  if (last?.text !== text) {
    const { synonyms, curations } = searchRulesSchema.parse(JSON.parse(text));
    last = { text, rules: { groups: synonyms, synonyms: new Map(), curations } };
  }
  return last.rules;
}

/** What means the same in a language. The common groups are English. */
function synonymsIn({ groups, synonyms }: Rules, language: Language): Synonyms {
  const known = synonyms.get(language.code);
  if (known) return known;
  const isEnglish = language.code === "en";
  const found = synonymsOf(
    isEnglish
      ? groups
      : groupsIn(
          groups.filter(({ isCommon }) => !isCommon),
          language,
        ),
  );
  synonyms.set(language.code, found);
  return found;
}

function curationFor({ curations }: Rules, text: string) {
  const key = queryKey(text);
  return (Object.hasOwn(curations, key) ? curations[key] : undefined) ?? { pinned: [], hidden: [] };
}
