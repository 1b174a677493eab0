import { equalValues } from "../bson/compare.ts";
import { type Doc, isDoc } from "../bson/values.ts";
import { MongoError } from "../errors.ts";
import { type Conditions, conditionsOf } from "../query/conditions.ts";
import { compileFilter } from "../query/filter.ts";
import { setAt, splitPath } from "../query/path.ts";
import type { Collection } from "./collection.ts";
import { ID_INDEX, type IndexSpec, sameKey } from "./index-spec.ts";
import type { IndexTable } from "./index-table.ts";
import type { KeyTable } from "./key-table.ts";
import { boundsOf, type IndexBounds } from "./ranges.ts";

/** The fields to sort by, in order, each 1 or -1. */
export type Sort = ReadonlyArray<readonly [field: string, direction: 1 | -1]>;

/** How the candidates of a query are found. */
export interface Plan {
  readonly stage: "IDHACK" | "IXSCAN" | "COLLSCAN";
  readonly index: IndexSpec | null;
  readonly keys: KeyTable | null;
  readonly bounds: IndexBounds | null;
  readonly multikey: boolean;
  readonly backwards: boolean;
  /** True when the candidates come in the wanted order. */
  readonly sorted: boolean;
}

export interface PlanRequest {
  readonly filter: Doc;
  readonly sort: Sort;
  /** An index by name or key, or `{ $natural: 1 }`. */
  readonly hint?: unknown;
}

/** Keys counted at most to judge how many candidates an index gives. */
const COUNT_LIMIT = 1_000;

/** So few candidates are sorted in memory sooner than a whole index is walked in order. */
const FEW = 100;

interface IndexView {
  readonly spec: IndexSpec;
  readonly keys: KeyTable;
  readonly multikey: boolean;
}

const FULL_SCAN: Plan = {
  stage: "COLLSCAN",
  index: null,
  keys: null,
  bounds: null,
  multikey: false,
  backwards: false,
  sorted: false,
};

/** Chooses the index that gives the fewest candidates; among large ones, one that spares the sort. */
export function planQuery(collection: Collection, request: PlanRequest): Plan {
  const conditions = conditionsOf(request.filter);
  const views = viewsOf(collection);
  if (request.hint !== undefined) return hinted(views, request, conditions);
  const id = conditions.get("_id")?.equals;
  if (id && id.length === 1 && request.sort.length === 0) {
    const view = views[0];
    if (view) return { ...planOn(view, request, conditions), stage: "IDHACK" };
  }
  const usable = views.filter((view) => isComplete(view.spec, conditions, request.filter));
  const plans = usable.map((view) => planOn(view, request, conditions));
  const bounded = plans
    .filter((plan) => (plan.bounds?.boundFields ?? 0) > 0)
    .map((plan) => ({ plan, size: sizeOf(plan) }))
    .sort((a, b) => a.size - b.size || Number(b.plan.sorted) - Number(a.plan.sorted));
  const best = bounded[0];
  if (request.sort.length === 0) return best?.plan ?? FULL_SCAN;
  if (best && best.size <= FEW) return best.plan;
  return bounded.find(({ plan }) => plan.sorted)?.plan ?? best?.plan ?? plans.find((plan) => plan.sorted) ?? FULL_SCAN;
}

function viewsOf(collection: Collection): IndexView[] {
  return [
    { spec: ID_INDEX, keys: collection.ids, multikey: false },
    ...collection.indexes.map(({ spec, keys, multikey }: IndexTable) => ({ spec, keys, multikey })),
  ];
}

function hinted(views: readonly IndexView[], request: PlanRequest, conditions: Conditions): Plan {
  const { hint } = request;
  if (isDoc(hint) && "$natural" in hint) {
    if (hint.$natural === 1) return FULL_SCAN;
    throw new MongoError("NotImplemented", "hint $natural: -1 is not in the Stoa stand-in for MongoDB");
  }
  const view = views.find(({ spec }) => spec.name === hint || (isDoc(hint) && sameKey(spec, hint)));
  if (!view)
    throw new MongoError("BadValue", "error processing query: hint provided does not correspond to an existing index");
  // An index that leaves out matches would change the answer, which a hint must not.
  return isComplete(view.spec, conditions, request.filter) ? planOn(view, request, conditions) : FULL_SCAN;
}

function planOn(view: IndexView, request: PlanRequest, conditions: Conditions): Plan {
  const bounds = boundsOf(view.spec, view.multikey, conditions);
  const order = sortOrder(view, bounds, request.sort);
  return {
    stage: "IXSCAN",
    index: view.spec,
    keys: view.keys,
    bounds,
    multikey: view.multikey,
    backwards: order === -1,
    sorted: order !== null,
  };
}

function sizeOf(plan: Plan): number {
  let size = 0;
  for (const range of plan.bounds?.ranges ?? []) {
    size += plan.keys?.count(range, COUNT_LIMIT) ?? 0;
    if (size >= COUNT_LIMIT) return COUNT_LIMIT;
  }
  return size;
}

/** 1 when the index gives the wanted order forwards, -1 when backwards, null when it does not. */
function sortOrder(view: IndexView, bounds: IndexBounds, sort: Sort): 1 | -1 | null {
  if (sort.length === 0 || view.multikey || bounds.ranges.length !== 1) return null;
  const fields = Object.entries(view.spec.key);
  const fixed = new Set(fields.slice(0, bounds.fixedFields).map(([field]) => field));
  const wanted = sort.filter(([field]) => !fixed.has(field));
  const given = fields.slice(bounds.fixedFields);
  let order: 1 | -1 | null = null;
  for (const [at, [field, direction]] of wanted.entries()) {
    const match = given[at];
    if (!match || match[0] !== field) return null;
    const turned = match[1] === direction ? 1 : -1;
    if (order !== null && order !== turned) return null;
    order = turned;
  }
  return order ?? 1;
}

/** False for a sparse or partial index that may leave out documents the filter matches. */
function isComplete(spec: IndexSpec, conditions: Conditions, filter: Doc): boolean {
  if (spec.sparse) return Object.keys(spec.key).some((field) => demandsValue(conditions, field));
  return (
    spec.partial === null ||
    Object.entries(spec.partial).every(([field, asked]) => implies(filter, conditions, field, asked))
  );
}

function demandsValue(conditions: Conditions, field: string): boolean {
  const condition = conditions.get(field);
  if (!condition) return false;
  return condition.equals ? condition.equals.every((value) => value !== null) : true;
}

/** True when whatever the filter matches also meets this part of a partial index's expression. */
function implies(filter: Doc, conditions: Conditions, field: string, asked: unknown): boolean {
  if (field in filter && equalValues(filter[field], asked)) return true;
  const equals = conditions.get(field)?.equals;
  if (equals) {
    const test = compileFilter({ [field]: asked }, () => false).test;
    return equals.every((value) => {
      const sample: Doc = {};
      setAt(sample, splitPath(field), value);
      return value !== null && test(sample);
    });
  }
  return isDoc(asked) && Object.keys(asked).length === 1 && asked.$exists === true && demandsValue(conditions, field);
}
