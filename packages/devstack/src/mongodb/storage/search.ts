import { decode, decodeExact } from "../bson/codec.ts";
import { fieldNames, pickFields } from "../bson/raw.ts";
import type { Doc } from "../bson/values.ts";
import { MongoError } from "../errors.ts";
import type { Evaluate } from "../query/expression-fields.ts";
import { compileFilter, type Filter } from "../query/filter.ts";
import { splitPath } from "../query/path.ts";
import { PAUSE, type Paused, Turn, withoutPauses } from "../turns.ts";
import type { Collection } from "./collection.ts";
import { sortKey } from "./index-keys.ts";
import { type Plan, planQuery, type Sort } from "./planner.ts";
import type { StoredRecord } from "./record.ts";

/** Memory a sort without an index may take, as in MongoDB. */
const SORT_BYTES_MAX = 100 * 1024 * 1024;

/** What one entry of such a sort takes beside its key. */
const SORT_ENTRY_BYTES = 64;

export interface Search {
  readonly filter: Doc;
  readonly sort?: Sort;
  readonly skip?: number;
  /** 0 is no limit. */
  readonly limit?: number;
  readonly hint?: unknown;
}

/** The documents a search finds, in order, each read when it is asked for. */
export function search(collection: Collection, request: Search, evaluate: Evaluate): Generator<StoredRecord> {
  return withoutPauses(searchInTurns(collection, request, evaluate, null));
}

/** The same with a pause wherever the turn is over. */
export function* searchInTurns(
  collection: Collection,
  request: Search,
  evaluate: Evaluate,
  turn: Turn | null = new Turn(),
): Generator<Paused<StoredRecord>> {
  const { sort = [], skip = 0, limit = 0 } = request;
  const filter = compileFilter(request.filter, evaluate);
  const plan = planQuery(collection, { filter: request.filter, sort, hint: request.hint });
  const matches = filtered(candidates(collection, plan), filter, turn);
  const ordered =
    sort.length === 0 || plan.sorted ? matches : sorted(collection, matches, { sort, keep: limit ? skip + limit : 0 });
  let passed = 0;
  for (const record of ordered) {
    if (record === PAUSE) {
      yield PAUSE;
      continue;
    }
    passed += 1;
    if (passed <= skip) continue;
    yield record;
    if (limit > 0 && passed >= skip + limit) return;
  }
}

/** The plan a search would follow, for `explain`. */
export function explainSearch(collection: Collection, request: Search): Plan {
  return planQuery(collection, { filter: request.filter, sort: request.sort ?? [], hint: request.hint });
}

function* candidates(collection: Collection, plan: Plan): Generator<StoredRecord> {
  if (!plan.keys || !plan.bounds) {
    yield* alive(collection, collection.scan());
    return;
  }
  const ranges = plan.backwards ? [...plan.bounds.ranges].reverse() : plan.bounds.ranges;
  const seen = plan.multikey ? new Set<number>() : null;
  for (const range of ranges) {
    for (const { seq } of plan.keys.entries(range, plan.backwards)) {
      if (seen?.has(seq)) continue;
      seen?.add(seq);
      const record = collection.read(seq);
      if (record) yield record;
      ensureAlive(collection);
    }
  }
}

function* alive(collection: Collection, records: Iterable<StoredRecord>): Generator<StoredRecord> {
  for (const record of records) {
    yield record;
    ensureAlive(collection);
  }
}

/** @throws QueryPlanKilled */
export function ensureAlive(collection: Collection): void {
  if (collection.dropped) throw new MongoError("QueryPlanKilled", "collection dropped between getMore calls");
}

function* filtered(
  records: Iterable<StoredRecord>,
  filter: Filter,
  turn: Turn | null,
): Generator<Paused<StoredRecord>> {
  const passes = passing(filter);
  for (const record of records) {
    if (turn?.isOver()) yield PAUSE;
    if (passes(record)) yield record;
  }
}

/** Whether a document is what the filter asks for. */
export function passing(filter: Filter): (record: StoredRecord) => boolean {
  if (Object.keys(filter.source).length === 0) return () => true;
  const view = viewFor(filter);
  return (record) => filter.test(view(record));
}

/** How much of a document the filter needs to see, and in which form. */
function viewFor(filter: Filter): (record: StoredRecord) => Doc {
  const asDoc = filter.exactNumbers ? decodeExact : decode;
  if (filter.fields) {
    const names = fieldNames(filter.fields);
    return (record) => asDoc(pickFields(record.bytes, names));
  }
  if (filter.exactNumbers || filter.usesExpressions) return (record) => asDoc(record.bytes);
  return (record) => record.document;
}

interface SortEntry {
  readonly key: string;
  readonly seq: number;
}

function inOrder(a: SortEntry, b: SortEntry): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : a.seq - b.seq;
}

/** Sorts by keys alone and reads the documents afterwards, so that memory holds no more than their order. */
function* sorted(
  collection: Collection,
  records: Iterable<Paused<StoredRecord>>,
  { sort, keep }: { readonly sort: Sort; readonly keep: number },
): Generator<Paused<StoredRecord>> {
  const paths = sort.map(([field]) => splitPath(field));
  const directions = sort.map(([, direction]) => direction);
  const names = fieldNames(new Set(paths.map((path) => path[0] ?? "")));
  let entries: SortEntry[] = [];
  let bytes = 0;
  for (const record of records) {
    if (record === PAUSE) {
      yield PAUSE;
      continue;
    }
    const key = sortKey(decode(pickFields(record.bytes, names)), paths, directions);
    entries.push({ key, seq: record.seq });
    bytes += key.length + SORT_ENTRY_BYTES;
    if (keep > 0 && entries.length >= keep * 2 + 1_000) {
      entries = entries.sort(inOrder).slice(0, keep);
      bytes = entries.reduce((sum, entry) => sum + entry.key.length + SORT_ENTRY_BYTES, 0);
    }
    if (bytes > SORT_BYTES_MAX) {
      throw new MongoError("QueryExceededMemoryLimitNoDiskUseAllowed", "Sort exceeded memory limit; add an index");
    }
  }
  for (const { seq } of entries.sort(inOrder)) {
    const record = collection.read(seq);
    if (record) yield record;
    ensureAlive(collection);
  }
}
