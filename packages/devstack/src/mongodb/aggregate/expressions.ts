import { Context } from "mingo";
import { evalExpr } from "mingo/core";
import * as accumulators from "mingo/operators/accumulator";
import * as expressions from "mingo/operators/expression";
import * as pipelines from "mingo/operators/pipeline";
import * as windows from "mingo/operators/window";
import { compareValues, equalValues } from "../bson/compare.ts";
import { isDoc } from "../bson/values.ts";
import { asMongoError, MongoError, notImplemented } from "../errors.ts";
import type { Evaluate } from "../query/expression-fields.ts";
import { FOLDS } from "./folds.ts";
import { plainNumbersOnly } from "./plain-numbers.ts";

/** Values of `let` and of a command's variables, by name without "$$". */
export type Variables = Readonly<Record<string, unknown>>;

type Operator = (document: unknown, expression: unknown, options: unknown) => unknown;

// The library types each operator on its own; here they are only passed along, so one shape serves.
const evaluateRaw = evalExpr as unknown as Operator;
const library = expressions as unknown as Record<string, Operator>;

/** Operators that know JavaScript numbers only: anything larger or decimal is refused instead of being taken for zero. */
const NUMERIC = (
  "$abs $add $ceil $divide $exp $floor $ln $log $log10 $mod $multiply $pow $round $sqrt $subtract $trunc " +
  "$bitAnd $bitOr $bitXor $bitNot $toInt $toLong $toDouble $toDecimal $convert $range"
).split(" ");

/** Operators whose answer depends on types or on outside code that this server does not model. */
const REFUSED = new Set([
  "$function",
  "$accumulator",
  "$toDecimal",
  "$toHashedIndexKey",
  "$sampleRate",
  "$type",
  "$meta",
]);

/** An operator of our own, by which the library hands out its state; `checkExpression` does not let clients name it. */
const CAPTURE = "$stoaCapture";

const COMPARISONS: Readonly<Record<string, (order: number) => unknown>> = {
  $cmp: (order) => order,
  $eq: (order) => order === 0,
  $ne: (order) => order !== 0,
  $gt: (order) => order > 0,
  $gte: (order) => order >= 0,
  $lt: (order) => order < 0,
  $lte: (order) => order <= 0,
};

function guarded(name: string, operator: Operator): Operator {
  return (document, expression, options) => {
    const values = Array.isArray(expression)
      ? expression.map((item) => ({ $literal: plainNumbersOnly(name, evaluateRaw(document, item, options)) }))
      : isDoc(expression) && name === "$convert"
        ? expression
        : { $literal: plainNumbersOnly(name, evaluateRaw(document, expression, options)) };
    return operator(document, values, options);
  };
}

function comparison(name: string, answer: (order: number) => unknown): Operator {
  return (document, expression, options) => {
    const values = evaluateRaw(document, expression, options);
    if (!Array.isArray(values) || values.length !== 2) {
      throw new MongoError("Location16020", `Expression ${name} takes exactly 2 arguments`);
    }
    const [left, right] = values;
    // A missing field sorts before null in expressions, unlike in filters.
    if ((left === undefined) !== (right === undefined)) return answer(left === undefined ? -1 : 1);
    return answer(compareValues(left, right));
  };
}

function inOperator(document: unknown, expression: unknown, options: unknown): boolean {
  const values = evaluateRaw(document, expression, options);
  const [wanted, list] = Array.isArray(values) ? values : [];
  if (!Array.isArray(list)) throw new MongoError("Location40081", "$in requires an array as a second argument");
  return list.some((item) => equalValues(item, wanted));
}

function refusal(name: string): Operator {
  return () => {
    throw notImplemented(`expression operator ${name}`);
  };
}

/** `$sum`, `$avg`, `$min` and `$max` over the items of a list, or over several values. */
function listOperator(name: string): Operator {
  return (document, expression, options) => {
    const value = evaluateRaw(document, expression, options);
    const isOneList =
      Array.isArray(value) && value.length === 1 && Array.isArray(value[0]) && Array.isArray(expression);
    const items: unknown[] = isOneList ? value[0] : Array.isArray(value) ? value : [value];
    const fold = FOLDS[name]?.();
    for (const item of items) fold?.add(item);
    return fold?.result();
  };
}

/** The library's operators with ours in place of those that differ from MongoDB. */
function buildOperators(): Record<string, Operator> {
  const operators: Record<string, Operator> = {};
  for (const [name, operator] of Object.entries(library)) if (name.startsWith("$")) operators[name] = operator;
  for (const name of NUMERIC) {
    const operator = library[name];
    if (operator) operators[name] = guarded(name, operator);
  }
  for (const [name, answer] of Object.entries(COMPARISONS)) operators[name] = comparison(name, answer);
  operators.$in = inOperator;
  return operators;
}

const OPERATORS = buildOperators();

function contextWith(own: Record<string, Operator>): Context {
  const all = { expression: { ...OPERATORS, ...own }, accumulator: accumulators, pipeline: pipelines, window: windows };
  return Context.init(all as unknown as Parameters<typeof Context.init>[0]);
}

/** For expressions of clients. */
const EXPRESSION_CONTEXT = contextWith({
  [CAPTURE]: (_document, _expression, options) => options,
  ...Object.fromEntries(["$sum", "$avg", "$min", "$max"].map((name) => [name, listOperator(name)])),
  ...Object.fromEntries([...REFUSED].map((name) => [name, refusal(name)])),
});

/** For whole stages of the library, which works some of them out with operators that clients may not use. */
const STAGE_CONTEXT = contextWith({});

/** Options for stages and accumulators of the library; what the client wrote must have passed `checkExpression`. */
export function libraryOptions(variables: Variables): Record<string, unknown> {
  return { context: STAGE_CONTEXT, variables, scriptEnabled: true };
}

/** What the library hands to operators; making one copies the whole table of operators, so each evaluator keeps one. */
interface LibraryState {
  update(locals: { readonly root: unknown }): LibraryState;
}

function libraryState(variables: Variables): LibraryState {
  return evaluateRaw(
    {},
    { [CAPTURE]: 1 },
    { context: EXPRESSION_CONTEXT, variables, scriptEnabled: false },
  ) as LibraryState;
}

/**
 * An evaluator of aggregation expressions with these variables.
 * @throws 168 for an unknown operator.
 */
export function expressionEvaluator(variables: Variables): Evaluate {
  let state: LibraryState | null = null;
  return (document, expression) => {
    if (typeof expression === "string" && /^\$[^$]/.test(expression)) return fieldValue(document, expression.slice(1));
    if (typeof expression !== "string" && !isDoc(expression) && !Array.isArray(expression)) return expression;
    try {
      state ??= libraryState(variables);
      return evaluateRaw(document, expression, state.update({ root: document }));
    } catch (error) {
      throw expressionError(error);
    }
  };
}

/** What "$a.b" stands for: in an array, the values of all its documents. */
function fieldValue(value: unknown, path: string): unknown {
  const dot = path.indexOf(".");
  const name = dot === -1 ? path : path.slice(0, dot);
  if (Array.isArray(value)) return value.map((item) => fieldValue(item, path)).filter((item) => item !== undefined);
  if (!isDoc(value) || !Object.hasOwn(value, name)) return undefined;
  return dot === -1 ? value[name] : fieldValue(value[name], path.slice(dot + 1));
}

function expressionError(error: unknown): MongoError {
  const known = asMongoError(error);
  const unknownOperator = /accumulator '(\$\w+)' is not registered/.exec(known.message);
  if (unknownOperator)
    return new MongoError("InvalidPipelineOperator", `Unrecognized expression '${unknownOperator[1]}'`);
  return known.codeName === "InternalError" ? new MongoError("BadValue", known.message) : known;
}

const KNOWN = new Set([...Object.keys(OPERATORS), ...Object.keys(accumulators), ...Object.keys(windows)]);

/** Refuses expressions with unknown or unsupported operators before any document is looked at. */
export function checkExpression(expression: unknown): void {
  if (Array.isArray(expression)) {
    for (const item of expression) checkExpression(item);
    return;
  }
  if (!isDoc(expression)) return;
  for (const [name, value] of Object.entries(expression)) {
    if (name === "$literal") continue;
    if (REFUSED.has(name)) throw notImplemented(`expression operator ${name}`);
    if (name.startsWith("$") && !KNOWN.has(name)) {
      throw new MongoError("InvalidPipelineOperator", `Unrecognized expression '${name}'`);
    }
    checkExpression(value);
  }
}

/** The variables of a command's `let`, each an expression without a document. */
export function evaluateLet(definitions: unknown, outer: Variables = {}): Variables {
  if (!isDoc(definitions)) return outer;
  checkExpression(definitions);
  const evaluate = expressionEvaluator(outer);
  const variables: Record<string, unknown> = { ...outer };
  for (const [name, expression] of Object.entries(definitions)) variables[name] = evaluate({}, expression);
  return variables;
}
