import type { Collection } from "../collection.ts";
import type { Column } from "../column.ts";
import { malformed, notFound, unsupported } from "../errors.ts";
import { SORT_FIELDS_MAX } from "../limits.ts";
import { isPattern, isText } from "../schema/field.ts";
import type { Scores } from "../scores.ts";

/** Compares rows. */
type Compare = (one: number, other: number) => number;

/** Numbers of rows to sort by. */
interface Numbers {
  readonly keys: Float64Array;
  readonly direction: number;
  readonly missingFirst: boolean;
}

/**
 * The order that `sort_by` asks for; by default the best match, then the default sorting field, then the newest. No two rows are
 * equal. Where nothing has a score, all match alike.
 */
export function compileSort(clauses: readonly string[], collection: Collection, scores: Scores | null): Compare {
  const { schema } = collection;
  if (clauses.length > SORT_FIELDS_MAX)
    throw malformed(`Only upto ${SORT_FIELDS_MAX} sort_by fields can be specified.`);
  const members = clauses.flatMap((clause) => compileClause(clause, collection, scores));
  if (clauses.length === 0) {
    members.push(...byScore(scores, -1));
    const { defaultSortingField } = schema.record;
    if (defaultSortingField !== "") members.push(byColumn(collection.index.columns.of(defaultSortingField), -1, false));
  }
  members.push({ keys: collection.positions, direction: -1, missingFirst: false });
  const numbers = members.filter((member) => "keys" in member);
  return numbers.length === members.length ? byNumbers(numbers) : inTurn(members);
}

/** Of long lists every row is compared, so numbers are looked at without a call for each. */
function byNumbers(numbers: readonly Numbers[]): Compare {
  return (one, other) => {
    for (let at = 0; at < numbers.length; at += 1) {
      const { keys, direction, missingFirst } = numbers[at] as Numbers;
      const a = keys[one] as number;
      const b = keys[other] as number;
      if (a < b) return -direction;
      if (a > b) return direction;
      if (a === b) continue;
      const order = missingOrder(Number.isNaN(a), Number.isNaN(b), missingFirst);
      if (order !== 0) return order;
    }
    return 0;
  };
}

function inTurn(members: readonly (Numbers | Compare)[]): Compare {
  const compares = members.map((member) => ("keys" in member ? byNumbers([member]) : member));
  return (one, other) => {
    for (const compare of compares) {
      const order = compare(one, other);
      if (order !== 0) return order;
    }
    return 0;
  };
}

function compileClause(clause: string, collection: Collection, scores: Scores | null): (Numbers | Compare)[] {
  const { schema } = collection;
  const match = /^([^(]+?)\s*(?:\((.*)\))?\s*:\s*(asc|desc)$/i.exec(clause);
  if (!match) throw malformed("Parameter `sort_by` is malformed.");
  const [, name = "", options = "", word = ""] = match;
  const direction = word.toLowerCase() === "asc" ? 1 : -1;
  if (name === "_text_match") return byScore(scores, direction);
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
  return [
    field && isText(field.type) ? byText(column, direction, missingFirst) : byColumn(column, direction, missingFirst),
  ];
}

/** Of what the search in hand has found. */
function byScore(scores: Scores | null, direction: number): Numbers[] {
  return scores ? [{ keys: scores.kept, direction, missingFirst: false }] : [];
}

/** Documents without the field come last, unless asked first. */
function byColumn({ keys }: Column, direction: number, missingFirst: boolean): Numbers {
  return { keys, direction, missingFirst };
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
