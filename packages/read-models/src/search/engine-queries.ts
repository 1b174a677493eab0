import type { Word } from "./analyse.ts";
import { bestHalves, type Concept, isDoubtful, isKnown, isWhole, namedByLast } from "./concept.ts";
import type { Group } from "./concept-groups.ts";
import type { Corpus } from "./corpus.ts";
import type { Query } from "./read-query.ts";

/** What the engine is asked: every one of these terms. */
export interface EngineQuery {
  readonly terms: readonly string[];
  /** Whether a term may hold slips of the keyboard, or be the beginning of a word. */
  readonly mayBeMistyped: boolean;
  /** Whether near words are looked for even where some product has the terms as they are. */
  readonly isDoubtful?: boolean;
  /** Whether only the terms as they are count, and nothing that means the same. */
  readonly isLiteral?: boolean;
}

/** Terms that stay together, as they stand for one thing that is asked for. */
interface Block {
  readonly terms: readonly string[];
  readonly weight: number;
  readonly isKnown: boolean;
  /** Whether what few products have it may have it by mistake. */
  readonly isDoubtful: boolean;
  /** Whether it names the thing itself. */
  readonly isHead: boolean;
  /** What it is called besides. */
  readonly others: readonly (readonly string[])[];
  /** Itself as it is spelled, where the catalog does not have it in one piece and something else is asked for. */
  readonly spelled: readonly string[] | null;
  /** Of several words that stand for one thing which hardly any product is called, each for itself; else nothing. */
  readonly words: readonly Block[];
}

const LEAVE_OUT_MAX = 6;
const SINGLES_MAX = 3;
const UNKNOWN_MAX = 2;
const QUERIES_MAX = 12;
const REWORDED_MAX = 4;
/** An engine hands over about as many products for a part of a query. */
const OUTNUMBERED_MIN = 40;
/**
 * What an engine has to look at for the parts of one query, in places where a term stands in a product. Where every word is in tens
 * of thousands of products only the best parts are asked for.
 */
const PLACES_MAX = 20_000;

export interface EngineQueries {
  /** All terms of the query, the most telling last. */
  readonly terms: readonly string[];
  /** The same in other words, for an engine that knows no synonyms of the language. */
  readonly reworded: readonly EngineQuery[];
  /** Queries that take less, for when too few products have everything. */
  readonly relaxed: readonly EngineQuery[];
}

/** What the engine is asked for a query, and may be asked besides. */
export function engineQueries(
  query: Query,
  concepts: readonly Concept[],
  groups: readonly Group[],
  corpus: Corpus,
): EngineQueries {
  const blocks = blocksOf(query, concepts, groups, corpus).toSorted(
    (left, right) => Number(left.isKnown) - Number(right.isKnown) || left.weight - right.weight,
  );
  return { terms: termsOf(blocks), reworded: rewordedQueries(blocks), relaxed: relaxedQueries(blocks, corpus) };
}

function rewordedQueries(blocks: readonly Block[]): EngineQuery[] {
  const lists = blocks.flatMap((block) =>
    block.others.map((terms) => termsOf(blocks.map((one) => (one === block ? { terms } : one)))),
  );
  return lists.slice(0, REWORDED_MAX).map((terms) => ({ terms, mayBeMistyped: false }));
}

/**
 * Parts of the query whose finds, put together, hold whatever may be meant: what the catalog knows; all but one of its words; pairs;
 * the most telling words alone; and the words that the catalog does not know, each alone, since they may be misspelled.
 */
function relaxedQueries(blocks: readonly Block[], corpus: Corpus): EngineQuery[] {
  const known = blocks.filter((block) => block.isKnown).toReversed();
  const unknown = blocks.filter((block) => !block.isKnown);
  const single = known.flatMap((block) => (block.words.length > 0 ? [block, ...block.words] : [block]));
  const leading = single.toSorted((left, right) => Number(right.isHead) - Number(left.isHead));
  const leaveOut = (block: Block) => known.filter((other) => other !== block);
  const lists = [
    ...(unknown.length > 0 && known.length > 0 ? [known] : []),
    ...(known.length > 2 ? known.slice(-LEAVE_OUT_MAX).toReversed().map(leaveOut) : []),
    ...(single.length > 1 ? leading.slice(0, SINGLES_MAX).map((block) => [block]) : []),
    ...(known.length > 3 ? pairsOf(known) : []),
  ];
  const exact = lists.map((list): EngineQuery => ({ terms: termsOf(list.toReversed()), mayBeMistyped: false }));
  const mistyped = (terms: readonly string[]): EngineQuery => ({ terms, mayBeMistyped: true });
  const fuzzy = (blocks.length > 1 ? unknown.slice(0, UNKNOWN_MAX) : []).flatMap(({ terms, spelled }) =>
    [terms, ...(spelled ? [spelled] : [])].map(mistyped),
  );
  const asSpelled = blocks.some(({ spelled }) => spelled !== null)
    ? [mistyped(termsOf(blocks.map((block) => (block.spelled ? { terms: block.spelled } : block))))]
    : [];
  const literal = (single.length > 1 ? known : [])
    .filter((block) => block.isHead && isOutnumbered(block, corpus))
    .map(({ terms }): EngineQuery => ({ terms, mayBeMistyped: false, isLiteral: true }));
  const doubtful = known.filter((block) => block.isDoubtful).slice(0, 1);
  const wider = doubtful.map(({ terms }): EngineQuery => ({ terms, mayBeMistyped: true, isDoubtful: true }));
  const [first, ...others] = exact;
  const ordered = [...asSpelled, ...(first ? [first] : []), ...wider, ...fuzzy, ...literal, ...others];
  // The first of those that look for the same words stays: who looks for near words finds these as well.
  const keyOf = ({ terms, isLiteral = false }: EngineQuery) => `${terms.join(" ")}${isLiteral ? "!" : ""}`;
  const each = new Map(ordered.toReversed().map((one) => [keyOf(one), one] as const));
  const queries = ordered.filter((one) => each.get(keyOf(one)) === one);
  return affordable(queries.slice(0, QUERIES_MAX), corpus);
}

/** Whether so many products are called otherwise that the few called so might not be handed over, unless they are asked for by themselves. */
function isOutnumbered({ terms, others }: Block, corpus: Corpus): boolean {
  const inProducts = (phrase: readonly string[]) => Math.min(...phrase.map((term) => corpus.frequency(term)));
  const own = inProducts(terms);
  return own > 0 && others.some((phrase) => inProducts(phrase) > Math.max(own, OUTNUMBERED_MIN));
}

/** The first one, and what can be asked besides. */
function affordable(queries: readonly EngineQuery[], corpus: Corpus): EngineQuery[] {
  let places = 0;
  return queries.filter(({ terms }, at) => {
    const own = terms.reduce((sum, term) => sum + corpus.frequency(term), 0);
    if (at > 0 && places + own > PLACES_MAX) return false;
    places += own;
    return true;
  });
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

function termsOf(blocks: readonly Pick<Block, "terms">[]): string[] {
  return blocks.flatMap(({ terms }) => terms);
}

function blocksOf(query: Query, concepts: readonly Concept[], groups: readonly Group[], corpus: Corpus): Block[] {
  const { words } = query;
  const blocks: Block[] = [];
  for (let at = 0; at < words.length; ) {
    const group = groups.filter((one) => one.at === at).toSorted((left, right) => right.length - left.length)[0];
    const length = group?.length ?? 1;
    const covered = concepts.slice(at, at + length);
    const each = words.slice(at, at + length).flatMap((word, index) => {
      const concept = covered[index];
      return concept ? [wordBlock(word, concept, corpus)] : [];
    });
    blocks.push(blockOf(each, group, corpus));
    at += length;
  }
  // Who says a word twice asks for it once.
  return [...new Map(blocks.map((block) => [block.terms.join(" "), block])).values()];
}

/** What stands for one thing: a word, or several that mean something together. */
function blockOf(each: readonly Block[], group: Group | undefined, corpus: Corpus): Block {
  const terms = group?.asked ?? each.flatMap((block) => block.terms);
  const phrases = group?.phrases ?? [];
  const others = phrases.filter((phrase) => phrase.join(" ") !== terms.join(" "));
  const [only, ...rest] = each;
  if (only && rest.length === 0) return { ...only, terms, others };
  return {
    terms,
    weight: Math.max(...each.map(({ weight }) => weight)),
    isKnown: each.every((block) => block.isKnown),
    isDoubtful: false,
    isHead: each.some((block) => block.isHead),
    others,
    spelled: null,
    words: isLikely([terms, ...phrases], corpus) ? [] : each,
  };
}

/** Whether some product would have one of these phrases, if each word stood wherever it does regardless of the others. */
function isLikely(phrases: readonly (readonly string[])[], corpus: Corpus): boolean {
  const share = (term: string) => corpus.frequency(term) / Math.max(1, corpus.documents);
  return phrases.some((terms) => terms.reduce((found, term) => found * share(term), corpus.documents) >= 1);
}

function wordBlock(word: Word, concept: Concept, corpus: Corpus): Block {
  const terms = engineForm(word, corpus);
  const { spelled = word.term } = word;
  const last = word.kind === "word" && terms.length > 1 && word.parts.length === 0 ? namedByLast(terms, corpus) : null;
  const isOdd = word.kind === "word" && !isWhole(concept, corpus) && terms.join(" ") !== spelled;
  const block = {
    terms,
    weight: concept.weight,
    isKnown: isKnown(concept, corpus),
    isDoubtful: isDoubtful(concept, corpus),
    isHead: concept.isHead,
    others: [],
    spelled: isOdd ? [spelled] : null,
    words: [],
  };
  return last === null ? block : { ...block, words: [{ ...block, terms: [last], spelled: null }] };
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
