import { analyse, mainLength, termsOf, type Word } from "./analyse.ts";
import { type Corpus, corpusFields } from "./corpus.ts";
import type { Synonyms } from "./synonyms.ts";

/** One way to say what a shopper asks for: terms that follow each other, and how well they say it, 0 to 1. */
export interface Alternative {
  readonly terms: readonly string[];
  readonly weight: number;
}

/** One thing that a shopper asks for. */
export interface Concept {
  readonly alternatives: readonly Alternative[];
  readonly kind: Word["kind"];
  /** Whether it names the thing itself: "case" in "case for iPhone", "bag" in "laptop bag". */
  readonly isHead: boolean;
  /** How much it counts: rare words say more, what a thing is for says less. */
  readonly weight: number;
}

export interface Query {
  readonly words: readonly Word[];
  /** How many of the words say what the thing is; others say what it is for. */
  readonly mainWords: number;
}

export interface QueryPlan {
  readonly concepts: readonly Concept[];
  /** What the search engine is asked: the most telling terms last, since it leaves away the first ones when it finds too little. */
  readonly terms: readonly string[];
  /** Whether a term is, for all that is known, not in the catalog, so that it may be a slip of the keyboard. */
  readonly mayBeMistyped: boolean;
}

const WORDS_MAX = 16;
const SYNONYM_WORDS_MAX = 5;
const weights = {
  stem: 0.7,
  joined: 0.9,
  parts: 0.9,
  halves: 0.8,
  synonym: 0.85,
  bareNumber: 0.3,
  complement: 0.8,
  head: 1.5,
} as const;
const HALF_LENGTH_MIN = 3;
const HALVED_LENGTH_MAX = 20;
/** Halves that hardly any product has are no words. */
const HALF_FREQUENCY_MIN = 1;
/** A word in fewer products than this may be what they are called, whatever their titles look like. */
const DESCRIBING_MIN = 5;
const HEAD_SHARE_MIN = 0.05;

/** Takes a shopper's text apart. Words that say nothing are left out unless there is nothing else. */
export function readQuery(text: string): Query {
  const all = analyse(text);
  const isTelling = ({ kind }: Word) => kind !== "stop";
  const telling = all.filter(isTelling).slice(0, WORDS_MAX);
  if (telling.length === 0) return { words: all.slice(0, WORDS_MAX), mainWords: all.length };
  const main = all.slice(0, mainLength(text, all)).filter(isTelling).length;
  return { words: telling, mainWords: main === 0 ? telling.length : main };
}

/** A text's words in the form by which rules for a query are found. */
export function queryKey(text: string): string {
  return readQuery(text)
    .words.map((word) => word.term)
    .join(" ");
}

/** Every name of the corpus' counts that a plan depends on. */
export function countsToKnow({ words }: Query): string[] {
  const terms = words.flatMap((word, at) => {
    const next = words[at + 1];
    const joined = next ? [word.term + next.term] : [];
    return [...termsOf(word), ...halvesOf(word).flat(), ...joined, corpusFields.head(word.term)];
  });
  return [...new Set(terms)];
}

/** Decides what is looked for, from what the catalog holds and what means the same. */
export function planQuery(query: Query, corpus: Corpus, synonyms: Synonyms): QueryPlan {
  const { words, mainWords } = query;
  const alternatives = words.map((word) => ownAlternatives(word, corpus));
  const groups = [...synonymGroups(query, synonyms), ...joinedPairs(query, corpus)];
  for (const { at, length, phrases, weight } of groups) {
    for (const list of alternatives.slice(at, at + length)) list.push(...phrases.map((terms) => ({ terms, weight })));
  }
  const head = headOf(query, corpus);
  const concepts = words.map((word, at): Concept => {
    const own = alternatives[at] ?? [];
    const isHead = at === head;
    const placed = (isHead ? weights.head : 1) * (at < mainWords ? 1 : weights.complement);
    return { alternatives: own, kind: word.kind, isHead, weight: Math.sqrt(rarity(own, corpus)) * placed };
  });
  const mayBeMistyped = corpus.documents === 0 || concepts.some((concept) => !isKnown(concept, corpus));
  return { concepts, terms: engineTerms(query, concepts, groups, corpus), mayBeMistyped };
}

/** The word that names the thing: the last one of its part of the query that products are called by, not merely described. */
function headOf({ words, mainWords }: Query, corpus: Corpus): number {
  const names = (word: Word, at: number) => at < mainWords && word.kind === "word";
  const isCalled = ({ term }: Word) => {
    const frequency = corpus.frequency(term);
    return frequency < DESCRIBING_MIN || corpus.headFrequency(term) >= frequency * HEAD_SHARE_MIN;
  };
  const head = words.findLastIndex((word, at) => names(word, at) && isCalled(word));
  return head >= 0 ? head : words.findLastIndex(names);
}

/** Whether the catalog has a word, in whatever form. A part number is known only as a whole: its parts are in many others. */
export function isKnown({ alternatives, kind }: Concept, corpus: Corpus): boolean {
  if (corpus.documents === 0) return true;
  const decisive = kind === "code" ? alternatives.slice(0, 1) : alternatives;
  return decisive.some(({ terms }) => terms.every((term) => corpus.frequency(term) > 0));
}

/** Inverse document frequency of what says it best; the same for all while nothing is known of the catalog. */
function rarity(alternatives: readonly Alternative[], corpus: Corpus): number {
  if (corpus.documents === 0) return 1;
  const counts = alternatives
    .filter(({ weight }) => weight >= weights.halves)
    .map(({ terms }) => Math.min(...terms.map((term) => corpus.frequency(term))));
  const frequency = Math.min(corpus.documents, Math.max(0, ...counts));
  return Math.log(1 + (corpus.documents - frequency + 0.5) / (frequency + 0.5));
}

function ownAlternatives(word: Word, corpus: Corpus): Alternative[] {
  const { term, near, parts, kind } = word;
  const known = near.filter((other) => corpus.frequency(other) > 0);
  const nearWeight = kind === "quantity" ? weights.bareNumber : weights.stem;
  const found: Alternative[] = [
    { terms: [term], weight: 1 },
    ...known.map((other) => ({ terms: [other], weight: nearWeight })),
  ];
  if (parts.length > 1) return [...found, { terms: parts, weight: weights.parts }];
  const halves = bestHalves(word, corpus);
  return halves ? [...found, { terms: halves, weight: weights.halves }] : found;
}

/** "hairdryer" may be found as "hair dryer", "iphone12" as "iphone 12", if the catalog has both. */
function bestHalves(word: Word, corpus: Corpus): readonly string[] | null {
  const counted = halvesOf(word).map((halves) => ({
    halves,
    frequency: Math.min(...halves.map((half) => corpus.frequency(half))),
  }));
  const best = counted.reduce((top, one) => (one.frequency > top.frequency ? one : top), {
    halves: [""],
    frequency: 0,
  });
  const least = Math.max(corpus.frequency(word.term), HALF_FREQUENCY_MIN, corpus.documents / 1_000);
  return best.frequency > least ? best.halves : null;
}

function halvesOf({ term, kind, parts }: Word): string[][] {
  if (parts.length > 0) return [];
  if (kind === "code") {
    const match = /^(\p{L}{3,})(\d+)$|^(\d+)(\p{L}{3,})$/u.exec(term);
    return match ? [match.slice(1).filter((half) => half !== undefined)] : [];
  }
  if (kind !== "word" || term.length < 2 * HALF_LENGTH_MIN || term.length > HALVED_LENGTH_MAX) return [];
  return Array.from({ length: term.length - 2 * HALF_LENGTH_MIN + 1 }, (_, index) => {
    const at = index + HALF_LENGTH_MIN;
    return [term.slice(0, at), term.slice(at)];
  });
}

/** Words of the query that belong together, and what says the same. */
interface Group {
  readonly at: number;
  readonly length: number;
  readonly phrases: readonly (readonly string[])[];
  readonly weight: number;
  /** What the engine is asked instead of the words; null leaves them. */
  readonly asked: readonly string[] | null;
}

/** "head phones" where the catalog says "headphones". */
function joinedPairs({ words }: Query, corpus: Corpus): Group[] {
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

function synonymGroups({ words }: Query, synonyms: Synonyms): Group[] {
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

/**
 * The terms for the engine. Words of one group stay together; what the catalog does not know comes first, then the rest by weight
 * and what names the thing last.
 */
function engineTerms(query: Query, concepts: readonly Concept[], groups: readonly Group[], corpus: Corpus): string[] {
  const { words } = query;
  const blocks: { terms: readonly string[]; weight: number }[] = [];
  for (let at = 0; at < words.length; ) {
    const group = groups.filter((one) => one.at === at).toSorted((left, right) => right.length - left.length)[0];
    const length = group?.length ?? 1;
    const covered = concepts.slice(at, at + length);
    const terms = group?.asked ?? words.slice(at, at + length).flatMap((word) => engineForm(word, corpus));
    blocks.push({ terms, weight: Math.max(...covered.map((concept) => engineWeight(concept, corpus))) });
    at += length;
  }
  return blocks.toSorted((left, right) => left.weight - right.weight).flatMap(({ terms }) => terms);
}

/** A part number says it all, even its beginning. */
function engineWeight(concept: Concept, corpus: Corpus): number {
  if (!isKnown(concept, corpus)) return concept.kind === "code" ? Number.POSITIVE_INFINITY : 0;
  return concept.isHead ? Number.POSITIVE_INFINITY : concept.weight;
}

/** The form of a word that most documents hold which hold any of its forms. */
function engineForm(word: Word, corpus: Corpus): readonly string[] {
  const { term, near, parts, kind } = word;
  if (corpus.documents === 0) return [term];
  if (kind === "word" && near.length > 0) {
    return [[...near].reduce((best, other) => (corpus.frequency(other) > corpus.frequency(best) ? other : best), term)];
  }
  if (corpus.frequency(term) > 0) return [term];
  if (parts.length > 1) return parts;
  const bare = near.find((other) => corpus.frequency(other) > 0);
  return bare ? [bare] : (bestHalves(word, corpus) ?? [term]);
}
