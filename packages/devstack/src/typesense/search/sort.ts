import type { Collection } from "../collection.ts";
import type { Column } from "../column.ts";
import { malformed, notFound, unsupported } from "../errors.ts";
import { SORT_FIELDS_MAX } from "../limits.ts";
import { isPattern, isText } from "../schema/field.ts";

/** Compares rows. */
type Compare = (one: number, other: number) => number;
type Score = (row: number) => number;

/** The order that `sort_by` asks for; by default the best match, then the default sorting field, then the newest. No two rows are equal. */
export function compileSort(clauses: readonly string[], collection: Collection, score: Score): Compare {
  const { schema } = collection;
  if (clauses.length > SORT_FIELDS_MAX)
    throw malformed(`Only upto ${SORT_FIELDS_MAX} sort_by fields can be specified.`);
  const compares = clauses.map((clause) => compileClause(clause, collection, score));
  if (compares.length === 0) {
    compares.push(byScore(score, -1));
    const { defaultSortingField } = schema.record;
    if (defaultSortingField !== "")
      compares.push(byColumn(collection.index.columns.of(defaultSortingField), -1, false));
  }
  compares.push((one, other) => collection.at(other).position - collection.at(one).position);
  return (one, other) => {
    for (const compare of compares) {
      const order = compare(one, other);
      if (order !== 0) return order;
    }
    return 0;
  };
}

function compileClause(clause: string, collection: Collection, score: Score): Compare {
  const { schema } = collection;
  const match = /^([^(]+?)\s*(?:\((.*)\))?\s*:\s*(asc|desc)$/i.exec(clause);
  if (!match) throw malformed("Parameter `sort_by` is malformed.");
  const [, name = "", options = "", word = ""] = match;
  const direction = word.toLowerCase() === "asc" ? 1 : -1;
  if (name === "_text_match") return byScore(score, direction);
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
  const column = collection.index.columns.of(name);
  const missingFirst = missing === "first";
  return field && isText(field.type)
    ? byText(column, direction, missingFirst)
    : byColumn(column, direction, missingFirst);
}

const byScore =
  (score: Score, direction: number): Compare =>
  (one, other) =>
    (score(one) - score(other)) * direction;

/** Documents without the field come last, unless asked first. */
function byColumn({ keys }: Column, direction: number, missingFirst: boolean): Compare {
  return (one, other) => {
    const a = keys[one] as number;
    const b = keys[other] as number;
    if (a < b) return -direction;
    if (a > b) return direction;
    return a === b ? 0 : missingOrder(Number.isNaN(a), Number.isNaN(b), missingFirst);
  };
}

/** The same for texts, whose case does not count. */
function byText(column: Column, direction: number, missingFirst: boolean): Compare {
  return (one, other) => {
    const a = column.textIn(one);
    const b = column.textIn(other);
    if (a === null || b === null) return missingOrder(a === null, b === null, missingFirst);
    return a === b ? 0 : (a < b ? -1 : 1) * direction;
  };
}

function missingOrder(one: boolean, other: boolean, missingFirst: boolean): number {
  if (one === other) return 0;
  return one === missingFirst ? -1 : 1;
}
