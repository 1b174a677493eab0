import { commonSynonyms } from "../common-synonyms.ts";
import { corpusFields, corpusOf, type SearchField, searchFieldNames } from "../corpus.ts";
import { indexTermsOf, type ProductTexts } from "../index-terms.ts";
import { english } from "../language.ts";
import { planQuery } from "../query.ts";
import { type Candidate, rankCandidates } from "../rank.ts";
import { readQuery } from "../read-query.ts";
import { parseSynonyms, synonymsOf } from "../synonyms.ts";

export const synonyms = synonymsOf(parseSynonyms(commonSynonyms));

export const nothing: ProductTexts = {
  title: "",
  brand: "",
  description: "",
  kinds: [],
  above: [],
  codes: [],
  values: [],
};

export interface Sample extends Partial<ProductTexts> {
  readonly title: string;
  readonly kind?: string;
  readonly sold?: number;
  readonly inStock?: boolean;
}

/** Products as the index holds them, what is counted of them, and their order for a query when the engine has found them all. */
export function shopOf(products: readonly Sample[]) {
  const candidates = products.map(({ kind, sold, inStock, ...texts }): Candidate => {
    return { id: texts.title, ...indexTermsOf({ ...nothing, ...texts }, english), kind, sold, inStock };
  });
  const counts = new Map<string, number>();
  const add = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const candidate of candidates) {
    add(corpusFields.documents);
    add(corpusFields.kind(candidate.kind ?? ""));
    const termsIn = (field: SearchField) => (candidate[field] ?? "").split(" ").filter(Boolean);
    for (const term of new Set(searchFieldNames.flatMap(termsIn))) add(term);
    for (const head of new Set(`${candidate.heads} ${candidate.kindHeads}`.split(" "))) add(corpusFields.head(head));
    for (const field of searchFieldNames) for (const _ of termsIn(field)) add(corpusFields.length(field));
  }
  const corpus = corpusOf(counts);
  const rank = (text: string) =>
    rankCandidates(planQuery(readQuery(text), corpus, synonyms), candidates, corpus).map(({ id }) => id);
  return { candidates, corpus, rank };
}
