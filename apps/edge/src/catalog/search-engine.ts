import type { SearchQuery } from "@stoa/contract";
import { type EngineQuery, fieldIn, termFields } from "@stoa/read-models";
import type { OwnFacet } from "./disjunctive-facets.ts";
import { filterBy, type Place, sortBy } from "./search-filter.ts";
import type { SearchRequest } from "./search-index.ts";
import { fieldsOf, type SearchPlan } from "./search-plan.ts";

/** As many hits are put in our own order; whoever pages on sees the engine's. */
export const WINDOW = 200;
/** Hits of each query that takes less. */
const RELAXED_LIMIT = 40;
const FACET_VALUES_MAX = 100;
/** A facet that is counted without its filter may count what lacks some of the words, if there is little else. */
const ENOUGH_COUNTED = 20;
const facets = { facet_by: "brand,categories,attributes,inStock", max_facet_values: FACET_VALUES_MAX };

/** What is asked and where, by whom it was narrowed, and where the page begins. */
export interface Asked extends Place {
  readonly plan: SearchPlan;
  readonly query: SearchQuery;
  readonly offset: number;
  /** Whether the order is ours. */
  readonly isRanked: boolean;
}

/** Everything that has all the words, counted. */
export function strictRequest(asked: Asked): SearchRequest {
  const { plan, query, priceField, offset, isRanked } = asked;
  return {
    ...wordsOf(plan, plan),
    ...hiddenOf(plan),
    ...pinsOf(asked),
    ...facets,
    filter_by: filterBy(query, asked),
    sort_by: sortBy(query.sort, { priceField, hasText: true }),
    include_fields: isRanked ? rankedFields(asked) : "id",
    ...(isRanked ? { limit: WINDOW, offset: 0 } : { limit: query.limit, offset }),
  };
}

function rankedFields({ plan, priceField }: Asked): string {
  const price = plan.budget === null ? [] : [priceField];
  return ["id", "kind", "inStock", "sold", ...price, ...termFields.map((name) => fieldIn(name, plan.locale))].join(",");
}

/** The best of what has the same in other words, or some of the words. */
export function relaxedRequests(asked: Asked): SearchRequest[] {
  const { plan, query, priceField } = asked;
  return [...rewordedFor(plan), ...plan.relaxed].map((relaxed) => ({
    ...wordsOf(relaxed, plan),
    ...hiddenOf(plan),
    filter_by: filterBy(query, asked),
    sort_by: sortBy("relevance", { priceField, hasText: true }),
    include_fields: rankedFields(asked),
    limit: RELAXED_LIMIT,
    offset: 0,
  }));
}

/** The products themselves, counted; by another order than relevance, the page of them. */
export function chosenRequest({ query, priceField, offset, isRanked }: Asked, ids: readonly string[]): SearchRequest {
  return {
    q: "*",
    query_by: "titleTerms",
    filter_by: `id:[${ids.map((id) => `\`${id}\``).join(",")}]`,
    sort_by: sortBy(query.sort, { priceField, hasText: false }),
    ...facets,
    include_fields: "id",
    ...(isRanked ? { limit: 0, offset: 0 } : { limit: query.limit, offset }),
  };
}

/** A facet of which a value is chosen, counted as if none were. */
export function ownFacetRequest({ plan, ...place }: Asked, facet: OwnFacet): SearchRequest {
  return {
    ...wordsOf(plan, plan),
    ...hiddenOf(plan),
    drop_tokens_threshold: ENOUGH_COUNTED,
    filter_by: filterBy(facet.filters, place),
    facet_by: facet.field,
    max_facet_values: FACET_VALUES_MAX,
    include_fields: "id",
    limit: 0,
    offset: 0,
  };
}

/** Synonyms that the engine does not know: its own are English. */
export function rewordedFor({ language, reworded }: SearchPlan): readonly EngineQuery[] {
  return language.code === "en" ? [] : reworded;
}

function wordsOf({ terms, mayBeMistyped, isDoubtful = false, isLiteral = false }: EngineQuery, plan: SearchPlan) {
  const fields = fieldsOf(plan);
  return {
    enable_synonyms: plan.language.code === "en" && !isLiteral,
    q: terms.join(" "),
    query_by: fields.map(({ name }) => name).join(","),
    query_by_weights: fields.map(({ weight }) => weight).join(","),
    prefix: String(mayBeMistyped),
    num_typos: mayBeMistyped ? "2" : "0",
    typo_tokens_threshold: isDoubtful ? RELAXED_LIMIT : 1,
    drop_tokens_mode: "left_to_right" as const,
    drop_tokens_threshold: 0,
  };
}

function hiddenOf({ hidden }: SearchPlan) {
  return hidden.length > 0 ? { hidden_hits: hidden.join(",") } : {};
}

function pinsOf({ plan: { pinned }, query }: Asked) {
  if (pinned.length === 0 || query.sort !== "relevance") return {};
  return { pinned_hits: pinned.map((id, index) => `${id}:${index + 1}`).join(","), filter_curated_hits: true };
}
