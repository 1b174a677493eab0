import { compareValues } from "../bson/compare.ts";
import { keyText } from "../bson/key.ts";
import { type Doc, isDecimal, isDoc } from "../bson/values.ts";
import { MongoError, notImplemented } from "../errors.ts";
import { PAUSE, type Paused, withoutPauses } from "../turns.ts";
import { type OutputField, outputField } from "./accumulators.ts";
import type { Environment, PausingStage, Stage } from "./environment.ts";
import { checkExpression } from "./expressions.ts";

/** Groups one pipeline may hold in memory. */
const GROUPS_MAX = 1_000_000;

export function groupStage(specification: unknown, environment: Environment): PausingStage {
  if (!isDoc(specification)) throw new MongoError("Location15947", "a group's fields must be specified in an object");
  if (!("_id" in specification)) throw new MongoError("Location15955", "a group specification must include an _id");
  const { _id: key, ...outputs } = specification;
  checkExpression(key);
  const fields = Object.entries(outputs).map(([name, output]) => outputField(name, output, environment));
  return { inTurns: (input) => grouped(input, (document) => environment.evaluate(document, key) ?? null, fields) };
}

function* grouped(
  input: Iterable<Paused<Doc>>,
  keyOf: (document: Doc) => unknown,
  fields: readonly OutputField[],
): Generator<Paused<Doc>> {
  const groups = new Map<string, { readonly key: unknown; readonly outputs: ReturnType<OutputField["start"]>[] }>();
  for (const document of input) {
    if (document === PAUSE) {
      yield PAUSE;
      continue;
    }
    const key = keyOf(document);
    if (isDecimal(key)) throw notImplemented("grouping by Decimal128");
    const text = keyText(key);
    let group = groups.get(text);
    if (!group) {
      if (groups.size >= GROUPS_MAX) {
        throw new MongoError("QueryExceededMemoryLimitNoDiskUseAllowed", "Exceeded memory limit for $group");
      }
      group = { key, outputs: fields.map((field) => field.start()) };
      groups.set(text, group);
    }
    for (const output of group.outputs) output.add(document);
  }
  for (const { key, outputs } of groups.values()) {
    const result: Doc = { _id: key };
    for (const [at, output] of outputs.entries()) result[fields[at]?.name ?? ""] = output.result();
    yield result;
  }
}

const COUNT: Doc = { count: { $sum: 1 } };

export function sortByCountStage(expression: unknown, environment: Environment): Stage {
  const group = groupStage({ _id: expression, ...COUNT }, environment);
  return function* (input) {
    const groups = [...withoutPauses(group.inTurns(input))];
    yield* groups.sort((a, b) => compareValues(b.count, a.count));
  };
}

export function bucketStage(specification: unknown, environment: Environment): Stage {
  const { groupBy, boundaries, default: other, output } = isDoc(specification) ? specification : ({} as Doc);
  if (!Array.isArray(boundaries) || boundaries.length < 2) {
    throw new MongoError("Location40192", "The $bucket 'boundaries' field must have at least 2 values");
  }
  const isAscending = boundaries.every((bound, at) => at === 0 || compareValues(boundaries[at - 1], bound) < 0);
  if (!isAscending)
    throw new MongoError("Location40194", "The 'boundaries' option to $bucket must be sorted in ascending order");
  checkExpression(groupBy);
  const fields = Object.entries(isDoc(output) ? output : COUNT).map(([name, field]) =>
    outputField(name, field, environment),
  );
  const bucketOf = (document: Doc): unknown => {
    const value = environment.evaluate(document, groupBy) ?? null;
    const above = boundaries.findIndex((bound) => compareValues(value, bound) < 0);
    if (above > 0) return boundaries[above - 1];
    if (other === undefined) {
      throw new MongoError(
        "Location40066",
        "$switch could not find a matching branch for an input, and no default was specified",
      );
    }
    return other;
  };
  return function* (input) {
    const buckets = [...withoutPauses(grouped(input, bucketOf, fields))];
    yield* buckets.sort((a, b) => compareValues(a._id, b._id));
  };
}
