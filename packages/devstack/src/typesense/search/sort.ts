import { malformed, notFound, unsupported } from "../errors.ts";
import { type Json, valueAt } from "../json.ts";
import { SORT_FIELDS_MAX } from "../limits.ts";
import { isPattern } from "../schema/field.ts";
import type { Schema } from "../schema/schema.ts";
import type { Hit } from "./match.ts";

/** Up to such a part of a list, choosing its first is cheaper than sorting all of it. */
const SMALL_SHARE = 8;

type Compare = (one: Hit, other: Hit) => number;

/** The order that `sort_by` asks for; by default the best match, then the default sorting field, then the newest. */
export function compileSort(clauses: readonly string[], schema: Schema): Compare {
  if (clauses.length > SORT_FIELDS_MAX)
    throw malformed(`Only upto ${SORT_FIELDS_MAX} sort_by fields can be specified.`);
  const compares = clauses.map((clause) => compileClause(clause, schema));
  if (compares.length === 0) {
    compares.push(byScore(-1));
    const { defaultSortingField } = schema.record;
    if (defaultSortingField !== "") compares.push(byField(defaultSortingField, -1, false));
  }
  compares.push((one, other) => other.held.position - one.held.position);
  return (one, other) => {
    for (const compare of compares) {
      const order = compare(one, other);
      if (order !== 0) return order;
    }
    return 0;
  };
}

/** All of them, the first `wanted` in order: a page of a long list needs no order behind it. */
export function sortLeading<T>(items: readonly T[], wanted: number, compare: (one: T, other: T) => number): T[] {
  if (wanted * SMALL_SHARE >= items.length) return items.toSorted(compare);
  const leading: T[] = [];
  const rest: T[] = [];
  for (const item of items) {
    const last = leading.at(-1);
    if (leading.length < wanted || (last !== undefined && compare(item, last) < 0)) {
      leading.splice(placeOf(item, leading, compare), 0, item);
      const ousted = leading.length > wanted ? leading.pop() : undefined;
      if (ousted !== undefined) rest.push(ousted);
    } else rest.push(item);
  }
  return [...leading, ...rest];
}

/** Behind all that come before it, found by halving. */
function placeOf<T>(item: T, sorted: readonly T[], compare: (one: T, other: T) => number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(sorted[middle] as T, item) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compileClause(clause: string, schema: Schema): Compare {
  const match = /^([^(]+?)\s*(?:\((.*)\))?\s*:\s*(asc|desc)$/i.exec(clause);
  if (!match) throw malformed("Parameter `sort_by` is malformed.");
  const [, name = "", options = "", word = ""] = match;
  const direction = word.toLowerCase() === "asc" ? 1 : -1;
  if (name === "_text_match") return byScore(direction);
  if (name.startsWith("_")) throw unsupported(`sorting by \`${name}\``);
  const field = schema.field(name);
  if (
    !field &&
    !schema.record.fields.some((declared) => isPattern(declared) && new RegExp(`^(?:${declared.name})$`).test(name))
  ) {
    throw notFound(`Could not find a field named \`${name}\` in the schema for sorting.`);
  }
  if (field && !field.sort) throw notFound(`Could not find a field named \`${name}\` in the schema for sorting.`);
  const missing = /^missing_values:\s*(first|last|normal)$/.exec(options.trim())?.[1];
  if (options.trim() !== "" && !missing) throw unsupported(`the sort option \`${options}\``);
  return byField(name, direction, missing === "first");
}

const byScore =
  (direction: number): Compare =>
  (one, other) =>
    (one.score - other.score) * direction;

/** Documents without the field come last, unless asked first. */
function byField(name: string, direction: number, missingFirst: boolean): Compare {
  const keys = new Map<Hit, number | string | null>();
  // Sorting asks for each hit's key some twenty times.
  const keyOf = (hit: Hit) => {
    let key = keys.get(hit);
    if (key === undefined) {
      key = sortKey(valueAt(hit.held.document, name));
      keys.set(hit, key);
    }
    return key;
  };
  return (one, other) => {
    const a = keyOf(one);
    const b = keyOf(other);
    if (a === b) return 0;
    if (a === null) return missingFirst ? -1 : 1;
    if (b === null) return missingFirst ? 1 : -1;
    return (a < b ? -1 : 1) * direction;
  };
}

function sortKey(value: Json | undefined): number | string | null {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string") return value.toLowerCase();
  return typeof value === "number" ? value : null;
}
