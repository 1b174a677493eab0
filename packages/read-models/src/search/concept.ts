import type { Word } from "./analyse.ts";
import type { Corpus } from "./corpus.ts";

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
  /** See `Word`. */
  readonly spelled?: string | undefined;
}

const weights = { stem: 0.7, parts: 0.9, halves: 0.8, lastHalf: 0.4, bareNumber: 0.3 } as const;
const HALF_LENGTH_MIN = 3;
const HALVED_LENGTH_MAX = 20;
/** Halves that hardly any product has are no words. */
const HALF_FREQUENCY_MIN = 1;

/** Whether the catalog has a word, in whatever form. A part number is known only as a whole: its parts are in many others. */
export function isKnown({ alternatives, kind }: Concept, corpus: Corpus): boolean {
  if (corpus.documents === 0) return true;
  const decisive = kind === "code" ? alternatives.slice(0, 1) : alternatives;
  return decisive.some(({ terms }) => terms.every((term) => corpus.frequency(term) > 0));
}

/** Whether the catalog has a word in one piece: "telvision" is not the vision of a tel, only because it has both. */
export function isWhole({ alternatives, ...concept }: Concept, corpus: Corpus): boolean {
  return isKnown({ ...concept, alternatives: alternatives.filter(({ terms }) => terms.length === 1) }, corpus);
}

/** With fewer products than this, a word may well be in one of them only. */
const LARGE_CATALOG = 2_000;
const DOUBTFUL_LENGTH_MIN = 5;

/** Whether hardly any product of a large catalog has a word, so that it may be a slip that somebody in the shop has made as well. */
export function isDoubtful({ alternatives, kind }: Concept, corpus: Corpus): boolean {
  const term = alternatives[0]?.terms.join("") ?? "";
  if (kind !== "word" || term.length < DOUBTFUL_LENGTH_MIN || corpus.documents < LARGE_CATALOG) return false;
  const most = Math.max(...alternatives.map(({ terms }) => Math.min(...terms.map((one) => corpus.frequency(one)))));
  return most > 0 && most <= Math.max(2, corpus.documents / 10_000);
}

/** Inverse document frequency of what says it best; the same for all while nothing is known of the catalog. */
export function rarity(alternatives: readonly Alternative[], corpus: Corpus): number {
  if (corpus.documents === 0) return 1;
  const counts = alternatives
    .filter(({ weight }) => weight >= weights.halves)
    .map(({ terms }) => Math.min(...terms.map((term) => corpus.frequency(term))));
  const frequency = Math.min(corpus.documents, Math.max(0, ...counts));
  return Math.log(1 + (corpus.documents - frequency + 0.5) / (frequency + 0.5));
}

/** What a word is found by, with nothing known of what means the same. */
export function ownAlternatives(word: Word, corpus: Corpus): Alternative[] {
  const { term, near, parts, kind } = word;
  const known = near.filter((other) => corpus.frequency(other) > 0);
  const nearWeight = kind === "quantity" ? weights.bareNumber : weights.stem;
  const found: Alternative[] = [
    { terms: [term], weight: 1 },
    ...known.map((other) => ({ terms: [other], weight: nearWeight })),
  ];
  if (parts.length > 1) return [...found, { terms: parts, weight: weights.parts }];
  const halves = bestHalves(word, corpus);
  if (!halves) return found;
  const named = namedByLast(halves, corpus);
  return [
    ...found,
    { terms: halves, weight: weights.halves },
    ...(named ? [{ terms: [named], weight: weights.lastHalf }] : []),
  ];
}

/** From this share on of the products with a word that are called by it, it may be what a compound of it is. */
const NAMING_SHARE = 0.15;

/** The second half of a compound, if products are called by it: a smartwatch is a watch, whatever else a catalog writes apart. */
export function namedByLast([, last = ""]: readonly string[], corpus: Corpus): string | null {
  return corpus.headFrequency(last) >= NAMING_SHARE * Math.max(1, corpus.frequency(last)) ? last : null;
}

/** "hairdryer" may be found as "hair dryer", "iphone12" as "iphone 12", if the catalog has both. */
export function bestHalves(word: Word, corpus: Corpus): readonly string[] | null {
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

/** Every way to take a word for two. */
export function halvesOf({ term, kind, parts }: Word): string[][] {
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
