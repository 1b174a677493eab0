import type { SearchQuery } from "@stoa/contract";
import type { Currency } from "@stoa/kernel";
import { type Candidate, keys, rankCandidates, searchFieldNames, searchFields } from "@stoa/read-models";
import type { EdgeDeps } from "../deps.ts";
import { type OwnFacet, ownFacetsOf } from "./disjunctive-facets.ts";
import { offsetOf, type ProductPage, pageOf } from "./product-page.ts";
import { facetsOf } from "./search-answer.ts";
import { filterBy, sortBy } from "./search-filter.ts";
import type { SearchRequest, SearchResult } from "./search-index.ts";
import { planSearch, type SearchPlan, withKindSizes } from "./search-plan.ts";
import { currencyOf } from "./shop.ts";

/** As many hits are put in our own order; whoever pages on sees the engine's. */
const WINDOW = 200;
/** With fewer products that have every word, those that lack some follow them. */
const ENOUGH_FOUND = 100;
const FACET_VALUES_MAX = 100;

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
  { query, language }: { readonly query: SearchQuery; readonly language: string | null },
): Promise<SearchPage> {
  const currency = await currencyOf(deps, query.currency);
  const offset = offsetOf(query, currency);
  const plan = await planSearch(deps, query.q);
  if (plan.terms.length === 0) return emptyPage(deps, { query, currency, plan });
  const isRanked = query.sort === "relevance" && offset < WINDOW;
  const own = ownFacetsOf(query);
  const base = { ...textOf(plan, query), ...(plan.hidden.length > 0 && { hidden_hits: plan.hidden.join(",") }) };
  const [result, ...counted] = await deps.search.searchAll([
    {
      ...base,
      filter_by: filterBy(query, currency),
      sort_by: sortBy(query.sort, { currency, hasText: true }),
      ...pinsOf(plan, query),
      facet_by: "brand,categories,attributes,inStock",
      max_facet_values: FACET_VALUES_MAX,
      include_fields: isRanked ? rankedFields : "id",
      ...(isRanked ? { limit: WINDOW, offset: 0 } : { limit: query.limit, offset }),
    },
    ...own.map((facet) => ownRequest(facet, base, currency)),
  ]);
  if (!result) throw new Error("the engine answered nothing to a question");
  const end = offset + query.limit;
  const next = isRanked ? Math.min(end, WINDOW) : end;
  const ids = isRanked ? (await ranked(deps, plan, result)).slice(offset, next) : idsOf(result);
  return {
    ...(await pageOf(deps, { query, language, currency, ids, found: result.found, next })),
    plan,
    facets: own.reduce((facets, facet, index) => facet.into(facets, counted[index]), facetsOf(result.facet_counts)),
    engineMs: result.search_time_ms,
  };
}

const rankedFields = ["id", "kind", "heads", "kindHeads", "inStock", "sold", ...searchFieldNames].join(",");

/** What the engine is to look for, and where. */
function textOf({ terms, mayBeMistyped }: SearchPlan, { sort }: SearchQuery) {
  return {
    q: terms.join(" "),
    query_by: searchFieldNames.join(","),
    query_by_weights: searchFieldNames.map((name) => Math.ceil(searchFields[name].weight)).join(","),
    prefix: String(mayBeMistyped),
    num_typos: mayBeMistyped ? "2" : "0",
    typo_tokens_threshold: 1,
    drop_tokens_mode: "left_to_right" as const,
    // Who sorts by price wants what fits, not the cheapest of what hardly does.
    drop_tokens_threshold: sort === "relevance" ? ENOUGH_FOUND : 1,
  };
}

function pinsOf({ pinned }: SearchPlan, { sort }: SearchQuery) {
  if (pinned.length === 0 || sort !== "relevance") return {};
  return { pinned_hits: pinned.map((id, index) => `${id}:${index + 1}`).join(","), filter_curated_hits: true };
}

function ownRequest(facet: OwnFacet, base: ReturnType<typeof textOf>, currency: Currency): SearchRequest {
  return {
    ...base,
    filter_by: filterBy(facet.filters, currency),
    facet_by: facet.field,
    max_facet_values: FACET_VALUES_MAX,
    include_fields: "id",
    limit: 0,
    offset: 0,
  };
}

async function ranked(deps: EdgeDeps, plan: SearchPlan, { hits }: SearchResult): Promise<string[]> {
  const candidates = hits.map(({ document }): Candidate => document);
  const kinds = [...new Set(candidates.flatMap(({ kind }) => (kind ? [kind] : [])))];
  const order = rankCandidates(plan, candidates, await withKindSizes(deps, plan.corpus, kinds));
  const found = new Set(order);
  const pinned = plan.pinned.filter((id) => found.has(id));
  return [...new Set([...pinned, ...order])];
}

function idsOf({ hits }: SearchResult): string[] {
  return hits.map(({ document }) => document.id);
}

async function emptyPage(
  deps: EdgeDeps,
  { query, currency, plan }: { query: SearchQuery; currency: Currency; plan: SearchPlan },
): Promise<SearchPage> {
  const page = await pageOf(deps, { query, language: null, currency, ids: [], found: 0, next: 0 });
  return { ...page, madeOf: [keys.shop(), keys.searchIndex()], plan, facets: [], engineMs: 0 };
}
