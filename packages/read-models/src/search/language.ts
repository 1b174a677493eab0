import { stemmer as bulgarian } from "@orama/stemmers/bulgarian";
import { stemmer as danish } from "@orama/stemmers/danish";
import { stemmer as dutch } from "@orama/stemmers/dutch";
import { stemmer as finnish } from "@orama/stemmers/finnish";
import { stemmer as french } from "@orama/stemmers/french";
import { stemmer as german } from "@orama/stemmers/german";
import { stemmer as greek } from "@orama/stemmers/greek";
import { stemmer as hungarian } from "@orama/stemmers/hungarian";
import { stemmer as italian } from "@orama/stemmers/italian";
import { stemmer as lithuanian } from "@orama/stemmers/lithuanian";
import { stemmer as norwegian } from "@orama/stemmers/norwegian";
import { stemmer as portuguese } from "@orama/stemmers/portuguese";
import { stemmer as romanian } from "@orama/stemmers/romanian";
import { stemmer as russian } from "@orama/stemmers/russian";
import { stemmer as spanish } from "@orama/stemmers/spanish";
import { stemmer as swedish } from "@orama/stemmers/swedish";
import { stemmer as turkish } from "@orama/stemmers/turkish";
import { stemmer as ukrainian } from "@orama/stemmers/ukrainian";
import { fold } from "./fold.ts";
import { lemma, stemsOf } from "./stem.ts";
import { complementWords, stopWords, withoutWords } from "./stop-words.ts";

/** How words of one language are read. Words come in as `fold` leaves them. */
export interface Language {
  /** Language subtag: "de" of "de-AT". */
  readonly code: string;
  /** The form that all inflections of a word have in common. */
  readonly lemma: (word: string) => string;
  /** What a word nearly is. */
  readonly stemsOf: (word: string) => readonly string[];
  /** Words that say nothing. */
  readonly stopWords: ReadonlySet<string>;
  /** What follows upon one of these tells what a thing is for, not what it is: "case for iPhone". */
  readonly complementWords: ReadonlySet<string>;
  /** What follows upon one of these is not there. */
  readonly withoutWords: ReadonlySet<string>;
}

/** By language subtag; words of others are found as they are written. */
const stemmers: Readonly<Record<string, (word: string) => string>> = {
  bg: bulgarian,
  da: danish,
  de: german,
  el: greek,
  es: spanish,
  fi: finnish,
  fr: french,
  hu: hungarian,
  it: italian,
  lt: lithuanian,
  nb: norwegian,
  nl: dutch,
  nn: norwegian,
  no: norwegian,
  pt: portuguese,
  ro: romanian,
  ru: russian,
  sv: swedish,
  tr: turkish,
  uk: ukrainian,
};
const STEMMED_LENGTH_MIN = 4;
const REMEMBERED_MAX = 50_000;
const WRITTEN_OUT = /^\p{L}+$/u;
const languages = new Map<string, Language>();

/** How words are read in a locale; null is English. */
export function languageOf(locale: string | null): Language {
  const [code = "en"] = (locale ?? "en").toLowerCase().split("-");
  const known = languages.get(code);
  if (known) return known;
  const made = code === "en" ? english : languageNamed(code);
  languages.set(code, made);
  return made;
}

export const english: Language = {
  code: "en",
  lemma,
  stemsOf,
  stopWords: wordsOf(stopWords.en),
  complementWords: wordsOf(complementWords.en),
  withoutWords: wordsOf(withoutWords.en),
};

function languageNamed(code: string): Language {
  const stem = stemmers[code];
  return {
    code,
    lemma: stem ? remembered(stem) : (word) => word,
    stemsOf: () => [],
    stopWords: wordsOf(stopWords[code]),
    complementWords: wordsOf(complementWords[code]),
    withoutWords: wordsOf(withoutWords[code]),
  };
}

function wordsOf(list = ""): ReadonlySet<string> {
  return new Set(list.split(" ").filter(Boolean).map(fold));
}

/** Stemming takes some microseconds, and the words of a catalog recur. */
function remembered(stem: (word: string) => string): (word: string) => string {
  const known = new Map<string, string>();
  return (word) => {
    if (word.length < STEMMED_LENGTH_MIN || !WRITTEN_OUT.test(word)) return word;
    const found = known.get(word);
    if (found !== undefined) return found;
    if (known.size >= REMEMBERED_MAX) known.clear();
    const made = stem(word);
    known.set(word, made);
    return made;
  };
}
