import { editDistance } from "@stoa/kernel";
import { malformed, notFound } from "../errors.ts";
import { type JsonObject, valuesAt } from "../json.ts";
import { type Field, isNumeric } from "../schema/field.ts";
import type { Schema } from "../schema/schema.ts";
import { type TokenRules, tokenize, words } from "../tokens.ts";
import type { SearchParameters } from "./parameters.ts";

interface Range {
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

interface FacetRequest {
  readonly field: Field;
  readonly ranges: readonly Range[] | null;
  readonly alphabetical: "asc" | "desc" | null;
}

/** A document that counts; with grouping, all documents of a group count once, and stand together. */
export interface Counted {
  readonly document: JsonObject;
  readonly group: string | null;
}

/** The `facet_counts` of an answer. */
export function countFacets(counted: readonly Counted[], parameters: SearchParameters, schema: Schema): JsonObject[] {
  const query = parameters.facet_query ? readFacetQuery(parameters.facet_query) : null;
  return parameters.facet_by
    .flatMap((clause) => readRequests(clause, schema))
    .map((request) =>
      countFacet(request, counted, query?.field === request.field.name ? query.text : null, { parameters, schema }),
    );
}

function readFacetQuery(source: string): { field: string; text: string } {
  const match = /^([^:]+):(.*)$/s.exec(source);
  if (!match) throw malformed("Facet query must be in the `facet_field: value` format.");
  return { field: (match[1] ?? "").trim(), text: (match[2] ?? "").trim() };
}

function readRequests(clause: string, schema: Schema): FacetRequest[] {
  const [, name = "", options = ""] = /^([^(]+?)\s*(?:\((.*)\))?$/s.exec(clause) ?? [];
  const names = name.endsWith("*")
    ? schema.all().filter((field) => field.facet && field.name.startsWith(name.slice(0, -1)))
    : [schema.field(name)].filter((field) => field !== undefined);
  if (names.length === 0 || names.some((field) => !field.facet)) {
    throw notFound(`Could not find a facet field named \`${name}\` in the schema.`);
  }
  const order = /sort_by:\s*_alpha:\s*(asc|desc)/.exec(options)?.[1];
  const alphabetical = order === "asc" || order === "desc" ? order : null;
  return names.map((field) => ({ field, ranges: readRanges(options, field), alphabetical }));
}

function readRanges(options: string, field: Field): Range[] | null {
  const clauses = options.replace(/sort_by:\s*_alpha:\s*(asc|desc)\s*,?/, "").trim();
  if (clauses === "") return null;
  if (!isNumeric(field.type)) throw malformed("Range facet is restricted to only integer and float fields.");
  const found = [...clauses.matchAll(/([^,[\]]+?)\s*:\s*\[\s*([^,\]]*?)\s*,\s*([^,\]]*?)\s*\]/g)];
  const ranges = found.map(([, label = "", from = "", to = ""]) => ({
    label: label.trim(),
    from: from === "" ? Number.NEGATIVE_INFINITY : Number(from),
    to: to === "" ? Number.POSITIVE_INFINITY : Number(to),
  }));
  if (ranges.length === 0 || ranges.some(({ from, to }) => Number.isNaN(from) || Number.isNaN(to))) {
    throw malformed("Error splitting the facet range values.");
  }
  return ranges;
}

function countFacet(
  request: FacetRequest,
  counted: readonly Counted[],
  queryText: string | null,
  { parameters, schema }: { parameters: SearchParameters; schema: Schema },
): JsonObject {
  const { counts: all, statistics } = countValues(request, counted);
  const rules = schema.tokenRules(request.field.name);
  const matched =
    queryText === null ? new Map<string, string>() : matchValues([...all.keys()], queryText, rules, parameters);
  const candidates = queryText === null ? leading(all, request, parameters.max_facet_values) : all;
  const counts = [...candidates]
    .filter(([value]) => queryText === null || matched.has(value))
    .map(([value, count]) => ({ count, highlighted: matched.get(value) ?? value, value }))
    .sort((one, other) => order(request, one, other));
  return {
    counts: counts.slice(0, parameters.max_facet_values),
    field_name: request.field.name,
    sampled: false,
    stats: { ...statistics.summary(), total_values: queryText === null ? all.size : counts.length },
  };
}

function countValues(request: FacetRequest, counted: readonly Counted[]) {
  const counts = new Map<string, number>();
  const statistics = new Statistics();
  let group: string | null = null;
  // Hits of one group follow each other, so a value met before in the same group is found in this set.
  const seen = new Set<string>();
  for (const { document, group: own } of counted) {
    const values = valuesAt(document, request.field.name);
    if (own === null || own !== group) seen.clear();
    group = own;
    for (const value of values) {
      if (typeof value === "number") statistics.add(value);
      for (const label of labelsOf(value, request)) {
        if (seen.has(label)) continue;
        if (own !== null || values.length > 1) seen.add(label);
        counts.set(label, (counts.get(label) ?? 0) + 1);
      }
    }
  }
  return { counts, statistics };
}

/** Those among which the most frequent values are: thousands of rare ones need not be put in order. */
function leading(
  counts: ReadonlyMap<string, number>,
  { alphabetical }: FacetRequest,
  wanted: number,
): ReadonlyMap<string, number> {
  if (alphabetical || counts.size <= wanted) return counts;
  const least = Uint32Array.from(counts.values()).sort().at(-wanted) ?? 0;
  return new Map([...counts].filter(([, count]) => count >= least));
}

type Count = { readonly count: number; readonly value: string };

function order(request: FacetRequest, one: Count, other: Count): number {
  const alphabetical = one.value < other.value ? -1 : one.value > other.value ? 1 : 0;
  if (request.alphabetical) return request.alphabetical === "asc" ? alphabetical : -alphabetical;
  return other.count - one.count || alphabetical;
}

/** A value's own text, or the ranges it lies in: from included, to not. */
function labelsOf(value: unknown, { ranges }: FacetRequest): string[] {
  if (!ranges) return [String(value)];
  return ranges.filter(({ from, to }) => Number(value) >= from && Number(value) < to).map(({ label }) => label);
}

/** Values with a word that begins as each word of the query does; with typos only when there are none without. */
function matchValues(values: readonly string[], text: string, rules: TokenRules, parameters: SearchParameters) {
  const wanted = words(text, rules);
  const typosMax = Number(parameters.num_typos[0] ?? 2);
  for (let typos = 0; typos <= typosMax; typos += 1) {
    const accepts = (word: string, query: string) =>
      word.startsWith(query) ||
      (typos > 0 && query.length >= parameters.min_len_1typo && beginsNear(word, query, typos));
    const found = values.filter((value) =>
      wanted.every((query) => words(value, rules).some((word) => accepts(word, query))),
    );
    if (found.length > 0 || wanted.length === 0) {
      return new Map(found.map((value) => [value, highlightBeginnings(value, wanted, { accepts, rules, parameters })]));
    }
  }
  return new Map<string, string>();
}

function beginsNear(word: string, query: string, typos: number): boolean {
  return editDistance(word, query, typos) <= typos || editDistance(word.slice(0, query.length), query, typos) <= typos;
}

function highlightBeginnings(
  value: string,
  wanted: readonly string[],
  {
    accepts,
    rules,
    parameters,
  }: { accepts: (word: string, query: string) => boolean; rules: TokenRules; parameters: SearchParameters },
): string {
  let marked = "";
  let at = 0;
  for (const token of tokenize(value, rules)) {
    const query = wanted.find((candidate) => accepts(token.text, candidate));
    if (query === undefined) continue;
    const end = Math.min(token.end, token.start + query.length);
    const { highlight_start_tag: open, highlight_end_tag: close } = parameters;
    marked += value.slice(at, token.start) + open + value.slice(token.start, end) + close;
    at = end;
  }
  return marked + value.slice(at);
}

class Statistics {
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  add(value: number): void {
    this.#count += 1;
    this.#sum += value;
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
  }

  summary(): JsonObject {
    if (this.#count === 0) return {};
    return { avg: this.#sum / this.#count, max: this.#max, min: this.#min, sum: this.#sum };
  }
}
