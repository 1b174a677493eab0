import { checkExpression } from "../aggregate/expressions.ts";
import { type Doc, isDoc, isNumeric, plainNumber } from "../bson/values.ts";
import { MongoError, notImplemented } from "../errors.ts";
import type { Evaluate } from "./expression-fields.ts";
import { compileFilter } from "./filter.ts";
import { defineField, flattened, setAt, splitPath, valueAt } from "./path.ts";
import { matchedElement } from "./positional.ts";

/** Gives the part of a document that a query asked for; the document itself stays as it is. */
export type Project = (document: Doc) => Doc;

/** A projection and the top-level fields it reads, null when it may read any. */
export interface Projection {
  readonly project: Project;
  readonly fields: ReadonlySet<string> | null;
}

type Tree = Map<string, Tree | true>;

interface Parts {
  readonly included: string[];
  readonly excluded: string[];
  /** Fields set to the value of an expression. */
  readonly computed: Array<readonly [string, unknown]>;
  /** Fields whose array is cut or searched after the selection. */
  readonly arrays: Array<
    readonly [string, (array: readonly unknown[], document: Doc) => readonly unknown[] | undefined]
  >;
  /** `$slice` alone leaves all other fields in; `$elemMatch` and `.$` select. */
  selects: boolean;
  id: boolean | null;
}

/**
 * Reads the projection of `find` and `findAndModify`.
 * @throws 31253, 31254 when inclusion and exclusion are mixed.
 */
export function compileProjection(source: Doc, filter: Doc, evaluate: Evaluate): Projection | null {
  if (Object.keys(source).length === 0) return null;
  const parts: Parts = { included: [], excluded: [], computed: [], arrays: [], selects: false, id: null };
  for (const [field, value] of flattened(source)) readField(parts, field, value, { filter, evaluate });
  const inclusive = parts.included.length > 0 || parts.computed.length > 0 || parts.selects;
  if (inclusive && parts.excluded.length > 0) {
    throw new MongoError("Location31254", `Cannot do exclusion on field ${parts.excluded[0]} in inclusion projection`);
  }
  const select =
    inclusive || (parts.id === true && parts.excluded.length === 0 && parts.arrays.length === 0)
      ? inclusion(parts)
      : exclusion(parts);
  return {
    project: (document) => finish(parts, select(document), document, evaluate),
    fields:
      inclusive && parts.computed.length === 0
        ? new Set(["_id", ...parts.included, ...parts.arrays.map(([field]) => field)].map(topLevel))
        : null,
  };
}

function topLevel(field: string): string {
  return splitPath(field)[0] ?? field;
}

function readField(parts: Parts, field: string, value: unknown, scope: { filter: Doc; evaluate: Evaluate }): void {
  if (isNumeric(value) || typeof value === "boolean") {
    const wanted = typeof value === "boolean" ? value : plainNumber(value) !== 0;
    if (field === "_id") parts.id = wanted;
    else if (field.endsWith(".$")) readPositional(parts, field.slice(0, -2), scope.filter);
    else (wanted ? parts.included : parts.excluded).push(field);
    return;
  }
  if (isDoc(value) && "$slice" in value && isSliceOperand(value.$slice)) {
    const cut = sliceOf(value.$slice);
    parts.arrays.push([field, cut]);
  } else if (isDoc(value) && "$elemMatch" in value) {
    const test = compileFilter({ value: { $elemMatch: value.$elemMatch } }, scope.evaluate).test;
    parts.selects = true;
    parts.included.push(field);
    parts.arrays.push([field, (array) => firstOrNone(array.find((item) => test({ value: [item] })))]);
  } else if (isDoc(value) && "$meta" in value) {
    throw notImplemented("projection $meta");
  } else {
    checkExpression(value);
    parts.computed.push([field, value]);
  }
}

function readPositional(parts: Parts, field: string, filter: Doc): void {
  parts.selects = true;
  parts.included.push(field);
  parts.arrays.push([
    field,
    (array, document) => {
      const at = matchedElement(filter, document, field);
      return at === null ? array : firstOrNone(array[at]);
    },
  ]);
}

function firstOrNone(item: unknown): readonly unknown[] | undefined {
  return item === undefined ? undefined : [item];
}

function isSliceOperand(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isNumeric) : isNumeric(value);
}

function sliceOf(operand: unknown): (array: readonly unknown[]) => readonly unknown[] {
  const [first = 0, count] = (Array.isArray(operand) ? operand : [operand]).map((part) => Number(plainNumber(part)));
  if (count === undefined) return (array) => (first >= 0 ? array.slice(0, first) : array.slice(first));
  if (count <= 0) throw new MongoError("Location28724", "Third argument to $slice must be positive");
  return (array) => {
    const from = first >= 0 ? first : Math.max(0, array.length + first);
    return array.slice(from, from + count);
  };
}

function treeOf(fields: readonly string[]): Tree {
  const tree: Tree = new Map();
  for (const field of fields) {
    let at = tree;
    const path = splitPath(field);
    for (const [depth, name] of path.entries()) {
      const existing = at.get(name);
      if (existing === true || (existing !== undefined && depth === path.length - 1)) {
        throw new MongoError("Location31249", `Path collision at ${field}`);
      }
      const next: Tree = existing ?? new Map();
      at.set(name, depth === path.length - 1 ? true : next);
      at = next;
    }
  }
  return tree;
}

function inclusion(parts: Parts): Project {
  const tree = treeOf(parts.id === false ? parts.included : ["_id", ...parts.included]);
  return (document) => includeIn(document, tree);
}

function includeIn(document: Doc, tree: Tree): Doc {
  const kept: Doc = {};
  for (const [name, value] of Object.entries(document)) {
    const branch = tree.get(name);
    if (branch === undefined) continue;
    const part = branch === true ? value : includeValue(value, branch);
    if (part !== undefined) defineField(kept, name, part);
  }
  return kept;
}

function includeValue(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value)) return value.map((item) => includeValue(item, tree)).filter((item) => item !== undefined);
  return isDoc(value) ? includeIn(value, tree) : undefined;
}

function exclusion(parts: Parts): Project {
  const tree = treeOf(parts.id === false ? ["_id", ...parts.excluded] : parts.excluded);
  return (document) => excludeIn(document, tree);
}

function excludeIn(document: Doc, tree: Tree): Doc {
  const kept: Doc = {};
  for (const [name, value] of Object.entries(document)) {
    const branch = tree.get(name);
    if (branch === true) continue;
    defineField(kept, name, branch === undefined ? value : excludeValue(value, branch));
  }
  return kept;
}

function excludeValue(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value)) return value.map((item) => excludeValue(item, tree));
  return isDoc(value) ? excludeIn(value, tree) : value;
}

function finish(parts: Parts, selected: Doc, document: Doc, evaluate: Evaluate): Doc {
  for (const [field, change] of parts.arrays) {
    const path = splitPath(field);
    const array = valueAt(document, path);
    if (!Array.isArray(array)) continue;
    const changed = change(array, document);
    if (changed === undefined) delete selected[field];
    else setCopied(selected, path, changed);
  }
  for (const [field, expression] of parts.computed) {
    const value = evaluate(document, expression);
    if (value !== undefined) setCopied(selected, splitPath(field), value);
  }
  return selected;
}

/** Sets below copies of the documents on the way, because the selection may share them with the stored document. */
function setCopied(target: Doc, path: readonly string[], value: unknown): void {
  const [name = "", ...rest] = path;
  if (rest.length > 0 && isDoc(target[name])) {
    const copy = { ...target[name] };
    defineField(target, name, copy);
    setCopied(copy, rest, value);
  } else {
    setAt(target, path, value);
  }
}
