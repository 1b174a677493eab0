import { equalValues } from "../bson/compare.ts";
import { type Doc, isDoc, isOperatorDoc } from "../bson/values.ts";
import { MongoError, notImplemented } from "../errors.ts";
import { type Path, splitPath } from "../query/path.ts";
import { isRegex } from "../query/regex.ts";
import { readSlot, removeSlot, writeSlot } from "./change-path.ts";
import { changeOf, SINGLE_OPERATORS } from "./operators.ts";
import { type ArrayFilters, checkFiltersUsed, compileArrayFilters, concretePaths } from "./positions.ts";

/** An update ready to apply to exactly decoded documents. */
export interface Update {
  readonly kind: "operators" | "replacement" | "pipeline";
  /** Changes a document decoded for it alone, and answers the result. `matched` is the document as the filter saw it. */
  apply(document: Doc, matched: Doc): Doc;
  /** The document an upsert stores, from what the filter demands by equality. */
  insert(base: Doc): Doc;
}

export interface UpdateRequest {
  /** Operators or a replacement, decoded exactly. */
  readonly source: Doc;
  readonly filter: Doc;
  readonly arrayFilters: readonly unknown[];
  readonly now: Date;
}

interface Step {
  readonly operator: string;
  readonly field: string;
  readonly path: Path;
  run(document: Doc, path: Path): void;
}

/**
 * Reads an update document of operators, or a replacement.
 * @throws FailedToParse, ConflictingUpdateOperators, and what its operators throw.
 */
export function compileUpdate(request: UpdateRequest): Update {
  const names = Object.keys(request.source);
  if (names.some((name) => name.startsWith("$"))) return operatorUpdate(request);
  if (request.arrayFilters.length > 0)
    throw new MongoError("FailedToParse", "Cannot specify arrayFilters for a replacement");
  return replacement(request.source);
}

function replacement(source: Doc): Update {
  const replace = (old: Doc): Doc => {
    const { _id = old._id, ...rest } = source;
    return _id === undefined ? rest : { _id, ...rest };
  };
  return { kind: "replacement", apply: replace, insert: replace };
}

function operatorUpdate({ source, filter, arrayFilters, now }: UpdateRequest): Update {
  const steps = Object.entries(source).flatMap(([operator, fields]) => stepsOf(operator, fields, now));
  // MongoDB adds new fields in the order of their names, whatever the order of the update.
  steps.sort((a, b) => (a.field < b.field ? -1 : a.field > b.field ? 1 : 0));
  checkConflicts(steps);
  const filters = compileArrayFilters(arrayFilters);
  checkFiltersUsed(
    filters,
    steps.map((step) => step.path),
  );
  return {
    kind: "operators",
    apply: (document, matched) =>
      run(
        steps.filter((step) => step.operator !== "$setOnInsert"),
        document,
        { filter, arrayFilters: filters, matched },
      ),
    insert: (base) => run(steps, base, { filter, arrayFilters: filters, matched: null }),
  };
}

function run(
  steps: readonly Step[],
  document: Doc,
  positions: { filter: Doc; arrayFilters: ArrayFilters; matched: Doc | null },
): Doc {
  for (const step of steps) {
    for (const path of concretePaths(document, step.path, positions)) step.run(document, path);
  }
  return document;
}

function stepsOf(operator: string, fields: unknown, now: Date): Step[] {
  if (operator === "$bit") throw notImplemented("update operator $bit");
  if (operator !== "$rename" && !SINGLE_OPERATORS.has(operator)) {
    throw new MongoError(
      "FailedToParse",
      `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
    );
  }
  if (!isDoc(fields)) {
    throw new MongoError(
      "FailedToParse",
      `Modifiers operate on fields but we found type ${typeof fields} instead for ${operator}`,
    );
  }
  return Object.entries(fields).flatMap(([field, operand]): Step[] => {
    const path = checkedPath(field);
    if (operator === "$rename") return renameSteps(field, path, operand);
    return [{ operator, field, path, run: changeOf(operator, field, operand, now) }];
  });
}

function checkedPath(field: string): Path {
  const path = splitPath(field);
  if (path.includes(""))
    throw new MongoError("EmptyFieldName", `The update path '${field}' contains an empty field name`);
  if (path[0]?.startsWith("$"))
    throw new MongoError("DollarPrefixedFieldName", `The dollar ($) prefixed field '${field}' is not valid`);
  const stray = path.find((name) => name.startsWith("$") && name !== "$" && !/^\$\[\w*\]$/.test(name));
  if (stray) throw new MongoError("DollarPrefixedFieldName", `The dollar ($) prefixed field '${stray}' is not valid`);
  return path;
}

/** Two steps, so that both names take part in the search for conflicts; the first does the work. */
function renameSteps(field: string, path: Path, target: unknown): Step[] {
  if (typeof target !== "string") throw new MongoError("BadValue", "The 'to' field for $rename must be a string");
  const to = checkedPath(target);
  if ([...path, ...to].some((name) => name.startsWith("$"))) {
    throw new MongoError("BadValue", "The source and target field for $rename may not be dynamic");
  }
  const move = (document: Doc) => {
    const value = readSlot(document, path);
    if (value === undefined) return;
    removeSlot(document, path);
    writeSlot(document, to, value);
  };
  return [
    { operator: "$rename", field, path, run: move },
    { operator: "$rename", field: target, path: to, run: () => undefined },
  ];
}

/** @throws ConflictingUpdateOperators when one path is another or lies below it. */
function checkConflicts(steps: readonly Step[]): void {
  const seen = new Set<string>();
  for (const { field } of steps) {
    if (seen.has(field)) throw conflict(field, field);
    seen.add(field);
  }
  for (const { field, path } of steps) {
    for (let length = 1; length < path.length; length++) {
      const above = path.slice(0, length).join(".");
      if (seen.has(above)) throw conflict(field, above);
    }
  }
}

function conflict(field: string, at: string): MongoError {
  return new MongoError(
    "ConflictingUpdateOperators",
    `Updating the path '${field}' would create a conflict at '${at}'`,
  );
}

/** The document an upsert begins with: what the filter demands by equality. */
export function upsertBase(filter: Doc): Doc {
  const base: Doc = {};
  collectEqualities(filter, base);
  return base;
}

function collectEqualities(filter: Doc, base: Doc): void {
  for (const [field, value] of Object.entries(filter)) {
    if (field === "$and" && Array.isArray(value)) {
      for (const part of value) if (isDoc(part)) collectEqualities(part, base);
    } else if (field === "$or" && Array.isArray(value) && value.length === 1 && isDoc(value[0])) {
      collectEqualities(value[0], base);
    } else if (!field.startsWith("$")) {
      const demanded = demandedValue(value);
      if (demanded === undefined) continue;
      if (readSlot(base, splitPath(field)) !== undefined) {
        throw new MongoError(
          "NotSingleValueField",
          `cannot infer query fields to set, path '${field}' is matched twice`,
        );
      }
      writeSlot(base, splitPath(field), demanded);
    }
  }
}

function demandedValue(condition: unknown): unknown {
  if (isRegex(condition)) return undefined;
  if (!isOperatorDoc(condition)) return condition;
  if ("$eq" in condition) return condition.$eq;
  const only = condition.$in ?? condition.$all;
  return Array.isArray(only) && only.length === 1 && !isRegex(only[0]) && !isOperatorDoc(only[0]) ? only[0] : undefined;
}

/** @throws ImmutableField when the update gives a stored document another `_id`. */
export function checkSameId(before: Doc, after: Doc): void {
  if (after._id === undefined || !equalValues(before._id, after._id)) {
    throw new MongoError(
      "ImmutableField",
      "Performing an update on the path '_id' would modify the immutable field '_id'",
    );
  }
}
