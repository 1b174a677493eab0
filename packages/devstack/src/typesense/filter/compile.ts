import { malformed, unsupported } from "../errors.ts";
import { type Json, type JsonObject, valuesAt } from "../json.ts";
import { elementType, type Field } from "../schema/field.ts";
import type { Schema } from "../schema/schema.ts";
import { joinedWords, type TokenRules, words } from "../tokens.ts";
import { type FilterNode, type FilterValue, parseFilter } from "./parse.ts";

export type Predicate = (document: JsonObject) => boolean;
type Test = (value: Json) => boolean;

const KNOWN_VALUES_MAX = 10_000;

/** What `filter_by` means for this schema. An absent or empty filter lets everything pass. */
export function compileFilter(source: string | undefined, schema: Schema): Predicate {
  const node = readFilter(source);
  return node ? compileNode(node, schema) : () => true;
}

/** Null when the filter is absent or empty. */
export function readFilter(source: string | undefined): FilterNode | null {
  if (source === undefined || source.trim() === "") return null;
  if (/\.\{/.test(source)) throw unsupported("filters on one element of an object array");
  if (/\$\w+\s*\(/.test(source)) throw unsupported("filters on joined collections");
  return parseFilter(source);
}

export function compileNode(node: FilterNode, schema: Schema): Predicate {
  if (node.kind === "condition") return predicateOf(compileCondition(node, schema), node.negated);
  const left = compileNode(node.left, schema);
  const right = compileNode(node.right, schema);
  if (node.kind === "and") return (document) => left(document) && right(document);
  return (document) => left(document) || right(document);
}

/** One condition, not yet negated: what passes among a field's values, the ids it names, or, without a field, everything. */
export type Condition =
  | { readonly ids: null; readonly field: string; readonly passes: Test }
  | { readonly ids: ReadonlySet<string>; readonly field: null }
  | { readonly ids: null; readonly field: null };

export function compileCondition(node: Extract<FilterNode, { kind: "condition" }>, schema: Schema): Condition {
  if (node.field === "id") return compileIds(node);
  const field = schema.indexed(node.field, "filter field");
  const rules = schema.tokenRules(field.name);
  const tests = node.values.map((value) => compileValue(value, field, rules));
  const [only] = tests;
  const passes: Test = tests.length === 1 && only ? only : (value) => tests.some((test) => test(value));
  return { ids: null, field: field.name, passes };
}

function compileIds(node: Extract<FilterNode, { kind: "condition" }>): Condition {
  if (node.values.some((value) => value.text === "*" && !value.quoted)) return { ids: null, field: null };
  return { ids: new Set(node.values.map((value) => value.text)), field: null };
}

function predicateOf(condition: Condition, negated: boolean): Predicate {
  if (condition.ids) return (document) => condition.ids.has(String(document.id)) !== negated;
  const { field } = condition;
  if (field === null) return () => !negated;
  return (document) => valuesAt(document, field).some(condition.passes) !== negated;
}

function compileValue(value: FilterValue, field: Field, rules: TokenRules): Test {
  const type = elementType(field.type);
  if (type === "string") return remembering(compileText(value, rules));
  if (type === "bool") return compileBoolean(value, field);
  if (type === "object") throw malformed(`Error with filter field \`${field.name}\`: objects cannot be filtered by.`);
  return compileNumber(value, field, type);
}

/** Values come again in document after document, and to take one apart costs more than to know it. */
function remembering(test: Test): Test {
  const known = new Map<Json, boolean>();
  return (present) => {
    const before = known.get(present);
    if (before !== undefined) return before;
    const holds = test(present);
    if (known.size < KNOWN_VALUES_MAX) known.set(present, holds);
    return holds;
  };
}

function compileBoolean(value: FilterValue, field: Field): Test {
  if (value.text !== "true" && value.text !== "false") {
    throw malformed(`Error with filter field \`${field.name}\`: Not a bool.`);
  }
  const wanted = value.text === "true";
  return (present) => present === wanted;
}

function compileNumber(value: FilterValue, field: Field, type: string): Test {
  const range = /^(.+?)\.\.(.+)$/.exec(value.text);
  if (range) {
    const low = readNumber(range[1] ?? "", field, type);
    const high = readNumber(range[2] ?? "", field, type);
    return (present) => Number(present) >= low && Number(present) <= high;
  }
  const wanted = readNumber(value.text, field, type);
  switch (value.comparison) {
    case ">":
      return (present) => Number(present) > wanted;
    case ">=":
      return (present) => Number(present) >= wanted;
    case "<":
      return (present) => Number(present) < wanted;
    case "<=":
      return (present) => Number(present) <= wanted;
    default:
      return (present) => present === wanted;
  }
}

function readNumber(text: string, field: Field, type: string): number {
  const pattern = type === "float" ? /^-?\d*\.?\d+(e[+-]?\d+)?$/i : /^-?\d+$/;
  if (!pattern.test(text.trim())) throw malformed(`Error with filter field \`${field.name}\`: Not ${article(type)}.`);
  return Number(text);
}

const article = (type: string) => (type === "float" ? "a float" : `an ${type}`);

/** Text is compared word by word: `:` asks for all words, `:=` for exactly these, a `*` at the end for a beginning. */
function compileText(value: FilterValue, rules: TokenRules): Test {
  if (value.comparison !== "match" && value.comparison !== "equals") {
    throw malformed("Error with filter field: string fields cannot be compared by order.");
  }
  const isPrefix = !value.quoted && value.text.endsWith("*");
  const wanted = words(isPrefix ? value.text.slice(0, -1) : value.text, rules);
  if (wanted.length === 0) return () => isPrefix;
  if (value.comparison === "equals") {
    const text = wanted.join(" ");
    return (present) => {
      const own = joinedWords(String(present), rules);
      return isPrefix ? own.startsWith(text) : own === text;
    };
  }
  const whole = isPrefix ? wanted.slice(0, -1) : wanted;
  const beginning = isPrefix ? (wanted.at(-1) ?? "") : null;
  return (present) => {
    const own = words(String(present), rules);
    if (beginning !== null && !own.some((word) => word.startsWith(beginning))) return false;
    return whole.every((word) => own.includes(word));
  };
}
