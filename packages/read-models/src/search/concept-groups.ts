import type { Corpus } from "./corpus.ts";
import type { Query } from "./read-query.ts";
import { misspelledSynonym, type Synonyms } from "./synonyms.ts";

const SYNONYM_WORDS_MAX = 5;
const weights = { joined: 0.9, synonym: 0.85, misspelled: 0.7 } as const;

/** Words of the query that belong together, and what says the same. */
export interface Group {
  readonly at: number;
  readonly length: number;
  readonly phrases: readonly (readonly string[])[];
  readonly weight: number;
  /** What the engine is asked instead of the words; null leaves them. */
  readonly asked: readonly string[] | null;
}

/** "head phones" where the catalog says "headphones". */
export function joinedPairs({ words }: Query, corpus: Corpus): Group[] {
  return words.slice(0, -1).flatMap((word, at): Group[] => {
    const next = words[at + 1];
    if (!next || word.kind === "quantity" || next.kind === "quantity") return [];
    const joined = word.term + next.term;
    const frequency = corpus.frequency(joined);
    if (frequency === 0) return [];
    const apart = Math.min(corpus.frequency(word.term), corpus.frequency(next.term));
    return [
      { at, length: 2, phrases: [[joined]], weight: weights.joined, asked: frequency >= apart ? [joined] : null },
    ];
  });
}

/** What the shop calls a word that the query may have misspelled. */
export function misspelledGroups({ words }: Pick<Query, "words">, synonyms: Synonyms): Group[] {
  return words.flatMap(({ kind, term }, at): Group[] => {
    const synonym = kind === "word" && !synonyms.has(term) ? misspelledSynonym(term, synonyms) : null;
    if (!synonym) return [];
    const { phrase, others } = synonym;
    return [{ at, length: 1, phrases: [phrase, ...others], weight: weights.misspelled, asked: phrase }];
  });
}

/** What the shop calls a part of the query besides. */
export function synonymGroups({ words }: Pick<Query, "words">, synonyms: Synonyms): Group[] {
  return words.flatMap((_, at) =>
    Array.from({ length: Math.min(SYNONYM_WORDS_MAX, words.length - at) }, (__, index) => index + 1).flatMap(
      (length): Group[] => {
        const terms = words.slice(at, at + length).map((word) => word.term);
        const synonym = synonyms.get(terms.join(""));
        if (!synonym) return [];
        const phrases = synonym.phrase.length === length ? synonym.others : [synonym.phrase, ...synonym.others];
        // The engine knows the phrase as the rules have it.
        return [{ at, length, phrases, weight: weights.synonym, asked: synonym.phrase }];
      },
    ),
  );
}
