import type { Concept } from "./concept.ts";
import { type Corpus, corpusFields, type SearchField, searchFieldNames } from "./corpus.ts";
import { corrected } from "./correct.ts";
import { type Fields, GAP_MAX, matchOf, placesOf, presentIn } from "./match.ts";
import { namesIt, wordsToKnow } from "./naming.ts";
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
  /** Lowest price in whole units of the currency that is asked in; needed only where the query says what it may cost. */
  readonly price?: number | undefined;
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
/** What names the thing says less where it only goes with it: "chairs" of "Table with 4 chairs" for who looks for chairs. */
const HEAD_ELSEWHERE = 0.5;
/** What is left of a product that has what the shopper does not want. */
const UNWANTED = 0.6;
/** What is left of one that costs more than the query says. */
const TOO_DEAR = 0.5;
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
  const asked = termsIn(concepts);
  const scores = fields.map((own) => scoreOf({ concepts, needed, asked }, own, corpus));
  const kinds = kindShares(candidates, scores, corpus);
  const scored = candidates.map((candidate, at) => {
    const kind = 1 + bonus.kind * (kinds.get(candidate.kind ?? "") ?? 0);
    const isTooDear = plan.budget !== null && (candidate.price ?? 0) > plan.budget;
    const score = (scores[at]?.score ?? 0) * kind * shareBy(plan, fields[at]) * (isTooDear ? TOO_DEAR : 1);
    return { candidate, score, step: Math.round(score / SCORE_STEP), at };
  });
  const better = (left: (typeof scored)[number], right: (typeof scored)[number]) =>
    right.step - left.step ||
    Number(right.candidate.inStock ?? false) - Number(left.candidate.inStock ?? false) ||
    (right.candidate.sold ?? 0) - (left.candidate.sold ?? 0) ||
    left.at - right.at;
  return scored.toSorted(better).map(({ candidate: { id }, score }) => ({ id, score }));
}

/** Every name of the corpus' counts that a ranking depends on beside those of the plan. */
export function countsToRank(plan: QueryPlan, candidates: readonly Candidate[]): string[] {
  const asked = termsIn(plan.concepts);
  const heads = plan.concepts.filter(({ isHead }) => isHead);
  const [kinds, words] = [new Set<string>(), new Set<string>()];
  for (const candidate of candidates) {
    if (candidate.kind) kinds.add(candidate.kind);
    const fields = { titleTerms: ` ${candidate.titleTerms ?? ""} `, heads: candidate.heads };
    for (const concept of heads) for (const word of wordsToKnow(concept, fields, asked)) words.add(word);
  }
  return [...[...kinds].map(corpusFields.kind), ...[...words].flatMap((word) => [word, corpusFields.head(word)])];
}

function termsIn(concepts: readonly Concept[]): ReadonlySet<string> {
  return new Set(concepts.flatMap(({ alternatives }) => alternatives.flatMap(({ terms }) => terms)));
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

const fieldNames = [...searchFieldNames, "heads", "kindHeads"] as const;

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
  /** Every term that says some of it. */
  readonly asked: ReadonlySet<string>;
}

function scoreOf({ concepts, needed, asked }: Asked, fields: Fields, corpus: Corpus): Score {
  const sums = { all: 0, frequency: 0, covered: 0, beside: 0 };
  const heads: number[] = [];
  let speaksOfAll = true;
  let previous: readonly number[] = [];
  const whole = searchFieldNames.map((name) => fields[name] ?? "").join("");
  for (const concept of concepts) {
    const match = matchOf(presentIn(whole, concept), fields, corpus);
    sums.all += concept.weight;
    sums.frequency += concept.weight * (match.frequency / (SATURATION + match.frequency));
    const named = concept.isHead ? namesIt(concept, fields, { asked, corpus }) : 1;
    sums.covered += concept.weight * match.best * (HEAD_ELSEWHERE + (1 - HEAD_ELSEWHERE) * named);
    if (concept.isHead)
      heads.push((named * (bestIn(concept, fields, "heads") + bestIn(concept, fields, "kindHeads"))) / 2);
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
