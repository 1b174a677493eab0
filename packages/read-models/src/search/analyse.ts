import { fold } from "./fold.ts";
import { english, type Language } from "./language.ts";
import { pairsOf, type Run, runsOf } from "./scripts.ts";
import { plainNumber, quantity, unitNamed } from "./units.ts";

/** A word of a text: where it stands, and the terms by which it is found. */
export interface Word {
  readonly start: number;
  readonly end: number;
  readonly kind: "word" | "number" | "quantity" | "code" | "stop";
  /** What it is: "heated", "tshirt", "24in", "g803000". */
  readonly term: string;
  /** What it nearly is: "heat", the "24" of "24in". */
  readonly near: readonly string[];
  /** What it is made of, in order: "t" and "shirt", "g80" and "3000". */
  readonly parts: readonly string[];
  /** How it is spelled, where its term is not: what is "wirele" if it were a plural may be a slip of "wireless". Found by nothing. */
  readonly spelled?: string;
}

/** Every term that an index keeps of a word. */
export function termsOf({ term, near, parts }: Word): string[] {
  return [...new Set([term, ...near, ...parts])];
}

// A mark belongs to the letter before it; one that follows a sign, as the stroke through an arrow does, is no word's.
const LETTERS = String.raw`[\p{L}\p{N}][\p{L}\p{N}\p{M}]*`;
const CHUNK = new RegExp(String.raw`${LETTERS}(?:(?:[-‐‑–._/+&'’]|(?<=\d),(?=\d))${LETTERS})*(?:\/(?!\S))?`, "gu");
const NUMBER = String.raw`\d+(?:[.,]\d+)*`;
const QUANTITY = new RegExp(`^(${NUMBER})[-‐‑–_]?([a-z]+)$`);
const DIMENSIONS = new RegExp(`^(${NUMBER})([a-z]*)x(${NUMBER})([a-z]*)(?:x(${NUMBER})([a-z]*))?$`);
const PURE_NUMBER = new RegExp(`^${NUMBER}$`);
const packs: ReadonlySet<string> = new Set(["pack", "packs", "set", "sets", "case"]);
const TERM_LENGTH_MAX = 40;
const PARTS_MAX = 6;

interface Chunk {
  readonly text: string;
  readonly raw: string;
  readonly start: number;
  readonly end: number;
  /** Whether a part of it can be placed in the text, which it cannot where folding has made more or fewer letters of it. */
  readonly isExact: boolean;
}

/** The words of a text in their order. The same analysis makes the search index and reads what a shopper types. */
export function analyse(text: string, language: Language = english): Word[] {
  const chunks = chunksOf(text);
  const words: Word[] = [];
  for (let at = 0; at < chunks.length; at += 1) {
    const chunk = chunks[at];
    if (!chunk || isPluralInBrackets(text, chunk)) continue;
    const measured = packOf(text, chunks.slice(at, at + 3)) ?? measure(text, chunk, chunks[at + 1]);
    if (measured) {
      words.push(measured.word);
      at += measured.taken;
    } else words.push(...wordsOf(chunk, language));
  }
  return words;
}

/** Where the part of a title ends that says what the thing is; the number of words before it. */
export function mainLength(text: string, words: readonly Word[], { complementWords }: Language = english): number {
  const at = words.findIndex(
    (word, index) => index > 0 && word.kind === "stop" && complementWords.has(fold(text.slice(word.start, word.end))),
  );
  return at < 0 ? words.length : at;
}

function chunksOf(text: string): Chunk[] {
  return [...text.matchAll(CHUNK)].map((match) => {
    const [raw] = match;
    const folded = fold(raw);
    const end = match.index + raw.length;
    return { text: folded, raw, start: match.index, end, isExact: folded.length === raw.length };
  });
}

/** The "s" of "pc(s)". */
function isPluralInBrackets(text: string, { text: word, start, end }: Chunk): boolean {
  return word === "s" && text[start - 1] === "(" && text[end] === ")";
}

/** "Pack of 2", which is a 2 pack. */
function packOf(text: string, [pack, of, number]: readonly Chunk[]): { word: Word; taken: number } | null {
  if (!pack || of?.text !== "of" || !number || !packs.has(pack.text) || !/^\d+$/.test(number.text)) return null;
  if (/\S/.test(text.slice(pack.end, of.start) + text.slice(of.end, number.start))) return null;
  const word = quantityWord(number.text, "pk", pack.start, number.end);
  return { word: { ...word, near: [...word.near, pack.text] }, taken: 2 };
}

/** A number with its unit, which may be a sign, a part of the same chunk, or the next one. */
function measure(text: string, chunk: Chunk, next: Chunk | undefined): { word: Word; taken: number } | null {
  const { start } = chunk;
  if (!PURE_NUMBER.test(chunk.text)) return null;
  const sign = /^\s?(?:["”″]|''|’’)/.exec(text.slice(chunk.end, chunk.end + 3));
  if (sign) return { word: quantityWord(chunk.text, "in", start, chunk.end + sign[0].length), taken: 0 };
  if (/^['’′](?![\p{L}\p{N}'’])/u.test(text.slice(chunk.end, chunk.end + 2))) {
    return { word: quantityWord(chunk.text, "ft", start, chunk.end + 1), taken: 0 };
  }
  const following = next && /^[-\s]{1,2}$/.test(text.slice(chunk.end, next.start)) ? unitNamed(next.text) : null;
  // A lone "a" is an article, or the name of a plug, more often than it is an ampere.
  if (!next || !following || following === "a") return null;
  return { word: quantityWord(chunk.text, following, start, next.end), taken: 1 };
}

function quantityWord(number: string, unit: string, start: number, end: number): Word {
  return { start, end, kind: "quantity", term: quantity(number, unit), near: [plainNumber(number)], parts: [] };
}

function wordsOf(chunk: Chunk, language: Language): Word[] {
  const runs = runsOf(chunk.text);
  if (runs) return runs.flatMap((run) => runWords(chunk, run, language));
  return spacedWords(chunk, language);
}

/** Words cannot be told apart where no blanks are written: each two letters stand for one. */
function runWords(chunk: Chunk, { text, at, isUnspaced }: Run, language: Language): Word[] {
  if (!isUnspaced) return spacedWords(partOf(chunk, text, at), language);
  return pairsOf(text).map(({ pair, at: from }): Word => {
    const letters = [...pair];
    const near = letters.length > 1 ? letters : [];
    const { start, end } = partOf(chunk, pair, at + from);
    return { start, end, kind: "word", term: pair, near, parts: [] };
  });
}

/** A part of a chunk where it stands in the text; as much as the whole chunk where that cannot be told. */
function partOf({ raw, start, end, isExact }: Chunk, text: string, at: number): Chunk {
  if (!isExact) return { text, raw: text, start, end, isExact };
  const from = start + at;
  return { text, raw: raw.slice(at, at + text.length), start: from, end: from + text.length, isExact };
}

function spacedWords(chunk: Chunk, language: Language): Word[] {
  const { text, start, end } = chunk;
  if (PURE_NUMBER.test(text)) return [numberWord(text, start, end)];
  const within = QUANTITY.exec(text);
  const unit = within?.[2] === undefined ? null : unitNamed(within[2]);
  if (within?.[1] && unit) return [quantityWord(within[1], unit, start, end)];
  const dimensions = DIMENSIONS.exec(text);
  if (dimensions) return dimensionWords(dimensions, start, end);
  const pieces = text.split(/[/+&,]/);
  if (pieces.length === 1) return [plainWord(chunk, language)];
  let at = 0;
  const words = pieces.flatMap((piece): Word[] => {
    const from = at;
    at += piece.length + 1;
    return piece === "" ? [] : spacedWords(partOf(chunk, piece, from), language);
  });
  const joined = pieces.map(bare).join("");
  const [first, ...rest] = words;
  // A part number may hold a slash; that it is one word then is told by its first.
  if (first?.kind === "code" && pieces.length === 2 && joined.length <= TERM_LENGTH_MAX) {
    return [{ ...first, near: [...first.near, joined] }, ...rest];
  }
  return words;
}

function numberWord(text: string, start: number, end: number): Word {
  const exact = text.replaceAll(",", ".");
  const plain = plainNumber(text);
  const term = /^\d{1,3}(?:,\d{3})+$/.test(text) ? plain : exact;
  return { start, end, kind: "number", term, near: term === plain ? [] : [plain], parts: [] };
}

function dimensionWords(match: RegExpExecArray, start: number, end: number): Word[] {
  const [, one = "", oneUnit = "", two = "", twoUnit = "", three = "", threeUnit = ""] = match;
  const last = [threeUnit, twoUnit, oneUnit].map(unitNamed).find((unit) => unit !== null) ?? null;
  return [one, two, three]
    .filter(Boolean)
    .map(
      (number): Word =>
        last
          ? quantityWord(number, last, start, end)
          : { start, end, kind: "number", term: plainNumber(number), near: [], parts: [] },
    );
}

function bare(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, "");
}

/** A word that may be made of parts: "t-shirt" is found as "tshirt", "t" and "shirt", "SurgeArrest" by each half. */
function plainWord({ text, raw, start, end }: Chunk, language: Language): Word {
  const possessive = text.replace(/['’]s$/, "");
  const parts = possessive
    .split(/[-‐‑–._]/)
    .map(bare)
    .filter(Boolean);
  const whole = parts.join("").slice(0, TERM_LENGTH_MAX);
  const hasDigit = /\d/.test(whole);
  if (language.stopWords.has(possessive)) return { start, end, kind: "stop", term: possessive, near: [], parts: [] };
  const held = parts.length > 1 ? parts.slice(0, PARTS_MAX) : humpsOf(raw);
  const term = hasDigit ? whole : language.lemma(whole);
  const near = hasDigit ? [] : language.stemsOf(term);
  return {
    start,
    end,
    kind: hasDigit ? "code" : "word",
    term,
    near,
    parts: held.map((part) => (/\d/.test(part) ? part : language.lemma(part))),
    ...(term !== whole && { spelled: whole }),
  };
}

/** "SurgeArrest" → surge, arrest. Short humps are part of a name: "iPhone", "MacBook" keep what they are. */
function humpsOf(raw: string): string[] {
  const humps = raw.split(/(?<=\p{Ll})(?=\p{Lu})/u);
  return humps.length === 2 && humps.every((hump) => /^\p{L}{4,}$/u.test(hump))
    ? humps.map((hump) => bare(fold(hump)))
    : [];
}
