import { type Doc, isDoc } from "../bson/values.ts";
import { fieldsOfExpression } from "../query/expression-fields.ts";
import { compileFilter } from "../query/filter.ts";

/** Fields a stage reads: null when it may read any. `ends` when nothing later sees the documents that came in. */
interface Need {
  readonly fields: ReadonlySet<string> | null;
  readonly ends: boolean;
}

const NONE: ReadonlySet<string> = new Set();

const NEEDS: Readonly<Record<string, (specification: unknown) => Need>> = {
  $match: (filter) => ({ fields: isDoc(filter) ? compileFilter(filter, () => null).fields : null, ends: false }),
  $sort: (sort) => ({ fields: new Set(Object.keys(isDoc(sort) ? sort : {}).map(topLevel)), ends: false }),
  $unwind: (path) => ({ fields: fieldsOfExpression(isDoc(path) ? path.path : path), ends: false }),
  $limit: () => ({ fields: NONE, ends: false }),
  $skip: () => ({ fields: NONE, ends: false }),
  $sample: () => ({ fields: NONE, ends: false }),
  $count: () => ({ fields: NONE, ends: true }),
  $group: (group) => ({ fields: fieldsOfExpression(group), ends: true }),
  $sortByCount: (expression) => ({ fields: fieldsOfExpression(expression), ends: true }),
  $bucket: (bucket) => ({ fields: fieldsOfExpression(bucket), ends: true }),
  $facet: facetNeed,
};

function topLevel(path: string): string {
  return path.split(".")[0] ?? path;
}

function facetNeed(facets: unknown): Need {
  const fields = new Set<string>();
  for (const pipeline of Object.values(isDoc(facets) ? facets : {})) {
    const needed = Array.isArray(pipeline) ? neededFields(pipeline) : null;
    if (needed === null) return { fields: null, ends: true };
    for (const field of needed) fields.add(field);
  }
  return { fields, ends: true };
}

/** The top-level fields a pipeline can tell apart in the documents it is given, or null when it passes them on whole. */
export function neededFields(stages: readonly Doc[]): ReadonlySet<string> | null {
  const fields = new Set<string>();
  for (const stage of stages) {
    const [name = ""] = Object.keys(stage);
    const need = Object.hasOwn(NEEDS, name) ? NEEDS[name]?.(stage[name]) : undefined;
    if (!need || need.fields === null) return null;
    for (const field of need.fields) fields.add(field);
    if (need.ends) return fields;
  }
  return null;
}
