import type { Alternative, Concept } from "./concept.ts";
import { type Corpus, type SearchField, searchFieldNames, searchFields } from "./corpus.ts";

/** A product's analysed fields, each with a blank at both ends, so that a whole term is found as ` term `. */
export type Fields = Readonly<Partial<Record<SearchField | "heads" | "kindHeads", string | undefined>>>;

const COUNT_MAX = 3;
/** Terms of one phrase may have this many places between them: variants of a word take one each. */
export const GAP_MAX = 3;
const strongFields: readonly SearchField[] = ["titleTerms", "restTerms", "brandTerms", "kindTerms", "codeTerms"];
/** A word that only a description or an attribute mentions may be about something else. */
const WEAK_COVERAGE = 0.75;

/** The concept with the alternatives that can be anywhere in the product: most synonyms are nowhere. */
export function presentIn(whole: string, concept: Concept): Concept {
  const alternatives = concept.alternatives.filter(({ terms }) => terms.every((term) => whole.includes(` ${term} `)));
  return { ...concept, alternatives };
}

/** What a product has of one thing that is asked for. */
export interface Match {
  /** How often it is there, each field by its weight and length. */
  readonly frequency: number;
  /** The weight of the best alternative that is there at all, less where only a weak field has it. */
  readonly best: number;
  /** Whether a field has it that says what the product is. */
  readonly isStrong: boolean;
  /** Where in the title. */
  readonly places: readonly number[];
}

/** Where a product has it, and how often. */
export function matchOf(concept: Concept, fields: Fields, corpus: Corpus): Match {
  let frequency = 0;
  let best = 0;
  let isStrong = false;
  const places: number[] = [];
  for (const name of concept.alternatives.length === 0 ? [] : searchFieldNames) {
    const text = fields[name];
    if (text === undefined) continue;
    let count = 0;
    const isStrongField = strongFields.includes(name);
    for (const alternative of concept.alternatives) {
      const found = name === "titleTerms" ? placesOf(alternative, text) : [];
      const times = name === "titleTerms" ? found.length : countIn(alternative, text);
      if (times === 0) continue;
      count = Math.max(count, alternative.weight * Math.min(times, COUNT_MAX));
      best = Math.max(best, alternative.weight * (isStrongField ? 1 : WEAK_COVERAGE));
      places.push(...found);
    }
    if (count === 0) continue;
    isStrong ||= isStrongField;
    const { weight, lengthNorm } = searchFields[name];
    const length = wordCount(text) / corpus.averageLength(name);
    frequency += (weight * count) / (1 + lengthNorm * (length - 1));
  }
  return { frequency, best, isStrong, places };
}

/** How often an alternative stands in a field, counted up to what matters. */
function countIn(alternative: Alternative, text: string): number {
  const [term = "", ...rest] = alternative.terms;
  if (rest.length > 0) return placesOf(alternative, text).length;
  let count = 0;
  for (let at = text.indexOf(` ${term} `); at >= 0 && count < COUNT_MAX; at = text.indexOf(` ${term} `, at + 1))
    count += 1;
  return count;
}

/** The places, counted in terms, where an alternative stands in a field. */
export function placesOf({ terms }: Alternative, text: string): number[] {
  const [first = "", ...rest] = terms;
  // Most fields hold none of it, which this tells without taking the field apart.
  if (!terms.every((term) => text.includes(` ${term} `))) return [];
  const words = text.trim().split(" ");
  return words.flatMap((word, at) => (word === first && follow(rest, words, at) ? [at] : []));
}

function follow(terms: readonly string[], words: readonly string[], from: number): boolean {
  let at = from;
  return terms.every((term) => {
    const next = words.slice(at + 1, at + 1 + GAP_MAX).indexOf(term);
    at += next + 1;
    return next >= 0;
  });
}

function wordCount(text: string): number {
  let count = -1;
  for (let at = text.indexOf(" "); at >= 0; at = text.indexOf(" ", at + 1)) count += 1;
  return Math.max(1, count);
}
