import { malformed, notFound, unsupported } from "../errors.ts";
import { type Json, valueAt } from "../json.ts";
import { SORT_FIELDS_MAX } from "../limits.ts";
import { isPattern } from "../schema/field.ts";
import type { Schema } from "../schema/schema.ts";
import type { Hit } from "./match.ts";

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
