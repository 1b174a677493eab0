import { editDistance } from "@stoa/kernel";
import type { Collection } from "../collection.ts";
import type { Column } from "../column.ts";
import { malformed, notFound } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { type Field, isNumeric } from "../schema/field.ts";
import type { Schema } from "../schema/schema.ts";
import { type TokenRules, tokenize, words } from "../tokens.ts";
import { orderPart } from "./order.ts";
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

/** Rows that count. With grouping, all rows of a group count once, and stand together: beside each row the number of its group. */
export interface Counted {
  readonly rows: readonly number[];
  readonly groups: readonly number[] | null;
}

/** The `facet_counts` of an answer. */
export function countFacets(counted: Counted, parameters: SearchParameters, collection: Collection): JsonObject[] {
  const query = parameters.facet_query ? readFacetQuery(parameters.facet_query) : null;
  return parameters.facet_by
    .flatMap((clause) => readRequests(clause, collection.schema))
    .map((request) =>
      countFacet(request, counted, query?.field === request.field.name ? query.text : null, { parameters, collection }),
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
  counted: Counted,
  queryText: string | null,
  { parameters, collection }: { parameters: SearchParameters; collection: Collection },
): JsonObject {
  const column = collection.index.columns.of(request.field.name);
  const all = request.ranges
    ? countRanges(column, request.ranges, counted)
    : countValues(column, counted, collection.size);
  const rules = collection.schema.tokenRules(request.field.name);
  const matched =
    queryText === null
      ? new Map<string, string>()
      : matchValues(
          all.map(({ value }) => value),
          queryText,
          rules,
          parameters,
        );
  const found = queryText === null ? all : all.filter(({ value }) => matched.has(value));
  const shown = Math.min(parameters.max_facet_values, found.length);
  const counts = orderPart([...found], 0, shown, (one, other) => order(request, one, other)).slice(0, shown);
  return {
    counts: counts.map(({ value, count }) => ({ count, highlighted: matched.get(value) ?? value, value })),
    field_name: request.field.name,
    sampled: false,
    stats: { ...(isNumeric(request.field.type) ? statistics(column, counted.rows) : {}), total_values: found.length },
  };
}

/** Each value that some of the rows have, and in how many. */
function countValues(column: Column, { rows, groups }: Counted, size: number): Count[] {
  const ofRows = () => (rows.length === size ? column.countAll() : column.countIn(rows));
  const { counts, numbers } = groups ? column.countInGroups(rows, groups) : ofRows();
  return numbers.map((number) => ({ value: String(column.values[number]), count: counts[number] ?? 0 }));
}

/** The ranges in which some of the rows have a value: from included, to not. */
function countRanges(column: Column, ranges: readonly Range[], { rows, groups }: Counted): Count[] {
  return ranges.flatMap(({ label, from, to }) => {
    const within = column.values.map((value) => Number(value) >= from && Number(value) < to);
    const seen = new Set<number>();
    rows.forEach((row, at) => {
      if (column.numbersIn(row).some((number) => within[number])) seen.add(groups?.[at] ?? row);
    });
    return seen.size > 0 ? [{ value: label, count: seen.size }] : [];
  });
}

type Count = { readonly count: number; readonly value: string };

function order(request: FacetRequest, one: Count, other: Count): number {
  const alphabetical = one.value < other.value ? -1 : one.value > other.value ? 1 : 0;
  if (request.alphabetical) return request.alphabetical === "asc" ? alphabetical : -alphabetical;
  return other.count - one.count || alphabetical;
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

/** Of the numbers of all rows. */
function statistics(column: Column, rows: readonly number[]): JsonObject {
  let [count, sum, min, max] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const row of rows) {
    for (const number of column.numbersIn(row)) {
      const value = Number(column.values[number]);
      count += 1;
      sum += value;
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  }
  return count === 0 ? {} : { avg: sum / count, max, min, sum };
}
