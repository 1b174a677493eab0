import { type Doc, isDoc } from "../bson/values.ts";
import { MongoError } from "../errors.ts";
import { defineField, flattened, type Path, setAt, splitPath, valueAt } from "../query/path.ts";
import { compileProjection } from "../query/projection.ts";
import { PAUSE } from "../turns.ts";
import type { Environment, PausingStage } from "./environment.ts";
import { checkExpression } from "./expressions.ts";

function mapped(change: (document: Doc) => Doc): PausingStage {
  return {
    *inTurns(input) {
      for (const document of input) yield document === PAUSE ? PAUSE : change(document);
    },
  };
}

export function projectStage(specification: unknown, environment: Environment): PausingStage {
  if (!isDoc(specification) || Object.keys(specification).length === 0) {
    throw new MongoError("Location51272", "$project specification must be a non-empty object");
  }
  checkExpression(specification);
  return mapped(compileProjection(specification, {}, environment.evaluate)?.project ?? ((document) => document));
}

export function unsetStage(specification: unknown, environment: Environment): PausingStage {
  const fields: unknown[] = Array.isArray(specification) ? specification : [specification];
  if (
    fields.length === 0 ||
    !fields.every((field) => typeof field === "string" && field !== "" && !field.startsWith("$"))
  ) {
    throw new MongoError(
      "Location31002",
      "$unset specification must be a string or an array containing only field paths",
    );
  }
  return projectStage(Object.fromEntries(fields.map((field) => [String(field), 0])), environment);
}

export function addFieldsStage(specification: unknown, environment: Environment): PausingStage {
  if (!isDoc(specification)) throw new MongoError("Location40272", "$addFields specification stage must be an object");
  checkExpression(specification);
  const fields = flattened(specification).map(([field, expression]) => ({ path: splitPath(field), expression }));
  return mapped((document) => {
    let changed = document;
    for (const { path, expression } of fields) {
      changed = withValue(changed, path, environment.evaluate(document, expression)) as Doc;
    }
    return changed;
  });
}

/** A copy with the value at the path, in every item of an array on the way; undefined takes the field away. */
function withValue(target: unknown, path: Path, value: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  if (Array.isArray(target)) return target.map((item) => withValue(item, path, value));
  const copy: Doc = isDoc(target) ? { ...target } : {};
  const child = withValue(copy[name], rest, value);
  if (child === undefined) delete copy[name];
  else defineField(copy, name, child);
  return copy;
}

export function replaceRootStage(expression: unknown, environment: Environment): PausingStage {
  checkExpression(expression);
  return mapped((document) => {
    const root = environment.evaluate(document, expression);
    if (!isDoc(root)) {
      throw new MongoError("Location40228", "'newRoot' expression must evaluate to an object");
    }
    return root;
  });
}

interface Unwind {
  readonly path: Path;
  readonly index: string | null;
  readonly preserve: boolean;
}

export function unwindStage(specification: unknown): PausingStage {
  const unwind = readUnwind(specification);
  return {
    *inTurns(input) {
      for (const document of input) {
        if (document === PAUSE) yield PAUSE;
        else yield* unwound(document, unwind);
      }
    },
  };
}

function readUnwind(specification: unknown): Unwind {
  const source: Doc = isDoc(specification) ? specification : { path: specification };
  const { path, includeArrayIndex: index = null, preserveNullAndEmptyArrays: preserve = false } = source;
  if (typeof path !== "string" || !path.startsWith("$")) {
    throw new MongoError("Location28818", "path option to $unwind stage should be prefixed with a '$'");
  }
  if (index !== null && (typeof index !== "string" || index === "" || index.startsWith("$"))) {
    throw new MongoError("Location28822", "includeArrayIndex option to $unwind stage must be a field name");
  }
  return { path: splitPath(path.slice(1)), index, preserve: preserve === true };
}

function* unwound(document: Doc, { path, index, preserve }: Unwind): Generator<Doc> {
  const value = valueAt(document, path);
  const numbered = (result: Doc, place: number | null) => {
    if (index !== null) setAt(result, splitPath(index), place);
    return result;
  };
  if (Array.isArray(value) && value.length > 0) {
    for (const [place, item] of value.entries()) yield numbered(withValue(document, path, item) as Doc, place);
  } else if (value === undefined || value === null || Array.isArray(value)) {
    if (preserve)
      yield numbered(Array.isArray(value) ? (withValue(document, path, undefined) as Doc) : { ...document }, null);
  } else {
    yield numbered({ ...document }, null);
  }
}
