import { termsOf, type Word } from "./analyse.ts";
import { type Concept, halvesOf, isDoubtful, isKnown, isWhole, ownAlternatives, rarity } from "./concept.ts";
import { type Group, joinedPairs, misspelledGroups, synonymGroups } from "./concept-groups.ts";
import { type Corpus, corpusFields } from "./corpus.ts";
import { type EngineQueries, engineQueries } from "./engine-queries.ts";
import type { Query } from "./read-query.ts";
import type { Synonyms } from "./synonyms.ts";

export interface QueryPlan extends EngineQueries {
  readonly concepts: readonly Concept[];
  /** Terms of what the thing is to be without. */
  readonly unwanted: readonly string[];
  /** See `Query`. */
  readonly budget: number | null;
  /** Whether a term is, for all that is known, not in the catalog, so that it may be a slip of the keyboard. */
  readonly mayBeMistyped: boolean;
  /** Whether a term may stand for one that is nearly the same. */
  readonly mayBeCorrected: boolean;
}

const weights = { complement: 0.6, head: 2 } as const;
/** In fewer products than this a word has no habits yet: it may well be what they are called. */
const HABIT_MIN = 5;
const HEAD_SHARE_PRIOR = 0.05;
/** A word that no product has may be a slip of what they are called. */
const UNKNOWN_HEAD_SHARE = 0.1;
/** What things are called stands at the end: each place before it makes that less likely. */
const HEAD_DECAY = 0.75;

/** Every name of the corpus' counts that a plan depends on. */
export function countsToKnow(query: Query, synonyms: Synonyms): string[] {
  const own = query.words.flatMap((word, at) => {
    const next = query.words[at + 1];
    const joined = next ? [word.term + next.term] : [];
    return [...termsOf(word), ...halvesOf(word).flat(), ...joined];
  });
  const groups = [...synonymGroups(query, synonyms), ...misspelledGroups(query, synonyms)];
  const others = groups.flatMap(({ phrases }) => phrases.flat());
  const terms = [...new Set([...own, ...others])];
  return [...terms, ...terms.map(corpusFields.head)];
}

/** Decides what is looked for, from what the catalog holds and what means the same. */
export function planQuery(query: Query, corpus: Corpus, synonyms: Synonyms): QueryPlan {
  const { words, mainWords, joined } = query;
  const alternatives = words.map((word) => ownAlternatives(word, corpus));
  const isUnknown = ({ at }: Group) =>
    !alternatives[at]?.some(({ terms: [term = "", ...rest] }) => rest.length === 0 && corpus.frequency(term) > 0);
  const groups = [
    ...synonymGroups(query, synonyms),
    ...joinedPairs(query, corpus),
    ...misspelledGroups(query, synonyms).filter(isUnknown),
  ];
  for (const { at, length, phrases, weight } of groups) {
    for (const list of alternatives.slice(at, at + length)) list.push(...phrases.map((terms) => ({ terms, weight })));
  }
  const drafts = words.map((word, at): Concept => {
    const own = alternatives[at] ?? [];
    const placed = at < mainWords ? 1 : weights.complement;
    const weight = Math.sqrt(rarity(own, corpus)) * placed;
    return { alternatives: own, kind: word.kind, isHead: false, weight, spelled: word.spelled };
  });
  const weighed = asKnown(drafts, corpus);
  const head = headOf(query, weighed, corpus);
  const isHead = (at: number) =>
    at === head || (at === head - 1 && joined.has(head)) || (at === head + 1 && joined.has(at));
  const concepts = weighed.map((concept, at) =>
    isHead(at) ? { ...concept, isHead: true, weight: concept.weight * weights.head } : concept,
  );
  return {
    concepts,
    unwanted: query.unwanted.map(({ term }) => term),
    budget: query.budget,
    ...engineQueries(query, concepts, groups, corpus),
    mayBeMistyped: corpus.documents === 0 || concepts.some((concept) => !isKnown(concept, corpus)),
    mayBeCorrected: concepts.some((concept) => !isWhole(concept, corpus) || isDoubtful(concept, corpus)),
  };
}

/** A word that no product has is no rarer for it: what it is a slip of, or means, counts as much as the other words on average. */
function asKnown(concepts: readonly Concept[], corpus: Corpus): Concept[] {
  const known = concepts.filter((concept) => isKnown(concept, corpus));
  if (known.length === 0) return [...concepts];
  const average = known.reduce((sum, { weight }) => sum + weight, 0) / known.length;
  return concepts.map((concept) =>
    isKnown(concept, corpus) ? concept : { ...concept, weight: Math.min(concept.weight, average) },
  );
}

/** The word that names the thing: of its part of the query the one that products are called by rather than described, late ones first. */
function headOf({ words, mainWords }: Query, concepts: readonly Concept[], corpus: Corpus): number {
  const names = (word: Word, at: number) => at < mainWords && word.kind === "word";
  const last = words.findLastIndex(names);
  if (corpus.documents === 0) return last;
  const chances = words.map((word, at) => {
    const concept = concepts[at];
    if (!concept || !names(word, at)) return -1;
    const share = isKnown(concept, corpus) ? headShare(concept, corpus) : UNKNOWN_HEAD_SHARE;
    return share * HEAD_DECAY ** (last - at);
  });
  return chances.lastIndexOf(Math.max(0, ...chances));
}

/** How many of the products with a word are called by it; by whatever they say instead. */
function headShare({ alternatives }: Concept, corpus: Corpus): number {
  const shares = alternatives.map(({ terms, weight }) => {
    const term = terms.at(-1) ?? "";
    const frequency = Math.min(...terms.map((one) => corpus.frequency(one)));
    if (frequency === 0) return 0;
    return weight * (frequency < HABIT_MIN ? HEAD_SHARE_PRIOR : Math.min(1, corpus.headFrequency(term) / frequency));
  });
  return Math.max(0, ...shares);
}
