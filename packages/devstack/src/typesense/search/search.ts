import type { Collection } from "../collection.ts";
import { malformed, notFound } from "../errors.ts";
import { type Json, type JsonObject, valueAt } from "../json.ts";
import { LEADING_MAX } from "../leading-rows.ts";
import { type Curation, type CurationPlan, curate, planCuration, withPins } from "./curation.ts";
import { countFacets } from "./facets.ts";
import { type Hit, highlightHit } from "./highlight.ts";
import { findMatches } from "./match.ts";
import { orderPart } from "./order.ts";
import type { SearchParameters } from "./parameters.ts";
import { project } from "./project.ts";
import { type ParsedQuery, parseQuery } from "./query.ts";
import { compileSort } from "./sort.ts";
import type { Synonym } from "./synonyms.ts";

export interface SearchScope {
  readonly collection: Collection;
  readonly synonyms: readonly Synonym[];
  readonly curations: readonly Curation[];
  readonly stopwords: ReadonlySet<string>;
  /** Another one whenever any of these has changed. */
  readonly version: number;
  readonly now: () => number;
}

/** Everything that was found, before it is cut into pages. Holds until the collection is searched again. */
export interface Ranked {
  readonly found: number;
  /** In order as far as it is wanted in order, and at least so far. */
  readonly rows: readonly number[];
  /** All of them. */
  all(): readonly number[];
  readonly metadata: Curation["metadata"];
  hit(row: number): Hit;
}

/** A part of the list: from this place up to that one, which is not included. */
interface Part {
  readonly from: number;
  readonly to: number;
}

const WHOLE: Part = { from: 0, to: Number.POSITIVE_INFINITY };

export function rank(scope: SearchScope, parameters: SearchParameters, wanted: Part = WHOLE): Ranked {
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
  const filtered = collection.index.filters.filtered(filter);
  const marks = filtered?.marks;
  const admits = marks ? (row: number) => marks[row] === 1 : (row: number) => collection.holds(row);
  const synonyms = parameters.enable_synonyms ? scope.synonyms : [];
  const matches = findMatches(collection, query, parameters, { admits, synonyms });
  const compare = compileSort(sortBy, collection, matches.scores);
  if (isPlainList(query, plan) && wanted.to <= LEADING_MAX && filtered?.isKept !== false) {
    const list = {
      key: JSON.stringify([filter, sortBy]),
      admits,
      compare,
      rows: () => [...matches.rows()],
      count: filtered?.count ?? collection.size,
    };
    const hit = (row: number): Hit => {
      return { document: collection.at(row).document, score: 0, terms: new Set(), curated: false };
    };
    const leading = collection.index.leading.first(wanted.to, list);
    return { found: list.count, rows: leading, all: matches.rows, metadata: plan.metadata, hit };
  }
  const { pins, rows } = curate(matches.rows(), plan, collection, filter);
  // Each pin before the part moves the others on by one.
  const ordered = orderPart([...rows], Math.max(0, wanted.from - pins.length), wanted.to, compare);
  const pinned = new Set(pins.map(({ row }) => row));
  const hit = (row: number): Hit => {
    const { document } = collection.at(row);
    if (pinned.has(row)) return { document, score: 0, terms: new Set(), curated: true };
    return { document, score: matches.score(row), terms: matches.terms(row), curated: false };
  };
  const all = withPins(ordered, pins);
  return { found: all.length, rows: all, all: () => all, metadata: plan.metadata, hit };
}

/** Whether everything that the filter admits is found, and nothing has a place of its own. */
function isPlainList(query: ParsedQuery, plan: CurationPlan): boolean {
  const { everything, words, phrases, excluded } = query;
  return (
    (everything || words.length + phrases.length + excluded.length === 0) &&
    plan.includes.length + plan.excludes.size === 0
  );
}

/** What a search finds, as far as it is shown. */
export interface Finding {
  readonly found: number;
  readonly metadata: Curation["metadata"];
  readonly facets: readonly JsonObject[];
  readonly hits: readonly Hit[];
  /** With grouping, in place of the hits. */
  readonly groups: { readonly found: number; readonly shown: readonly GroupOfHits[] } | null;
}

/** From so many hits on it costs more to find and count them than to show a page of them. */
const REMEMBERED_FROM = 1_000;

/** What is found, or was found before by the same search if nothing has changed since. */
function find(scope: SearchScope, parameters: SearchParameters): Finding {
  const { collection, curations, version } = scope;
  // Rules that begin or end do so without a change.
  const isTimed = curations.some(({ effective_from_ts: from, effective_to_ts: to }) => (from ?? to) !== undefined);
  if (isTimed) return findAnew(scope, parameters);
  const key = JSON.stringify(parameters);
  const known = collection.remembered.get(`${collection.changes} ${version}`, key);
  if (known) return known;
  const found = findAnew(scope, parameters);
  if (found.found >= REMEMBERED_FROM) collection.remembered.put(key, found);
  return found;
}

function findAnew(scope: SearchScope, parameters: SearchParameters): Finding {
  const { collection } = scope;
  const { hitsOffset: from, hitsPerPage, group_by: groupBy, facet_by: facetBy } = parameters;
  // Groups are in the order of all hits.
  const part = groupBy.length > 0 ? WHOLE : { from, to: from + hitsPerPage };
  const { found, rows, all, metadata, hit } = rank(scope, parameters, part);
  const groups = groupBy.length > 0 ? groupRows(rows, parameters, collection) : null;
  const counted = () =>
    groups
      ? { rows: groups.flatMap((group) => group.rows), groups: groups.flatMap((group, at) => group.rows.map(() => at)) }
      : { rows: all(), groups: null };
  const page = <T>(items: readonly T[]) => items.slice(from, from + hitsPerPage);
  const withHits = ({ key, rows: own }: Group): GroupOfHits => {
    return { key, found: own.length, hits: own.slice(0, parameters.group_limit).map(hit) };
  };
  return {
    found,
    metadata,
    facets: facetBy.length > 0 ? countFacets(counted(), parameters, collection) : [],
    hits: groups ? [] : page(rows).map(hit),
    groups: groups && { found: groups.length, shown: page(groups).map(withHits) },
  };
}

/** One answer of `/documents/search`. */
export function search(scope: SearchScope, parameters: SearchParameters): JsonObject {
  const startedAt = scope.now();
  const { collection } = scope;
  const { hitsOffset: from, hitsPerPage } = parameters;
  const { found, metadata, facets, hits, groups } = find(scope, parameters);
  const show = (hit: Hit) => showHit(hit, parameters, collection);
  return {
    facet_counts: facets,
    found: groups?.found ?? found,
    ...(groups ? { found_docs: found } : {}),
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
    ...(groups ? { grouped_hits: groups.shown.map((group) => showGroup(group, show)) } : { hits: hits.map(show) }),
  };
}

export function showHit(hit: Hit, parameters: SearchParameters, collection: Collection): JsonObject {
  const { highlight, highlights } = highlightHit(hit, parameters, collection.schema);
  const score = String(hit.score);
  return {
    ...(hit.curated ? { curated: true } : {}),
    document: project(hit.document, parameters),
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
  readonly key: readonly Json[];
  readonly rows: number[];
}

interface GroupOfHits {
  readonly key: readonly Json[];
  readonly found: number;
  readonly hits: readonly Hit[];
}

/** Groups in the order of their best hit. */
function groupRows(rows: readonly number[], parameters: SearchParameters, collection: Collection): Group[] {
  for (const name of parameters.group_by) {
    if (!collection.schema.field(name)?.facet) throw notFound(`Group by field \`${name}\` should be a facet field.`);
  }
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const values = parameters.group_by.map((name) => valueAt(collection.at(row).document, name));
    if (!parameters.group_missing_values && values.some((value) => value === undefined)) continue;
    const key = values.map((value) => value ?? null);
    const name = JSON.stringify(key);
    const group = groups.get(name) ?? { key, rows: [] };
    group.rows.push(row);
    groups.set(name, group);
  }
  return [...groups.values()];
}

function showGroup(group: GroupOfHits, show: (hit: Hit) => JsonObject): JsonObject {
  return {
    found: group.found,
    group_key: group.key.map((value) => (typeof value === "object" ? value : String(value))),
    hits: group.hits.map(show),
  };
}
