import type { SearchQuery } from "@stoa/contract";
import { currencyDigits } from "@stoa/kernel";
import { type Candidate, countsToRank, keys, type Ranked, rankCandidates, termsIn } from "@stoa/read-models";
import type { EdgeDeps } from "../deps.ts";
import { placeIn } from "./channel.ts";
import { ownFacetsOf } from "./disjunctive-facets.ts";
import { offsetOf, type PageCall, type ProductPage, pageOf } from "./product-page.ts";
import { facetsOf } from "./search-answer.ts";
import {
  type Asked,
  chosenRequest,
  ownFacetRequest,
  relaxedRequests,
  rewordedFor,
  strictRequest,
  WINDOW,
} from "./search-engine.ts";
import type { Place } from "./search-filter.ts";
import type { SearchResult } from "./search-index.ts";
import { expectedFinds, planSearch, type SearchPlan, withCounts } from "./search-plan.ts";

/** With fewer products that have every word, those that lack some come with them. */
const ENOUGH_FOUND = 50;
/** Words that are said together make a guess too low, never by much more than this where it matters. */
const EXPECTED_AT_MOST = 10;
/** What fits less well than this part of the best is not shown. */
const LEAST_FIT = 0.02;
/** Who sorts by price wants what fits, not the cheapest of what hardly does. */
const LEAST_FIT_SORTED = 0.6;

export interface SearchPage extends ProductPage {
  readonly plan: SearchPlan;
  readonly facets: ReturnType<typeof facetsOf>;
  readonly engineMs: number;
}

/**
 * One page of a search. The engine finds widely and counts; by relevance, the first of what it found are then ranked here, so that
 * the order does not depend on which engine it is.
 */
export async function readSearchPage(
  deps: EdgeDeps,
  { query, channel, language }: PageCall & { readonly query: SearchQuery },
): Promise<SearchPage> {
  const place = await placeIn(deps, channel, query.currency);
  const offset = offsetOf(query, place);
  const plan = await planSearch(deps, { text: query.q, language });
  if (plan.terms.length === 0) return emptyPage(deps, { query, ...place, plan });
  const asked: Asked = { plan, query, ...place, offset, isRanked: query.sort === "relevance" && offset < WINDOW };
  const own = ownFacetsOf(query);
  // Asked along with it where they will be wanted anyway, which spares a round trip.
  const early = needsRelaxed(asked, expectedFinds(plan) * EXPECTED_AT_MOST) ? relaxedRequests(asked) : [];
  const [strict, ...others] = await deps.search.searchAll([
    strictRequest(asked),
    ...own.map((facet) => ownFacetRequest(asked, facet)),
    ...early,
  ]);
  if (!strict) throw new Error("the engine answered nothing to a question");
  const counted = others.slice(0, own.length);
  const found = await listOf(deps, asked, { strict, early: early.length > 0 ? others.slice(own.length) : null });
  return {
    ...(await pageOf(deps, { query, language, ...place, ...found })),
    plan,
    facets: own.reduce((facets, facet, index) => facet.into(facets, counted[index]), facetsOf(found.facets)),
    engineMs: found.engineMs,
  };
}

interface List {
  /** Products of the page. */
  readonly ids: readonly string[];
  readonly found: number;
  /** Where the next page begins. */
  readonly next: number;
  readonly facets: SearchResult["facet_counts"];
  readonly engineMs: number;
}

/** Whether so few products have every word that those which lack some have to be asked for. */
function needsRelaxed({ plan, query }: Asked, found: number): boolean {
  const enough = query.sort === "relevance" ? ENOUGH_FOUND : 1;
  return rewordedFor(plan).length > 0 || (found < enough && plan.relaxed.length > 0);
}

interface Answers {
  readonly strict: SearchResult;
  /** Of the parts of the query, if they were asked by now. */
  readonly early: readonly SearchResult[] | null;
}

async function listOf(deps: EdgeDeps, asked: Asked, { strict, early }: Answers): Promise<List> {
  const { query, offset, isRanked } = asked;
  if (needsRelaxed(asked, strict.found)) {
    return relaxedList(deps, asked, [strict, ...(early ?? (await deps.search.searchAll(relaxedRequests(asked))))]);
  }
  const end = offset + query.limit;
  const next = isRanked ? Math.min(end, WINDOW) : end;
  const ids = isRanked
    ? idsOf(await ranked(deps, asked, [strict])).slice(offset, next)
    : strict.hits.map(({ document }) => document.id);
  return { ids, found: strict.found, next, facets: strict.facet_counts, engineMs: strict.search_time_ms };
}

/** Too little has every word: what has some of them is found as well, and all of it is ranked, cut and counted as one list. */
async function relaxedList(deps: EdgeDeps, asked: Asked, results: readonly SearchResult[]): Promise<List> {
  const { plan, query, offset } = asked;
  const order = await ranked(deps, asked, results);
  const best = Math.max(0, ...order.map(({ score }) => score));
  const least = best * (query.sort === "relevance" ? LEAST_FIT : LEAST_FIT_SORTED);
  const listed = idsOf(order.filter(({ id, score }) => score > least || plan.pinned.includes(id))).slice(0, WINDOW);
  const engineMs = results.reduce((sum, { search_time_ms }) => sum + search_time_ms, 0);
  const next = offset + query.limit;
  if (listed.length === 0) return { ids: [], found: 0, next, facets: [], engineMs };
  const chosen = await deps.search.search(chosenRequest(asked, listed));
  const ids = query.sort === "relevance" ? listed.slice(offset, next) : chosen.hits.map(({ document }) => document.id);
  return { ids, found: chosen.found, next, facets: chosen.facet_counts, engineMs: engineMs + chosen.search_time_ms };
}

/** All that was found in our order, each once, what the shop pins first. */
async function ranked(
  deps: EdgeDeps,
  { plan, priceField, currency }: Asked,
  results: readonly SearchResult[],
): Promise<Ranked[]> {
  const hits = results.flatMap((result) => result.hits);
  const read = (document: (typeof hits)[number]["document"]): Candidate => ({
    ...document,
    ...termsIn(document, plan.locale),
    ...(plan.budget !== null && { price: priceIn(document, priceField) / 10 ** currencyDigits[currency] }),
  });
  const candidates = [...new Map(hits.map(({ document }) => [document.id, read(document)])).values()];
  const corpus = await withCounts(deps, plan, countsToRank(plan, candidates));
  const order = rankCandidates(plan, candidates, corpus);
  const pinned = plan.pinned.flatMap((id) => order.find((one) => one.id === id) ?? []);
  return [...new Set([...pinned, ...order])];
}

/** The price that a document tells under a name with dots; 0 where it tells none. */
function priceIn(document: unknown, field: string): number {
  const found = field.split(".").reduce<unknown>((held, name) => (isObject(held) ? held[name] : undefined), document);
  return typeof found === "number" ? found : 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function idsOf(order: readonly Ranked[]): string[] {
  return order.map(({ id }) => id);
}

async function emptyPage(
  deps: EdgeDeps,
  { query, plan, ...place }: Place & { query: SearchQuery; plan: SearchPlan },
): Promise<SearchPage> {
  const page = await pageOf(deps, { query, language: null, ...place, ids: [], found: 0, next: 0 });
  return { ...page, madeOf: [keys.shop(), keys.searchIndex()], plan, facets: [], engineMs: 0 };
}
