import { editDistance } from "@stoa/kernel";
import { countIn, type Posting } from "./postings.ts";
import type { Scores } from "./scores.ts";
import type { Term, TextIndex } from "./text-index.ts";

const FUZZY_WEIGHT = 0.3;
const PREFIX_WEIGHT = 0.6;
/** Constants of BM25+: how soon more of a word says no more, how much less it says in a long text, and what it says at least. */
const SATURATION = 1.2;
const LENGTH_NORM = 0.7;
const LEAST = 0.5;
/** With so many times more places than candidates, each candidate is looked up instead. */
const LOOKUP_FACTOR = 16;

/** Fields that are searched alike. */
export interface FieldGroup {
  readonly fields: readonly string[];
  /** Whether the last word of a query may be the beginning of a word. */
  readonly prefix: boolean;
  readonly typosMax: number;
}

export interface TextQuery {
  /** All of these words must be found, each in any of the fields. */
  readonly words: readonly string[];
  readonly groups: readonly FieldGroup[];
  readonly boosts: Readonly<Record<string, number>>;
  /** No word may have more typos than this, whatever its group allows. */
  readonly typosMax: number;
  readonly minLength1Typo: number;
  readonly minLength2Typos: number;
}

/** A word of the index that stands for one of the query, where it stands in one field. */
interface Place {
  readonly term: string;
  readonly posting: Posting;
  readonly lengths: Uint16Array;
  readonly averageLength: number;
  /** What it is worth where it stands once in a text of no length. */
  readonly worth: number;
}

/** What a query found, in no particular order. */
export interface TextHits {
  readonly rows: readonly number[];
  /** Words of the index by which a row was found. */
  termsAt(row: number): string[];
}

/** Finds the admitted rows that have every word, and leaves their scores by row. */
export function searchText(
  index: TextIndex,
  query: TextQuery,
  scores: Scores,
  admits: (row: number) => boolean,
): TextHits {
  const byWord = query.words.map((word, at) => {
    const places = placesOf(index, query, word, at);
    return { places, size: places.reduce((sum, { posting }) => sum + posting.rows.length, 0) };
  });
  // The rarest word first: whatever does not have it need not be looked at for the others.
  const ordered = byWord.toSorted((one, other) => one.size - other.size);
  let rows: number[] | null = null;
  for (const { places, size } of ordered) {
    rows =
      rows !== null && rows.length * LOOKUP_FACTOR < size
        ? lookUp(places, rows, scores)
        : scan(places, scores, rows === null ? admits : null);
    if (rows.length === 0) break;
  }
  scores.stage += 1;
  const found = rows ?? [];
  const distinct = new Set(query.words).size;
  for (const row of found) scores.byRow[row] = (scores.byRow[row] ?? 0) * distinct;
  return {
    rows: found,
    // Another way of asking may have found it, so that it lacks some of these words.
    termsAt: (row) => {
      const has = byWord.map(({ places }) => places.filter(({ posting }) => countIn(posting, row) > 0));
      return has.every((places) => places.length > 0) ? has.flat().map(({ term }) => term) : [];
    },
  };
}

/** Goes through all places of a word. Keeps the rows that have had every word before, or those that are admitted if it is the first. */
function scan(places: readonly Place[], scores: Scores, admits: ((row: number) => boolean) | null): number[] {
  const { byRow, stages } = scores;
  const before = scores.stage;
  scores.stage += 1;
  const now = scores.stage;
  const found: number[] = [];
  for (const place of places) {
    const { rows, counts } = place.posting;
    for (let at = 0; at < rows.length; at += 1) {
      const row = rows[at] as number;
      const stage = stages[row];
      if (stage === now) byRow[row] = (byRow[row] as number) + scoreOf(place, row, counts[at] as number);
      else if (admits ? admits(row) : stage === before) {
        byRow[row] = (admits ? 0 : (byRow[row] as number)) + scoreOf(place, row, counts[at] as number);
        stages[row] = now;
        found.push(row);
      }
    }
  }
  return found;
}

/** Looks up each candidate among the places of a word. */
function lookUp(places: readonly Place[], candidates: readonly number[], scores: Scores): number[] {
  const { byRow, stages } = scores;
  scores.stage += 1;
  return candidates.filter((row) => {
    let has = false;
    for (const place of places) {
      const count = countIn(place.posting, row);
      if (count === 0) continue;
      has = true;
      byRow[row] = (byRow[row] as number) + scoreOf(place, row, count);
    }
    if (has) stages[row] = scores.stage;
    return has;
  });
}

function scoreOf({ worth, lengths, averageLength }: Place, row: number, count: number): number {
  const norm = SATURATION * (1 - LENGTH_NORM + (LENGTH_NORM * (lengths[row] as number)) / averageLength);
  return worth * (LEAST + (count * (SATURATION + 1)) / (count + norm));
}

function placesOf(index: TextIndex, query: TextQuery, word: string, at: number): Place[] {
  const isLast = at === query.words.length - 1;
  const found: Place[] = [];
  for (const group of query.groups) {
    for (const [term, { postings, weight }] of termsFor(index, word, {
      prefix: group.prefix && isLast,
      typos: allowedTypos(query, group, word),
    })) {
      for (const field of group.fields) {
        const posting = postings.get(field);
        if (!posting) continue;
        const { byRow: lengths, average: averageLength } = index.lengths(field);
        const rarity = Math.log(1 + (index.size - posting.rows.length + 0.5) / (posting.rows.length + 0.5));
        found.push({ term, posting, lengths, averageLength, worth: weight * (query.boosts[field] || 1) * rarity });
      }
    }
  }
  return found;
}

interface Weighted {
  readonly postings: Term;
  readonly weight: number;
}

/** What may stand for a word: itself, words that begin so, words that are nearly so. The farther off, the less they are worth. */
function termsFor(
  index: TextIndex,
  word: string,
  { prefix, typos }: { readonly prefix: boolean; readonly typos: number },
): Map<string, Weighted> {
  const found = new Map<string, Weighted>();
  const exact = index.term(word);
  if (exact) found.set(word, { postings: exact, weight: 1 });
  if (prefix) {
    for (const [term, postings] of index.beginningWith(word)) {
      const weight = (PREFIX_WEIGHT * term.length) / (term.length + 0.3 * (term.length - word.length));
      found.set(term, { postings, weight });
    }
  }
  if (typos === 0) return found;
  // A swap of neighbours is one edit to Typesense and two to the index, so it may look one further and is checked after.
  for (const [term, postings] of index.near(word, Math.min(2, typos + 1))) {
    if (found.has(term)) continue;
    const distance = editDistance(word, term, typos);
    if (distance <= typos) {
      found.set(term, { postings, weight: (FUZZY_WEIGHT * term.length) / (term.length + distance) });
    }
  }
  return found;
}

function allowedTypos(query: TextQuery, group: FieldGroup, word: string): number {
  const byLength = word.length < query.minLength1Typo ? 0 : word.length < query.minLength2Typos ? 1 : 2;
  return Math.min(byLength, group.typosMax, query.typosMax);
}
