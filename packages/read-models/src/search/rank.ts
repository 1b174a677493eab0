import type { Alternative, Concept } from "./concept.ts";
import { type Corpus, type SearchField, searchFieldNames, searchFields } from "./corpus.ts";
import { corrected } from "./correct.ts";
import type { QueryPlan } from "./query.ts";

/** A product that the search engine has found: its analysed fields, terms with a blank between, and what decides between equals. */
export interface Candidate extends Readonly<Partial<Record<SearchField, string>>> {
  readonly id: string;
  /** What its title names. */
  readonly heads?: string | undefined;
  /** What its categories name. */
  readonly kindHeads?: string | undefined;
  /** Its own category; products of one category share it. */
  readonly kind?: string | undefined;
  readonly inStock?: boolean | undefined;
  readonly sold?: number | undefined;
}

/** A candidate in its place. */
export interface Ranked {
  readonly id: string;
  /** How well it fits; comparable within one query only. 0: nothing of the query is there. */
  readonly score: number;
}

/** How soon more of the same says no more; larger is later. */
const SATURATION = 3;
/** How much is lost with what is missing; 1 in proportion. */
const COVERAGE = 1.5;
const bonus = { head: 0.5, phrase: 0.2, kind: 0.6 } as const;
/** A category of a few products proves little. */
const KIND_SIZE_PRIOR = 5;
const COUNT_MAX = 3;
/** Terms of one phrase may have this many places between them: variants of a word take one each. */
const GAP_MAX = 3;
const strongFields: readonly SearchField[] = ["titleTerms", "restTerms", "brandTerms", "kindTerms", "codeTerms"];
/** A word that only a description or an attribute mentions may be about something else. */
const WEAK_COVERAGE = 0.75;
/** What names the thing says less where it only goes with it: "chairs" of "Table with 4 chairs" for who looks for chairs. */
const HEAD_ELSEWHERE = 0.5;
/** What is left of a product that has what the shopper does not want. */
const UNWANTED = 0.6;
/** What becomes of one that says that it has none of it. */
const WITHOUT_IT = 1.2;
/** Scores that differ by less are equal, and stock and sales decide. */
const SCORE_STEP = 0.005;

/**
 * The candidates by how well they fit, best first. A weighted sum over fields that saturates (BM25F), times what part of the query is
 * there at all, with a bonus for being the thing itself, for words side by side, and for the category that the query speaks of.
 */
export function rankCandidates(plan: QueryPlan, candidates: readonly Candidate[], corpus: Corpus): Ranked[] {
  const fields = candidates.map(readFields);
  const concepts = plan.mayBeCorrected
    ? plan.concepts.map((concept) => corrected(concept, fields, corpus))
    : plan.concepts;
  const needed = concepts.some(({ kind }) => kind === "word")
    ? concepts.filter(({ kind }) => kind === "word")
    : concepts;
  const scores = fields.map((own) => scoreOf({ concepts, needed }, own, corpus));
  const kinds = kindShares(candidates, scores, corpus);
  const scored = candidates.map((candidate, at) => {
    const kind = 1 + bonus.kind * (kinds.get(candidate.kind ?? "") ?? 0);
    const score = (scores[at]?.score ?? 0) * kind * shareBy(plan, fields[at]);
    return { candidate, score, step: Math.round(score / SCORE_STEP), at };
  });
  const better = (left: (typeof scored)[number], right: (typeof scored)[number]) =>
    right.step - left.step ||
    Number(right.candidate.inStock ?? false) - Number(left.candidate.inStock ?? false) ||
    (right.candidate.sold ?? 0) - (left.candidate.sold ?? 0) ||
    left.at - right.at;
  return scored.toSorted(better).map(({ candidate: { id }, score }) => ({ id, score }));
}

/**
 * What a product's score is worth by what the thing is to be without: less where its title or category speaks of it, more where it says
 * that there is none of it. "Without" ends what a title says that a product is.
 */
function shareBy({ unwanted }: QueryPlan, fields: Fields = {}): number {
  let share = 1;
  for (const term of unwanted) {
    const said = `${fields.titleTerms ?? ""}${fields.kindTerms ?? ""}`;
    const undenied = said.replaceAll(` no ${term} `, " ").replaceAll(` non ${term} `, " ");
    if (undenied.includes(` ${term} `)) return UNWANTED;
    if (undenied !== said) share = WITHOUT_IT;
  }
  return share;
}

type FieldName = SearchField | "heads" | "kindHeads";
/** Each field with a blank at both ends, so that a whole term is found as ` term `. */
type Fields = Readonly<Partial<Record<FieldName, string>>>;
const fieldNames: readonly FieldName[] = [...searchFieldNames, "heads", "kindHeads"];

function readFields(candidate: Candidate): Fields {
  return Object.fromEntries(fieldNames.flatMap((name) => (candidate[name] ? [[name, ` ${candidate[name]} `]] : [])));
}

interface Score {
  readonly score: number;
  /** Whether its title, brand, codes and categories speak of all that is needed. */
  readonly speaksOfAll: boolean;
}

interface Asked {
  readonly concepts: readonly Concept[];
  /** Those that tell one category from another: the words, or everything where there are none. */
  readonly needed: readonly Concept[];
}

function scoreOf({ concepts, needed }: Asked, fields: Fields, corpus: Corpus): Score {
  const sums = { all: 0, frequency: 0, covered: 0, beside: 0 };
  const heads: number[] = [];
  let speaksOfAll = true;
  let previous: readonly number[] = [];
  const whole = searchFieldNames.map((name) => fields[name] ?? "").join("");
  for (const concept of concepts) {
    const match = matchOf(presentIn(whole, concept), fields, corpus);
    sums.all += concept.weight;
    sums.frequency += concept.weight * (match.frequency / (SATURATION + match.frequency));
    sums.covered += concept.weight * match.best * (concept.isHead && !match.isNamed ? HEAD_ELSEWHERE : 1);
    if (concept.isHead) heads.push((bestIn(concept, fields, "heads") + bestIn(concept, fields, "kindHeads")) / 2);
    if (!match.isStrong && needed.includes(concept)) speaksOfAll = false;
    const follows = match.places.some((place) => previous.some((other) => place > other && place - other < GAP_MAX));
    if (follows) sums.beside += concept.weight;
    previous = match.places;
  }
  const { all, frequency, covered, beside } = sums;
  if (all === 0) return { score: 0, speaksOfAll: false };
  const head = heads.length === 0 ? 0 : heads.reduce((sum, one) => sum + one, 0) / heads.length;
  const fit = (frequency / all) * (covered / all) ** COVERAGE;
  return { score: fit * (1 + bonus.head * head + bonus.phrase * (beside / all)), speaksOfAll };
}

/** The concept with the alternatives that can be anywhere in the product: most synonyms are nowhere. */
function presentIn(whole: string, concept: Concept): Concept {
  const alternatives = concept.alternatives.filter(({ terms }) => terms.every((term) => whole.includes(` ${term} `)));
  return { ...concept, alternatives };
}

interface Match {
  /** How often it is there, each field by its weight and length. */
  readonly frequency: number;
  /** The weight of the best alternative that is there at all, less where only a weak field has it. */
  readonly best: number;
  /** Whether a field has it that says what the product is. */
  readonly isStrong: boolean;
  /** Whether the main part of its title, or its categories, say it. */
  readonly isNamed: boolean;
  /** Where in the title. */
  readonly places: readonly number[];
}

function matchOf(concept: Concept, fields: Fields, corpus: Corpus): Match {
  let frequency = 0;
  let best = 0;
  let isStrong = false;
  let isNamed = false;
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
    isNamed ||= isStrongField && name !== "restTerms";
    const { weight, lengthNorm } = searchFields[name];
    const length = wordCount(text) / corpus.averageLength(name);
    frequency += (weight * count) / (1 + lengthNorm * (length - 1));
  }
  return { frequency, best, isStrong, isNamed, places };
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
function placesOf({ terms }: Alternative, text: string): number[] {
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

function bestIn(concept: Concept, fields: Fields, name: "heads" | "kindHeads"): number {
  const text = fields[name];
  if (text === undefined) return 0;
  const fitting = concept.alternatives.filter(({ terms }) => text.includes(` ${terms.at(-1)} `));
  return Math.max(
    0,
    ...fitting.map((one) =>
      one.terms.length === 1 || placesOf(one, fields.titleTerms ?? "").length > 0 ? one.weight : 0,
    ),
  );
}

/**
 * How much each category is what the query speaks of: nearly every product among notebooks says "notebook", of the bags only some do.
 * 1 for the category of which most products have every word of the query.
 */
function kindShares(
  candidates: readonly Candidate[],
  scores: readonly Score[],
  corpus: Corpus,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  candidates.forEach(({ kind }, at) => {
    if (kind !== undefined && scores[at]?.speaksOfAll) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  });
  const shares = [...counts].map(([kind, count]) => {
    return [kind, count / (Math.max(count, corpus.kindSize(kind)) + KIND_SIZE_PRIOR)] as const;
  });
  const largest = Math.max(...shares.map(([, share]) => share));
  return new Map(shares.map(([kind, share]) => [kind, share / largest]));
}
