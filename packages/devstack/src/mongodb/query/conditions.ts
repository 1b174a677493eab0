import { type Doc, isDoc, isOperatorDoc, RANK, rankOf } from "../bson/values.ts";
import { isRegex } from "./regex.ts";

/** What every match of a filter must fulfil on one path, in the form an index can answer. */
export interface Condition {
  /** The value is one of these. */
  equals?: readonly unknown[];
  above?: { readonly value: unknown; readonly inclusive: boolean };
  below?: { readonly value: unknown; readonly inclusive: boolean };
}

/** Conditions by dotted path. */
export type Conditions = ReadonlyMap<string, Condition>;

/** The conditions a filter puts on its documents for certain; what stands under `$or` and the like is left out. */
export function conditionsOf(filter: Doc): Conditions {
  const conditions = new Map<string, Condition>();
  collect(filter, "", conditions);
  return conditions;
}

function collect(filter: Doc, prefix: string, conditions: Map<string, Condition>): void {
  for (const [name, value] of Object.entries(filter)) {
    if (name === "$and" && Array.isArray(value)) {
      for (const part of value) if (isDoc(part)) collect(part, prefix, conditions);
    } else if (!name.startsWith("$")) {
      collectField(`${prefix}${name}`, value, conditions);
    }
  }
}

function collectField(path: string, value: unknown, conditions: Map<string, Condition>): void {
  const condition = conditions.get(path) ?? {};
  if (!isOperatorDoc(value)) {
    if (isIndexable(value)) condition.equals ??= [value];
  } else {
    for (const [operator, operand] of Object.entries(value)) {
      if (operator === "$elemMatch" && isDoc(operand) && !isOperatorDoc(operand))
        collect(operand, `${path}.`, conditions);
      else collectOperator(condition, operator, operand);
    }
  }
  if (condition.equals || condition.above || condition.below) conditions.set(path, condition);
}

function collectOperator(condition: Condition, operator: string, operand: unknown): void {
  switch (operator) {
    case "$eq":
      if (isIndexable(operand)) condition.equals ??= [operand];
      return;
    case "$in":
      if (Array.isArray(operand) && operand.every(isIndexable)) condition.equals ??= operand;
      return;
    case "$gt":
    case "$gte":
      if (isRangeable(operand)) condition.above ??= { value: operand, inclusive: operator === "$gte" };
      return;
    case "$lt":
    case "$lte":
      if (isRangeable(operand)) condition.below ??= { value: operand, inclusive: operator === "$lte" };
      return;
    default:
  }
}

/** Arrays match by item or whole, and patterns by content: neither is one key. Decimal128 has no key at all. */
function isIndexable(value: unknown): boolean {
  return value !== undefined && !isRegex(value) && !Array.isArray(value) && !holdsDecimal(value);
}

function holdsDecimal(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsDecimal);
  if (isDoc(value)) return Object.values(value).some(holdsDecimal);
  return typeof value === "object" && value !== null && "_bsontype" in value && value._bsontype === "Decimal128";
}

function isRangeable(value: unknown): boolean {
  const rank = rankOf(value);
  return (
    isIndexable(value) && rank !== RANK.null && rank !== RANK.object && rank !== RANK.minKey && rank !== RANK.maxKey
  );
}
