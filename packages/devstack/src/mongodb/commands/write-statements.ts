import { evaluateLet, expressionEvaluator } from "../aggregate/expressions.ts";
import { compileUpdatePipeline } from "../aggregate/update-pipeline.ts";
import { encode } from "../bson/codec.ts";
import { type Doc, isDoc } from "../bson/values.ts";
import { MongoError } from "../errors.ts";
import { compileFilter } from "../query/filter.ts";
import { parseSort } from "../query/sort.ts";
import type { Collection } from "../storage/collection.ts";
import type { StoredRecord } from "../storage/record.ts";
import { ensureAlive, passing, searchInTurns } from "../storage/search.ts";
import { atOnce, PAUSE, type Paused, type Steps, type Turn } from "../turns.ts";
import { checkSameId, compileUpdate, type Update, upsertBase } from "../update/update.ts";
import { type CommandContext, refuseCollation } from "./registry.ts";

/** One update as `update`, `findAndModify` and `bulkWrite` ask for it. */
export interface UpdateStatement {
  readonly namespace: string;
  readonly filter: Doc;
  /** The filter with numbers in their BSON classes, for what an upsert stores. */
  readonly exactFilter: Doc;
  /** Operators or a replacement with numbers in their BSON classes, or a pipeline with plain ones. */
  readonly update: unknown;
  readonly multi?: boolean | undefined;
  readonly upsert?: boolean | undefined;
  readonly arrayFilters?: readonly unknown[] | undefined;
  readonly sort?: unknown;
  readonly hint?: unknown;
  readonly collation?: unknown;
  readonly let?: unknown;
  /** Members an upsert stores beside what the update says, e.g. constants of a pipeline. */
  readonly constants?: unknown;
}

export interface UpdateResult {
  readonly matched: number;
  readonly modified: number;
  /** The document an upsert stored. */
  readonly inserted: StoredRecord | null;
  /** The last changed document before and after, as stored. */
  readonly before: StoredRecord | null;
  readonly after: StoredRecord | null;
}

/** Applies one update to the documents its filter finds, or stores a new one when it is an upsert and finds none. */
export function runUpdate(statement: UpdateStatement, context: CommandContext): UpdateResult {
  return atOnce(updateInSteps(statement, context, null));
}

/**
 * The same. With a turn, what was changed so far may be stored wherever that is over, and others have theirs, as in MongoDB. A change of
 * one document has none: nobody comes between finding and changing it.
 */
export function* updateInSteps(
  statement: UpdateStatement,
  context: CommandContext,
  turn: Turn | null,
): Steps<UpdateResult> {
  refuseCollation(statement.collation);
  if (statement.multi && statement.sort !== undefined)
    throw new MongoError("FailedToParse", "Cannot specify sort with multi=true");
  const variables = { ...evaluateLet(statement.let), ...(isDoc(statement.constants) ? statement.constants : {}) };
  const evaluate = expressionEvaluator(variables);
  const update = readUpdate(statement, variables, context);
  if (statement.multi && update.kind === "replacement") {
    throw new MongoError("FailedToParse", "multi update is not supported for replacement-style update");
  }
  const passes = passing(compileFilter(statement.filter, evaluate));
  const collection = statement.upsert
    ? context.store.getOrCreate(statement.namespace)
    : context.store.get(statement.namespace);
  if (!collection) return { matched: 0, modified: 0, inserted: null, before: null, after: null };
  const limit = statement.multi ? 0 : 1;
  const request = { filter: statement.filter, sort: parseSort(statement.sort), limit, hint: statement.hint };
  // All places are known before the first change, so that no document is met twice because it moved in an index.
  const places = yield* placesOf(searchInTurns(collection, request, evaluate, turn));
  if (places.length === 0 && statement.upsert) return upsert(collection, statement, update);
  return yield* changeAll(update, found(collection, places, { passes, turn }));
}

function* placesOf(records: Iterable<Paused<StoredRecord>>): Steps<number[]> {
  const places: number[] = [];
  for (const record of records) {
    if (record === PAUSE) yield PAUSE;
    else places.push(record.seq);
  }
  return places;
}

interface Finding {
  readonly passes: (record: StoredRecord) => boolean;
  readonly turn: Turn | null;
}

interface Found {
  readonly collection: Collection;
  readonly record: StoredRecord;
}

/** What stands at these places, as far as others have not changed it meanwhile into something else than what was looked for. */
function* found(
  collection: Collection,
  places: readonly number[],
  { passes, turn }: Finding,
): Generator<Paused<Found>> {
  for (const place of places) {
    if (turn?.isOver()) {
      yield PAUSE;
      ensureAlive(collection);
    }
    const record = collection.read(place);
    if (record && (turn === null || passes(record))) yield { collection, record };
  }
}

function readUpdate(statement: UpdateStatement, variables: Doc, context: CommandContext): Update {
  const { update } = statement;
  if (Array.isArray(update)) {
    if (statement.arrayFilters?.length)
      throw new MongoError("FailedToParse", "arrayFilters may not be specified for pipeline-style updates");
    const database = statement.namespace.split(".")[0] ?? "";
    return compileUpdatePipeline(update, variables, context.readerOf(database));
  }
  if (!isDoc(update)) throw new MongoError("FailedToParse", "Update argument must be either an object or an array");
  return compileUpdate({
    source: update,
    filter: statement.filter,
    arrayFilters: statement.arrayFilters ?? [],
    now: context.now(),
  });
}

function upsert(collection: Collection, statement: UpdateStatement, update: Update): UpdateResult {
  const document = update.insert(upsertBase(statement.exactFilter));
  const inserted = collection.insert(encode(document));
  return { matched: 0, modified: 0, inserted, before: null, after: inserted };
}

function* changeAll(update: Update, records: Iterable<Paused<Found>>): Steps<UpdateResult> {
  let matched = 0;
  let modified = 0;
  let before: StoredRecord | null = null;
  let after: StoredRecord | null = null;
  for (const one of records) {
    if (one === PAUSE) {
      yield PAUSE;
      continue;
    }
    const { collection, record } = one;
    matched += 1;
    const changed = update.apply(record.exact(), record.document);
    checkSameId(record.document, changed);
    const next = collection.replace(record, changed);
    if (next) modified += 1;
    before = record;
    after = next ?? record;
  }
  return { matched, modified, inserted: null, before, after };
}

export interface DeleteStatement {
  readonly namespace: string;
  readonly filter: Doc;
  /** False removes the first match only. */
  readonly multi: boolean;
  readonly sort?: unknown;
  readonly hint?: unknown;
  readonly collation?: unknown;
  readonly let?: unknown;
}

export interface DeleteResult {
  readonly removed: number;
  readonly last: StoredRecord | null;
}

/** Removes what the filter finds and answers it. */
export function runDelete(statement: DeleteStatement, context: CommandContext): DeleteResult {
  return atOnce(deleteInSteps(statement, context, null));
}

/** The same in turns. See `updateInSteps`. */
export function* deleteInSteps(
  statement: DeleteStatement,
  context: CommandContext,
  turn: Turn | null,
): Steps<DeleteResult> {
  refuseCollation(statement.collation);
  const evaluate = expressionEvaluator(evaluateLet(statement.let));
  const passes = passing(compileFilter(statement.filter, evaluate));
  const collection = context.store.get(statement.namespace);
  if (!collection) return { removed: 0, last: null };
  const request = {
    filter: statement.filter,
    sort: parseSort(statement.sort),
    limit: statement.multi ? 0 : 1,
    hint: statement.hint,
  };
  const places = yield* placesOf(searchInTurns(collection, request, evaluate, turn));
  let removed = 0;
  let last: StoredRecord | null = null;
  for (const one of found(collection, places, { passes, turn })) {
    if (one === PAUSE) {
      yield PAUSE;
      continue;
    }
    collection.remove(one.record);
    removed += 1;
    last = one.record;
  }
  return { removed, last };
}
