import { checkExpression } from "../aggregate/expressions.ts";
import { type Doc, isDoc, isOperatorDoc } from "../bson/values.ts";
import { MongoError, notImplemented } from "../errors.ts";
import { type Evaluate, fieldsOfExpression } from "./expression-fields.ts";
import { compileOperator, type Operand, type Test } from "./operators.ts";
import { splitPath } from "./path.ts";
import { isRegex } from "./regex.ts";

/** A filter ready to test documents. */
export interface Filter {
  readonly source: Doc;
  readonly test: Test;
  /** Top-level fields the filter looks at, or null when it may look at any. */
  readonly fields: ReadonlySet<string> | null;
  /** True when numbers must be decoded in their BSON classes, because the filter asks for numeric types. */
  readonly exactNumbers: boolean;
  /** True when it evaluates expressions, in a library that may change what it reads. */
  readonly usesExpressions: boolean;
}

/** What the compiling of one filter gathers. */
export interface FilterScope {
  readonly evaluate: Evaluate;
  fields: Set<string> | null;
  /** Shared with nested scopes. */
  readonly flags: { exactNumbers: boolean; usesExpressions: boolean };
}

const MATCH_ALL: Test = () => true;

/** Deepest nesting of logical operators accepted. */
const DEPTH_MAX = 100;

/**
 * Reads a query filter.
 * @throws BadValue for an unknown operator, NotImplemented for one that this server has not.
 */
export function compileFilter(source: Doc, evaluate: Evaluate): Filter {
  const scope: FilterScope = { evaluate, fields: new Set(), flags: { exactNumbers: false, usesExpressions: false } };
  const test = compileDoc(source, scope, 0);
  return { source, test, fields: scope.fields, ...scope.flags };
}

function compileDoc(source: Doc, scope: FilterScope, depth: number): Test {
  if (depth > DEPTH_MAX) throw new MongoError("BadValue", "The filter is nested too deeply");
  const tests = Object.entries(source).map(([name, value]) =>
    name.startsWith("$") ? compileTopLevel(name, value, scope, depth) : compileField(name, value, scope, depth),
  );
  return allOf(tests);
}

function allOf(tests: readonly Test[]): Test {
  const [only] = tests;
  if (only === undefined) return MATCH_ALL;
  return tests.length === 1 ? only : (document) => tests.every((test) => test(document));
}

function compileTopLevel(name: string, value: unknown, scope: FilterScope, depth: number): Test {
  switch (name) {
    case "$and":
      return allOf(branches(name, value, scope, depth));
    case "$or": {
      const tests = branches(name, value, scope, depth);
      return (document) => tests.some((test) => test(document));
    }
    case "$nor": {
      const tests = branches(name, value, scope, depth);
      return (document) => !tests.some((test) => test(document));
    }
    case "$expr": {
      checkExpression(value);
      scope.flags.usesExpressions = true;
      mergeFields(scope, fieldsOfExpression(value));
      const evaluate = scope.evaluate;
      return (document) => isTrue(evaluate(document as Doc, value));
    }
    case "$comment":
      return MATCH_ALL;
    case "$text":
    case "$where":
    case "$jsonSchema":
    case "$sampleRate":
      throw notImplemented(`query operator ${name}`);
    default:
      throw new MongoError("BadValue", `unknown top level operator: ${name}`);
  }
}

function mergeFields(scope: FilterScope, fields: ReadonlySet<string> | null): void {
  if (fields === null) scope.fields = null;
  else for (const field of fields) scope.fields?.add(field);
}

function branches(name: string, value: unknown, scope: FilterScope, depth: number): Test[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new MongoError("BadValue", `${name} argument must be a nonempty array`);
  }
  return value.map((branch) => {
    if (!isDoc(branch)) throw new MongoError("BadValue", `${name} argument's entries must be objects`);
    return compileDoc(branch, scope, depth + 1);
  });
}

function compileField(field: string, value: unknown, scope: FilterScope, depth: number): Test {
  const path = splitPath(field);
  scope.fields?.add(path[0] ?? field);
  const nested = {
    filter: (source: Doc) => compileDoc(source, { ...scope, fields: null }, depth + 1),
    condition: (source: unknown) => compileField("value", source, { ...scope, fields: null }, depth + 1),
    wantExactNumbers: () => {
      scope.flags.exactNumbers = true;
    },
  };
  return compileCondition({ path, field, nested }, value);
}

function compileCondition(at: Pick<Operand, "path" | "field" | "nested">, value: unknown): Test {
  if (isRegex(value)) return compileOperator("$regex", { ...at, value, siblings: {} });
  if (!isOperatorDoc(value)) return compileOperator("$eq", { ...at, value, siblings: {} });
  const tests = Object.entries(value)
    .filter(([operator]) => operator !== "$options")
    .map(([operator, operand]) => {
      if (operator === "$not") return compileNot(at, operand);
      return compileOperator(operator, { ...at, value: operand, siblings: value });
    });
  if ("$options" in value && !("$regex" in value)) throw new MongoError("BadValue", "$options needs a $regex");
  return allOf(tests);
}

function compileNot(at: Pick<Operand, "path" | "field" | "nested">, operand: unknown): Test {
  if (!isRegex(operand) && !isOperatorDoc(operand)) {
    throw new MongoError("BadValue", "$not needs a regex or a document of operators");
  }
  const test = compileCondition(at, operand);
  return (document) => !test(document);
}

/** MongoDB's truth of an expression's value: everything but false, zero, null and missing. */
export function isTrue(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0) return false;
  return !(typeof value === "object" && "isZero" in value && typeof value.isZero === "function" && value.isZero());
}
