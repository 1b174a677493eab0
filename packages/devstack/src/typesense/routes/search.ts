import { malformed, notFound, TypesenseError } from "../errors.ts";
import { isArray, isObject, type Json, type JsonObject } from "../json.ts";
import { demand } from "../keys.ts";
import { SEARCHES_PER_REQUEST_MAX } from "../limits.ts";
import { parseParameters, type RawParameters, type SearchParameters } from "../search/parameters.ts";
import { rank, type SearchScope, search, showHit } from "../search/search.ts";
import { type Call, jsonBody, part, type Route, route } from "./route.ts";

interface Prepared {
  readonly scope: SearchScope;
  readonly parameters: SearchParameters;
}

/** Parameters with their preset under them and, over them, what a scoped key forces; its filter narrows, never widens. */
function combine(raw: RawParameters, call: Call): RawParameters {
  const preset = raw.preset === undefined ? undefined : call.engine.presets.get(String(raw.preset));
  if (raw.preset !== undefined && !preset) throw notFound(`Could not find the preset \`${String(raw.preset)}\`.`);
  const value = preset?.value;
  const combined = { ...(isObject(value) ? value : {}), ...raw };
  const { expires_at: _, limit_multi_searches: __, cache_ttl: ___, ...forced } = call.access.embedded ?? {};
  const filters = [combined.filter_by, forced.filter_by].filter(
    (filter) => typeof filter === "string" && filter !== "",
  );
  return {
    ...combined,
    ...forced,
    ...(filters.length > 0 ? { filter_by: filters.map((filter) => `(${String(filter)})`).join(" && ") } : {}),
  };
}

function prepare(raw: RawParameters, name: string, call: Call): Prepared {
  const collection = call.engine.registry.need(name);
  demand(call.access, "documents:search", name);
  const parameters = parseParameters(combine(raw, call));
  return { scope: call.engine.scope(collection, parameters.synonym_sets, parameters.stopwords), parameters };
}

function searchOne(raw: RawParameters, name: string, call: Call): JsonObject {
  const { scope, parameters } = prepare(raw, name, call);
  return search(scope, parameters);
}

/** Many searches in one call. One that is refused says so in its place; the others are answered. */
function searchMany(call: Call): JsonObject {
  const body = jsonBody(call);
  const searches = isObject(body) ? body.searches : undefined;
  if (!isObject(body) || !isArray(searches)) throw malformed("Missing `searches` array.");
  const limit = Number(
    call.access.embedded?.limit_multi_searches ?? call.query.limit_multi_searches ?? SEARCHES_PER_REQUEST_MAX,
  );
  if (searches.length > limit) {
    throw malformed("Number of multi searches exceeds `limit_multi_searches` parameter.");
  }
  const all = searches.map((item): RawParameters => ({ ...call.query, ...(isObject(item) ? item : {}) }));
  return body.union === true ? union(all, call) : { results: all.map((raw) => answerOne(raw, call)) };
}

function answerOne(raw: RawParameters, call: Call): JsonObject {
  try {
    return searchOne(raw, String(raw.collection ?? ""), call);
  } catch (error) {
    if (error instanceof TypesenseError) return { code: error.status, error: error.message };
    throw error;
  }
}

/** The hits of all searches as one list, best first, cut by the parameters of the call as a whole. */
function union(all: readonly RawParameters[], call: Call): JsonObject {
  const startedAt = call.engine.now();
  const page = parseParameters({ q: "*", ...pageOnly(call.query) });
  const prepared = all.map((raw) => prepare(raw, String(raw.collection ?? ""), call));
  const ranked = prepared.map(({ scope, parameters }) => {
    const { rows, hit } = rank(scope, parameters);
    // At once: the next search may be of the same collection.
    return { scope, parameters, hits: rows.map(hit) };
  });
  const hits = ranked.flatMap(({ scope, parameters, hits: own }) => own.map((hit) => ({ hit, scope, parameters })));
  const sorted = hits.sort((one, other) => other.hit.score - one.hit.score);
  const shown = sorted.slice(page.hitsOffset, page.hitsOffset + page.hitsPerPage);
  return {
    found: hits.length,
    hits: shown.map(({ hit, scope, parameters }) => ({
      ...showHit(hit, parameters, scope.collection),
      collection: scope.collection.name,
    })),
    out_of: ranked.reduce((sum, { scope }) => sum + scope.collection.size, 0),
    page: page.page,
    search_cutoff: false,
    search_time_ms: Math.max(0, Math.round(call.engine.now() - startedAt)),
    union_request_params: ranked.map(({ scope, parameters, hits: own }) => ({
      collection_name: scope.collection.name,
      first_q: parameters.q ?? "",
      found: own.length,
      per_page: page.hitsPerPage,
      q: parameters.q ?? "",
    })),
  };
}

function pageOnly(query: Readonly<Record<string, string>>): Record<string, Json> {
  const names = ["page", "per_page", "limit", "offset"];
  return Object.fromEntries(Object.entries(query).filter(([name]) => names.includes(name)));
}

export const searchRoutes: readonly Route[] = [
  route.get("/collections/:collection/documents/search", "documents:search", (call) => {
    return searchOne(call.query, part(call, "collection"), call);
  }),
  route.post("/multi_search", "documents:search", searchMany),
];
