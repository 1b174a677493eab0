import type { Collection } from "../collection.ts";
import { malformed, notFound } from "../errors.ts";
import { compileFilter } from "../filter/compile.ts";
import { type Json, type JsonObject, valueAt } from "../json.ts";
import type { Curation } from "./curation.ts";
import { curate, planCuration } from "./curation.ts";
import { countFacets } from "./facets.ts";
import { highlightHit } from "./highlight.ts";
import { listing } from "./listings.ts";
import { findHits, type Hit } from "./match.ts";
import type { SearchParameters } from "./parameters.ts";
import { project } from "./project.ts";
import { parseQuery } from "./query.ts";
import { compileSort, sortLeading } from "./sort.ts";
import type { Synonym } from "./synonyms.ts";

export interface SearchScope {
  readonly collection: Collection;
  readonly synonyms: readonly Synonym[];
  readonly curations: readonly Curation[];
  readonly stopwords: ReadonlySet<string>;
  readonly now: () => number;
}

/** All hits before they are cut into pages, in order as far as they are wanted in order. */
export interface Ranked {
  readonly hits: readonly Hit[];
  readonly metadata: Curation["metadata"];
}

export function rank(scope: SearchScope, parameters: SearchParameters, wanted = Number.POSITIVE_INFINITY): Ranked {
  const { collection, now } = scope;
  const { schema } = collection;
  if (parameters.q === undefined) throw malformed("Parameter `q` is required.");
  const plan = planCuration(scope.curations, parameters, now() / 1000);
  const query = parseQuery(plan.query, schema.tokenRules(parameters.query_by[0] ?? ""), scope.stopwords);
  if (!query.everything && parameters.query_by.length === 0) {
    throw malformed("No search fields specified for the query.");
  }
  const filters = [parameters.filter_by, ...plan.filters].filter((filter) => filter !== undefined && filter !== "");
  const filter = filters.map((clause) => `(${clause})`).join(" && ");
  const sortBy = plan.sortBy === null ? parameters.sort_by : plan.sortBy.split(",").map((clause) => clause.trim());
  const compare = compileSort(sortBy, schema);
  const synonyms = parameters.enable_synonyms ? scope.synonyms : [];
  // What is taken out of the front lets others move up.
  const inOrder = wanted + plan.includes.length + plan.excludes.size;
  const admits = compileFilter(filter, schema);
  const find = () => sortLeading(findHits(collection, query, parameters, { admits, synonyms }), inOrder, compare);
  const hits = query.everything ? listing(collection, JSON.stringify([filter, sortBy, inOrder]), find) : find();
  return { hits: curate(hits, plan, collection, filter), metadata: plan.metadata };
}

/** One answer of `/documents/search`. */
export function search(scope: SearchScope, parameters: SearchParameters): JsonObject {
  const startedAt = scope.now();
  const { collection } = scope;
  const { hitsOffset: from, hitsPerPage, group_by: groupBy, facet_by: facetBy } = parameters;
  // Groups are in the order of all hits.
  const { hits, metadata } = rank(scope, parameters, groupBy.length > 0 ? undefined : from + hitsPerPage);
  const groups = groupBy.length > 0 ? groupHits(hits, parameters, collection) : null;
  const counted = () =>
    groups
      ? groups.flatMap((group) => group.hits.map(({ held }) => ({ document: held.document, group: group.name })))
      : hits.map(({ held }) => ({ document: held.document, group: null }));
  const page = <T>(items: readonly T[]) => items.slice(from, from + hitsPerPage);
  const show = (hit: Hit) => showHit(hit, parameters, collection);
  return {
    facet_counts: facetBy.length > 0 ? countFacets(counted(), parameters, collection.schema) : [],
    found: groups?.length ?? hits.length,
    ...(groups ? { found_docs: hits.length } : {}),
    out_of: collection.size,
    page: hitsPerPage > 0 && from % hitsPerPage === 0 ? from / hitsPerPage + 1 : parameters.page,
    request_params: {
      collection_name: collection.name,
      first_q: parameters.q ?? "",
      per_page: hitsPerPage,
      q: parameters.q ?? "",
    },
    search_cutoff: false,
    search_time_ms: Math.max(0, Math.round(scope.now() - startedAt)),
    ...(metadata ? { metadata: metadata as JsonObject } : {}),
    ...(groups
      ? { grouped_hits: page(groups).map((group) => showGroup(group, parameters, show)) }
      : { hits: page(hits).map(show) }),
  };
}

export function showHit(hit: Hit, parameters: SearchParameters, collection: Collection): JsonObject {
  const { highlight, highlights } = highlightHit(hit, parameters, collection.schema);
  const score = String(hit.score);
  return {
    ...(hit.curated ? { curated: true } : {}),
    document: project(hit.held.document, parameters),
    highlight,
    ...(parameters.enable_highlight_v1 ? { highlights } : {}),
    text_match: hit.score,
    text_match_info: {
      best_field_score: score,
      best_field_weight: 15,
      fields_matched: highlights.length,
      score,
      tokens_matched: hit.terms.size,
    },
  };
}

interface Group {
  readonly name: string;
  readonly key: readonly Json[];
  readonly hits: Hit[];
}

/** Groups in the order of their best hit. */
function groupHits(hits: readonly Hit[], parameters: SearchParameters, { schema }: Collection): Group[] {
  for (const name of parameters.group_by) {
    if (!schema.field(name)?.facet) throw notFound(`Group by field \`${name}\` should be a facet field.`);
  }
  const groups = new Map<string, Group>();
  for (const hit of hits) {
    const values = parameters.group_by.map((name) => valueAt(hit.held.document, name));
    if (!parameters.group_missing_values && values.some((value) => value === undefined)) continue;
    const key = values.map((value) => value ?? null);
    const name = JSON.stringify(key);
    const group = groups.get(name) ?? { name, key, hits: [] };
    group.hits.push(hit);
    groups.set(name, group);
  }
  return [...groups.values()];
}

function showGroup(group: Group, parameters: SearchParameters, show: (hit: Hit) => JsonObject): JsonObject {
  return {
    found: group.hits.length,
    group_key: group.key.map((value) => (typeof value === "object" ? value : String(value))),
    hits: group.hits.slice(0, parameters.group_limit).map(show),
  };
}
