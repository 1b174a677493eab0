import type { Concept } from "./concept.ts";
import type { Corpus } from "./corpus.ts";
import type { Fields } from "./match.ts";

/** Words behind a noun that may be what the thing really is: "hood" of "lens hood", "case" of "projector carrying case". */
const AHEAD = 2;
/** In fewer products than this a word has no habits yet. */
const HABIT_MIN = 5;
/** From this share on of the products with a word that are called by it, it is what things are called; up to that it is not. */
const naming = { full: 0.4, least: 0.15 } as const;
const HAS_DIGIT = /\d/;
/** How far another name speaks against the one that is asked for. */
const DOUBT = 0.7;
/** The same where only the category says what is asked for: somebody has put it there, whatever its title calls it. */
const DOUBT_IN_KIND = 0.35;

export interface Known {
  /** Every term of the query: what is asked for does not stand instead of it. */
  readonly asked: ReadonlySet<string>;
  readonly corpus: Corpus;
}

/**
 * How far a product is called by what a query names, 0 to 1: not where its title says only that it is for that, and the less the more what
 * stands behind it is what other things are called, as the hood of a lens hood.
 */
export function namesIt(concept: Concept, fields: Fields, { asked, corpus }: Known): number {
  const othersIn = (words: readonly string[]) => Math.max(0, ...words.map((word) => isCalledBy(word, corpus)));
  const places = wordsBehind(concept, fields.titleTerms ?? "", asked);
  if (places.length > 0) return 1 - DOUBT * Math.min(...places.map(othersIn));
  const says = (text = "") =>
    concept.alternatives.some(({ terms }) => terms.every((term) => text.includes(` ${term} `)));
  if (says(fields.restTerms)) return 0;
  if (says(fields.brandTerms) || says(fields.codeTerms)) return 1;
  return says(fields.kindTerms) ? 1 - DOUBT_IN_KIND * othersIn(headsBeside(fields.heads, asked)) : 0;
}

/** Words whose habits tell whether a product is called by what a query names. */
export function wordsToKnow(
  concept: Concept,
  { titleTerms = "", heads }: Fields,
  asked: ReadonlySet<string>,
): string[] {
  const places = wordsBehind(concept, titleTerms, asked);
  return places.length > 0 ? places.flat() : headsBeside(heads, asked);
}

/** How much a word is what things are called, 0 to 1. */
function isCalledBy(word: string, corpus: Corpus): number {
  const frequency = corpus.frequency(word);
  if (frequency < HABIT_MIN) return 0;
  const share = corpus.headFrequency(word) / frequency;
  return share < naming.least ? 0 : Math.min(1, share / naming.full);
}

/** For each place where a title says it, the words behind it, up to the next number. */
function wordsBehind({ alternatives }: Concept, title: string, asked: ReadonlySet<string>): string[][] {
  const places: string[][] = [];
  for (const { terms } of alternatives) {
    const said = ` ${terms.at(-1)} `;
    for (let at = title.indexOf(said); at >= 0; at = title.indexOf(said, at + 1)) {
      places.push(nextWords(title, at + said.length).filter((word) => !asked.has(word)));
    }
  }
  return places;
}

function nextWords(title: string, from: number): string[] {
  const words: string[] = [];
  for (let at = from; words.length < AHEAD && at < title.length; ) {
    const end = title.indexOf(" ", at);
    const word = title.slice(at, end);
    if (HAS_DIGIT.test(word)) break;
    words.push(word);
    at = end + 1;
  }
  return words;
}

function headsBeside(heads = "", asked: ReadonlySet<string>): string[] {
  return heads.split(" ").filter((head) => head !== "" && !asked.has(head));
}
