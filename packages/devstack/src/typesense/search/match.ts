import type { Collection, Held } from "../collection.ts";
import type { Predicate } from "../filter/compile.ts";
import type { TextQuery } from "../text-index.ts";
import type { SearchParameters } from "./parameters.ts";
import { meetsPhrases, type ParsedQuery, readBoosts, readFieldGroups } from "./query.ts";
import { type Synonym, synonymVariants } from "./synonyms.ts";

export interface Hit {
  readonly held: Held;
  /** Whole number; only its order means anything. */
  readonly score: number;
  readonly terms: ReadonlySet<string>;
  readonly curated: boolean;
}

const SCORE_SCALE = 1_000_000;
/** Every word left away puts a hit behind all that have it. */
const DROPPED_PENALTY = 0.001;

/** Every document that the query finds and the filter admits, in no particular order. */
export function findHits(
  collection: Collection,
  query: ParsedQuery,
  parameters: SearchParameters,
  scope: { readonly admits: Predicate; readonly synonyms: readonly Synonym[] },
): Hit[] {
  const groups = readFieldGroups(parameters, collection.schema);
  const fields = groups.flatMap((group) => group.fields);
  const admits = (held: Held) =>
    scope.admits(held.document) && meetsPhrases(held.document, query, fields, collection.schema);
  if (query.everything || query.words.length === 0) {
    // Only words that were all taken away (phrases, exclusions) let everything else through; an empty query does too.
    const phraseWords = new Set(query.phrases.flat());
    return [...collection.all()].filter(admits).map((held) => ({ held, score: 0, terms: phraseWords, curated: false }));
  }
  const finder = new Finder(collection, parameters, admits, {
    words: [],
    groups,
    boosts: readBoosts(parameters),
    typosMax: 0,
    minLength1Typo: parameters.min_len_1typo,
    minLength2Typos: parameters.min_len_2typo,
  });
  const rules = collection.schema.tokenRules(fields[0] ?? "");
  const variantsOf = (words: readonly string[]) => synonymVariants(words, scope.synonyms, rules);
  finder.find(query.words, 1);
  for (const variant of variantsOf(query.words)) finder.exact(variant, 1);
  finder.dropWords(query.words, variantsOf);
  return finder.hits();
}

/** Gathers hits of one query: exact first, then with typos, then with words left away, as long as there are too few. */
class Finder {
  readonly #found = new Map<string, { held: Held; score: number; terms: Set<string> }>();

  constructor(
    private readonly collection: Collection,
    private readonly parameters: SearchParameters,
    private readonly admits: (held: Held) => boolean,
    private readonly base: TextQuery,
  ) {}

  find(words: readonly string[], weight: number): void {
    this.exact(words, weight);
    for (let typos = 1; typos <= 2 && this.#found.size < this.parameters.typo_tokens_threshold; typos += 1) {
      this.#run({ ...this.base, words, typosMax: typos }, weight);
    }
  }

  exact(words: readonly string[], weight: number): void {
    this.#run({ ...this.base, words, typosMax: 0 }, weight);
  }

  dropWords(words: readonly string[], variantsOf: (words: readonly string[]) => readonly (readonly string[])[]): void {
    const fromLeft = this.parameters.drop_tokens_mode === "left_to_right";
    for (let left = words.length - 1; left > 0; left -= 1) {
      if (this.#found.size >= this.parameters.drop_tokens_threshold) return;
      const kept = fromLeft ? words.slice(words.length - left) : words.slice(0, left);
      const weight = DROPPED_PENALTY ** (words.length - left);
      this.find(kept, weight);
      for (const variant of variantsOf(kept)) this.exact(variant, weight);
    }
  }

  hits(): Hit[] {
    return [...this.#found.values()].map(({ held, score, terms }) => ({
      held,
      score: Math.max(1, Math.round(score * SCORE_SCALE)),
      terms,
      curated: false,
    }));
  }

  #run(query: TextQuery, weight: number): void {
    const admitted = (id: string) => {
      const held = this.collection.find(id);
      return held !== undefined && this.admits(held);
    };
    for (const { id, score, terms } of this.collection.index.search(query, admitted)) {
      const held = this.collection.find(id);
      if (!held) continue;
      const present = this.#found.get(id);
      if (!present) this.#found.set(id, { held, score: score * weight, terms: new Set(terms) });
      else for (const term of terms) present.terms.add(term);
    }
  }
}
