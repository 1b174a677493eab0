/** What is known of all products together. Counts may lag behind by seconds. */
export interface Corpus {
  /** Products in the index; 0 while nothing is known. */
  readonly documents: number;
  /** In how many of them a term stands. */
  frequency(term: string): number;
  /** Terms that a field holds on average. */
  averageLength(field: SearchField): number;
  /** How many of them are called by it: of the products with "black" hardly any is a black. */
  headFrequency(term: string): number;
  /** Products of a category of their own, by its slug. */
  kindSize(slug: string): number;
}

/**
 * The analysed fields of a search document, by what a match in them is worth. `lengthNorm` says how much less it is worth in a
 * long text: 0 not at all, 1 in proportion.
 */
export const searchFields = {
  /** The part of the title that says what the product is. */
  titleTerms: { weight: 5, lengthNorm: 0.35 },
  /** The rest of it: "for iPhone 12". */
  restTerms: { weight: 1.5, lengthNorm: 0.3 },
  brandTerms: { weight: 4, lengthNorm: 0 },
  /** Names of its own categories, and its type. */
  kindTerms: { weight: 3, lengthNorm: 0.3 },
  /** Names of the categories above. */
  aboveTerms: { weight: 1, lengthNorm: 0.3 },
  /** SKUs, bar codes, model numbers. */
  codeTerms: { weight: 6, lengthNorm: 0 },
  attributeTerms: { weight: 1, lengthNorm: 0.6 },
  descriptionTerms: { weight: 0.8, lengthNorm: 0.7 },
} as const;
export type SearchField = keyof typeof searchFields;
export const searchFieldNames = Object.keys(searchFields) as SearchField[];

/** Of a corpus as it lies in Redis: one hash, a count for each term and, under names that no term has, what else is counted. */
export const corpusFields = {
  documents: "#documents",
  length: (field: SearchField) => `#length:${field}`,
  head: (term: string) => `#head:${term}`,
  kind: (slug: string) => `#kind:${slug}`,
} as const;

/** A corpus of what was read from that hash; everything is 0 where nothing was. */
export function corpusOf(counts: ReadonlyMap<string, number>): Corpus {
  const documents = Math.max(0, counts.get(corpusFields.documents) ?? 0);
  return {
    documents,
    frequency: (term) => Math.max(0, counts.get(term) ?? 0),
    averageLength: (field) => Math.max(1, (counts.get(corpusFields.length(field)) ?? 0) / Math.max(1, documents)),
    headFrequency: (term) => Math.max(0, counts.get(corpusFields.head(term)) ?? 0),
    kindSize: (slug) => Math.max(0, counts.get(corpusFields.kind(slug)) ?? 0),
  };
}
