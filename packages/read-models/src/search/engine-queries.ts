import type { Word } from "./analyse.ts";
import { bestHalves, type Concept, isKnown } from "./concept.ts";
import type { Group } from "./concept-groups.ts";
import type { Corpus } from "./corpus.ts";
import type { Query } from "./read-query.ts";

/** What the engine is asked: every one of these terms. */
export interface EngineQuery {
  readonly terms: readonly string[];
  /** Whether a term may hold slips of the keyboard, or be the beginning of a word. */
  readonly mayBeMistyped: boolean;
}

/** Terms that stay together, as they stand for one thing that is asked for. */
interface Block {
  readonly terms: readonly string[];
  readonly weight: number;
  readonly isKnown: boolean;
  /** Whether it names the thing itself. */
  readonly isHead: boolean;
}

const LEAVE_OUT_MAX = 6;
const SINGLES_MAX = 3;
const UNKNOWN_MAX = 2;
const QUERIES_MAX = 12;

/** All terms of a query, the most telling last; and the queries that take less, for when too few products have everything. */
export function engineQueries(
  query: Query,
  concepts: readonly Concept[],
  groups: readonly Group[],
  corpus: Corpus,
): { readonly terms: readonly string[]; readonly relaxed: readonly EngineQuery[] } {
  const blocks = blocksOf(query, concepts, groups, corpus).toSorted(
    (left, right) => Number(left.isKnown) - Number(right.isKnown) || left.weight - right.weight,
  );
  return { terms: termsOf(blocks), relaxed: relaxedQueries(blocks) };
}

/**
 * Parts of the query whose finds, put together, hold whatever may be meant: what the catalog knows; all but one of its words; pairs;
 * the most telling words alone; and the words that the catalog does not know, each alone, since they may be misspelled.
 */
function relaxedQueries(blocks: readonly Block[]): EngineQuery[] {
  const known = blocks.filter((block) => block.isKnown).toReversed();
  const unknown = blocks.filter((block) => !block.isKnown);
  const leading = known.toSorted((left, right) => Number(right.isHead) - Number(left.isHead));
  const leaveOut = (block: Block) => known.filter((other) => other !== block);
  const lists = [
    ...(unknown.length > 0 && known.length > 0 ? [known] : []),
    ...(known.length > 2 ? known.slice(-LEAVE_OUT_MAX).toReversed().map(leaveOut) : []),
    ...(known.length > 1 ? leading.slice(0, SINGLES_MAX).map((block) => [block]) : []),
    ...(known.length > 3 ? pairsOf(known) : []),
  ];
  const exact = lists.map((list): EngineQuery => ({ terms: termsOf(list.toReversed()), mayBeMistyped: false }));
  const fuzzy = (blocks.length > 1 ? unknown.slice(0, UNKNOWN_MAX) : []).map(({ terms }): EngineQuery => {
    return { terms, mayBeMistyped: true };
  });
  const each = new Map([...fuzzy, ...exact].map((one) => [one.terms.join(" "), one]));
  return [...each.values()].slice(0, QUERIES_MAX);
}

/** Each two, those with what names the thing first, then those that say most. */
function pairsOf(known: readonly Block[]): Block[][] {
  return known
    .flatMap((one, at) => known.slice(at + 1).map((other) => [one, other]))
    .toSorted((left, right) => headsIn(right) - headsIn(left) || weightOf(right) - weightOf(left));
}

function headsIn(blocks: readonly Block[]): number {
  return Number(blocks.some(({ isHead }) => isHead));
}

function weightOf(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { weight }) => sum + weight, 0);
}

function termsOf(blocks: readonly Block[]): string[] {
  return blocks.flatMap(({ terms }) => terms);
}

function blocksOf(query: Query, concepts: readonly Concept[], groups: readonly Group[], corpus: Corpus): Block[] {
  const { words } = query;
  const blocks: Block[] = [];
  for (let at = 0; at < words.length; ) {
    const group = groups.filter((one) => one.at === at).toSorted((left, right) => right.length - left.length)[0];
    const length = group?.length ?? 1;
    const covered = concepts.slice(at, at + length);
    const terms = group?.asked ?? words.slice(at, at + length).flatMap((word) => engineForm(word, corpus));
    blocks.push({
      terms,
      weight: Math.max(...covered.map(({ weight }) => weight)),
      isKnown: covered.every((concept) => isKnown(concept, corpus)),
      isHead: covered.some((concept) => concept.isHead),
    });
    at += length;
  }
  return blocks;
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
