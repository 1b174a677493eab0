import { editDistance } from "@stoa/kernel";
import { analyse } from "./analyse.ts";
import { english, type Language } from "./language.ts";

const PHRASE_WORDS_MAX = 5;

/** Phrases that mean the same, each a list of terms. With `from`, only who asks for that finds the phrases. */
export interface SynonymGroup {
  readonly from: readonly string[] | null;
  readonly phrases: readonly (readonly string[])[];
}

/** What else a phrase may be called. */
export interface Synonym {
  /** The phrase as the rules have it. */
  readonly phrase: readonly string[];
  readonly others: readonly (readonly string[])[];
}

/** By what a query may say, its spaces left out: "t shirt", "t-shirt" and "tshirt" are one. */
export type Synonyms = ReadonlyMap<string, Synonym>;

/** The terms of a phrase, or null for one that holds no word or too many. */
export function phraseOf(text: string, language: Language = english): readonly string[] | null {
  const terms = analyse(text, language).flatMap((word) => (word.kind === "stop" ? [] : [word.term]));
  return terms.length === 0 || terms.length > PHRASE_WORDS_MAX ? null : terms;
}

/** Reads groups, one a line: `sofa, couch` or, one way only, `dslr > slr`. Phrases that hold no word are left out. */
export function parseSynonyms(text: string): SynonymGroup[] {
  return text.split("\n").flatMap((line) => {
    const [left = "", right] = line.split(">");
    const phrases = (right ?? left).split(",").flatMap((phrase) => {
      const terms = phraseOf(phrase);
      return terms ? [terms] : [];
    });
    return phrases.length === 0 ? [] : [{ from: right === undefined ? null : phraseOf(left), phrases }];
  });
}

/** Groups that were read as English in the terms of another language. */
export function groupsIn(groups: readonly SynonymGroup[], language: Language): SynonymGroup[] {
  const phrasesIn = (phrases: SynonymGroup["phrases"]) =>
    phrases.flatMap((phrase) => {
      const terms = phraseOf(phrase.join(" "), language);
      return terms ? [terms] : [];
    });
  return groups.flatMap(({ from, phrases }) => {
    const [own = null] = from ? phrasesIn([from]) : [];
    return from && !own ? [] : [{ from: own, phrases: phrasesIn(phrases) }];
  });
}

const SLIP_LENGTH_MIN = 5;
/** What was made of synonyms: each of their words by what is left of it without one of its letters. */
const shortened = new WeakMap<Synonyms, ReadonlyMap<string, Synonym>>();

/**
 * What means the same as the word that this one may be a slip of: "laptp", in a catalog of notebooks. Two words that are one slip apart have
 * a form in common that one or both of them lose a letter for. The first letter is hardly ever wrong.
 */
export function misspelledSynonym(word: string, synonyms: Synonyms): Synonym | null {
  if (word.length < SLIP_LENGTH_MIN) return null;
  const known = shortened.get(synonyms) ?? shortenedWords(synonyms);
  shortened.set(synonyms, known);
  const found = formsWithout(word).flatMap((form) => known.get(form) ?? []);
  return found.find(({ phrase: [term = ""] }) => editDistance(word, term, 1) === 1) ?? null;
}

function shortenedWords(synonyms: Synonyms): ReadonlyMap<string, Synonym> {
  const single = [...synonyms.values()].filter(
    ({ phrase: [term = "", ...rest] }) => rest.length === 0 && term.length >= SLIP_LENGTH_MIN,
  );
  return new Map(single.flatMap((one) => formsWithout(one.phrase[0] ?? "").map((form) => [form, one] as const)));
}

/** The word itself, and with any letter but the first left out. */
function formsWithout(word: string): string[] {
  return [word, ...Array.from(word, (_, at) => word.slice(0, at) + word.slice(at + 1)).slice(1)];
}

/** Makes groups quick to look up. */
export function synonymsOf(groups: readonly SynonymGroup[]): Synonyms {
  const found = new Map<string, Synonym>();
  for (const { from, phrases } of groups) {
    for (const phrase of from ? [from] : phrases) {
      const key = phrase.join("");
      const others = phrases.filter((other) => other.join("") !== key);
      const known = found.get(key);
      found.set(key, { phrase: known?.phrase ?? phrase, others: [...(known?.others ?? []), ...others] });
    }
  }
  return found;
}
