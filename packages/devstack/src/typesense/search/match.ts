import type { Collection } from "../collection.ts";
import type { Scores } from "../scores.ts";
import { searchText, type TextHits, type TextQuery } from "../text-search.ts";
import type { SearchParameters } from "./parameters.ts";
import { meetsPhrases, type ParsedQuery, readBoosts, readFieldGroups } from "./query.ts";
import { type Synonym, synonymVariants } from "./synonyms.ts";

/** What a query finds. */
export interface Matches {
  /** In no particular order. */
  rows(): readonly number[];
  /** Where the rows' scores stand; null when all match alike. */
  readonly scores: Scores | null;
  /** A whole number, of which only the order means anything. Holds until the collection is searched again. */
  score(row: number): number;
  /** Words of the row's document by which it was found. */
  terms(row: number): ReadonlySet<string>;
}

const SCORE_SCALE = 1_000_000;
/** Every word left away puts a hit behind all that have it. */
const DROPPED_PENALTY = 0.001;

/** Every document that the query finds and the filter admits. */
export function findMatches(
  collection: Collection,
  query: ParsedQuery,
  parameters: SearchParameters,
  scope: { readonly admits: (row: number) => boolean; readonly synonyms: readonly Synonym[] },
): Matches {
  const { schema } = collection;
  const groups = readFieldGroups(parameters, schema);
  const fields = groups.flatMap((group) => group.fields);
  const hasPhrases = query.phrases.length + query.excluded.length > 0;
  const admits = hasPhrases
    ? (row: number) => scope.admits(row) && meetsPhrases(collection.at(row).document, query, fields, schema)
    : scope.admits;
  if (query.everything || query.words.length === 0) {
    // Only words that were all taken away (phrases, exclusions) let everything else through; an empty query does too.
    const phraseWords = new Set(query.phrases.flat());
    return { rows: () => collection.rows(admits), scores: null, score: () => 0, terms: () => phraseWords };
  }
  const finder = new Finder(collection, parameters, admits, {
    words: [],
    groups,
    boosts: readBoosts(parameters),
    typosMax: 0,
    minLength1Typo: parameters.min_len_1typo,
    minLength2Typos: parameters.min_len_2typo,
  });
  const rules = schema.tokenRules(fields[0] ?? "");
  const variantsOf = (words: readonly string[]) => synonymVariants(words, scope.synonyms, rules);
  finder.find(query.words, 1);
  for (const variant of variantsOf(query.words)) finder.exact(variant, 1);
  finder.dropWords(query.words, variantsOf);
  return finder.matches();
}

/** Gathers hits of one query: exact first, then with typos, then with words left away, as long as there are too few. */
class Finder {
  readonly #rows: number[] = [];
  readonly #ways: TextHits[] = [];

  constructor(
    private readonly collection: Collection,
    private readonly parameters: SearchParameters,
    private readonly admits: (row: number) => boolean,
    private readonly base: TextQuery,
  ) {
    collection.scores.begin();
  }

  find(words: readonly string[], weight: number): void {
    this.exact(words, weight);
    for (let typos = 1; typos <= 2 && this.#rows.length < this.parameters.typo_tokens_threshold; typos += 1) {
      this.#run({ ...this.base, words, typosMax: typos }, weight);
    }
  }

  exact(words: readonly string[], weight: number): void {
    this.#run({ ...this.base, words, typosMax: 0 }, weight);
  }

  dropWords(words: readonly string[], variantsOf: (words: readonly string[]) => readonly (readonly string[])[]): void {
    const fromLeft = this.parameters.drop_tokens_mode === "left_to_right";
    for (let left = words.length - 1; left > 0; left -= 1) {
      if (this.#rows.length >= this.parameters.drop_tokens_threshold) return;
      const kept = fromLeft ? words.slice(words.length - left) : words.slice(0, left);
      const weight = DROPPED_PENALTY ** (words.length - left);
      this.find(kept, weight);
      for (const variant of variantsOf(kept)) this.exact(variant, weight);
    }
  }

  matches(): Matches {
    const { scores } = this.collection;
    return {
      rows: () => this.#rows,
      scores,
      score: (row) => scores.kept[row] ?? 0,
      terms: (row) => new Set(this.#ways.flatMap((way) => way.termsAt(row))),
    };
  }

  #run(query: TextQuery, weight: number): void {
    const { index, scores } = this.collection;
    const way = searchText(index.text, query, scores, this.admits);
    this.#ways.push(way);
    for (const row of way.rows) {
      const score = Math.max(1, Math.round((scores.byRow[row] ?? 0) * weight * SCORE_SCALE));
      if (scores.keep(row, score)) this.#rows.push(row);
    }
  }
}
