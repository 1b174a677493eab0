import { analyse, mainLength, type Word } from "./analyse.ts";
import { english, type Language } from "./language.ts";
import { lemma } from "./stem.ts";
import { plainNumber } from "./units.ts";

export interface Query {
  /** What is asked for, without words that say nothing. */
  readonly words: readonly Word[];
  /** How many of the words say what the thing is; others say what it is for. */
  readonly mainWords: number;
  /** Places of words that stand beside the word before them as its equal: "mouse" in "keyboard and mouse". */
  readonly joined: ReadonlySet<number>;
  /** What the thing is to be without. */
  readonly unwanted: readonly Word[];
  /** What it may cost at most, in whole units of whatever currency is asked in; null where nothing is said. */
  readonly budget: number | null;
}

const WORDS_MAX = 16;
/** How shoppers speak to a shop: of the thing itself it says nothing. */
const fillers: ReadonlySet<string> = new Set(
  "affordable also am any best but buy can cheap cheapest could do does easy easily find get good great have help i inexpensive just like looking me need nice not online please put really should so some something that them they use very want when where which while will would you".split(
    " ",
  ),
);
/** A present is of no kind: what it is for says all of it. So shoppers begin, before "for". */
const presents: ReadonlySet<string> = new Set(["gift", "present"]);
const occasions: ReadonlySet<string> = new Set(
  "gift present idea birthday christmas xmas anniversary wedding graduation valentine easter".split(" ").map(lemma),
);
const denials: Readonly<Record<string, ReadonlySet<string>>> = { en: new Set(["no", "non"]) };
const limits: ReadonlySet<string> = new Set(["under", "below", "than"]);
const comparisons: ReadonlySet<string> = new Set(["less", "cheaper", "lower"]);
const currencies: ReadonlySet<string> = new Set(["dollar", "usd", "buck", "euro", "eur", "gbp", "quid"]);
const JOINED = /(?:^|\s)(?:and|&|\+|und|et|y|e|en|och|og)\s/;

/** Takes a shopper's text apart. Words that say nothing are left out unless there is nothing else. */
export function readQuery(text: string, language: Language = english): Query {
  const all = analyse(text, language);
  const main = mainLength(text, all, language);
  const without = all.findIndex(({ term, kind }) => kind === "stop" && language.withoutWords.has(term));
  const denied = deniedPlaces(all, language);
  const isWanted = (at: number) => (without < 0 || at < without) && !denied.has(at);
  const budget = budgetPlaces(all);
  const amount = all.find(({ kind }, at) => kind === "number" && budget.has(at));
  const silent = silentPlaces(all, language);
  const isTelling = (word: Word, at: number) =>
    word.kind !== "stop" && isWanted(at) && !budget.has(at) && !denied.has(at + 1) && !silent.has(at);
  const telling = all.flatMap((word, at) => (isTelling(word, at) ? [{ word, at }] : []));
  const speaking = telling.filter(({ word }) => !fillers.has(word.term));
  const kept = (speaking.length > 0 ? speaking : telling).slice(0, WORDS_MAX);
  if (kept.length === 0)
    return bareQuery(
      all.filter(({ kind }) => kind !== "stop"),
      all,
    );
  const mainWords = kept.filter(({ at }) => at < main).length;
  return {
    words: kept.map(({ word }) => word),
    mainWords: mainWords === 0 ? kept.length : mainWords,
    joined: new Set(kept.flatMap(({ word }, at) => (isJoined(text, kept[at - 1]?.word, word) ? [at] : []))),
    unwanted: all.filter(({ kind }, at) => kind !== "stop" && !isWanted(at)).slice(0, WORDS_MAX),
    budget: amount ? Number(plainNumber(amount.term)) : null,
  };
}

/** A text's words in the form by which rules for a query are found. */
export function queryKey(text: string): string {
  return readQuery(text)
    .words.map((word) => word.term)
    .join(" ");
}

/**
 * "printer no wifi": the word behind "no" is one that the thing is to be without. What begins with it is called so ("no show socks"), and
 * so is what is numbered ("cartridge no 17").
 */
function deniedPlaces(words: readonly Word[], { code }: Language): ReadonlySet<number> {
  const isDenial = ({ term, kind }: Word, at: number) =>
    denials[code]?.has(term) && kind === "word" && words.slice(0, at).some((word) => word.kind !== "stop");
  return new Set(words.flatMap((word, at) => (isDenial(word, at) && words[at + 1]?.kind === "word" ? [at + 1] : [])));
}

/** "Birthday gift for" somebody, and the "old" of "5 year old": neither stands in what is meant. */
function silentPlaces(words: readonly Word[], language: Language): ReadonlySet<number> {
  if (language.code !== "en") return new Set();
  const isOpening = ({ kind, term }: Word) => kind === "stop" || occasions.has(term) || fillers.has(term);
  const end = words.findIndex((word) => !isOpening(word));
  const opening = words.slice(0, Math.max(0, end));
  const present = opening.findLastIndex(({ term }) => presents.has(term));
  const isFor = present >= 0 && opening.slice(present).some(({ term }) => language.complementWords.has(term));
  const isAge = ({ term }: Word, at: number) => term === "old" && /^\d+yr$/.test(words[at - 1]?.term ?? "");
  return new Set(words.flatMap((word, at) => ((isFor && at < end) || isAge(word, at) ? [at] : [])));
}

/** Nothing but words that are usually left out. */
function bareQuery(telling: readonly Word[], all: readonly Word[]): Query {
  const words = (telling.length > 0 ? telling : all).slice(0, WORDS_MAX);
  return { words, mainWords: words.length, joined: new Set(), unwanted: [], budget: null };
}

/** "under 200 dollars": a price is no word that stands in a product. */
function budgetPlaces(words: readonly Word[]): ReadonlySet<number> {
  const places = new Set<number>();
  words.forEach(({ term }, at) => {
    if (!limits.has(term) || words[at + 1]?.kind !== "number") return;
    const isCompared = comparisons.has(words[at - 1]?.term ?? "");
    if (term === "than" && !isCompared) return;
    places.add(at).add(at + 1);
    if (isCompared) places.add(at - 1);
    if (currencies.has(words[at + 2]?.term ?? "")) places.add(at + 2);
  });
  return places;
}

function isJoined(text: string, before: Word | undefined, word: Word): boolean {
  return (
    before?.kind === "word" && word.kind === "word" && JOINED.test(text.slice(before.end, word.start).toLowerCase())
  );
}
