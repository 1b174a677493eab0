import { EMPTY_ARRAY, encodeKey, encodeKeyText } from "../bson/key.ts";
import { isDoc } from "../bson/values.ts";
import { MongoError } from "../errors.ts";
import { isIndexName, type Path } from "../query/path.ts";

/** A field on its way down a path. */
interface Cursor {
  readonly value: unknown;
  readonly rest: Path;
}

/** More keys than this for one document are refused. */
const KEYS_PER_DOCUMENT_MAX = 100_000;

/** What an index holds for one document. */
export interface DocumentKeys {
  /** Encoded keys without repetition. */
  readonly keys: readonly Buffer[];
  /** True when an array lay on one of the paths. */
  readonly multikey: boolean;
  /** True when none of the fields exists. */
  readonly allMissing: boolean;
}

/**
 * The keys of a document: the values under the paths, an array giving one key for each item.
 * @throws 171 when two of the paths lead through different arrays.
 */
export function documentKeys(document: unknown, paths: readonly Path[], directions: readonly (1 | -1)[]): DocumentKeys {
  const { tuples, multikey } = tuplesOf(document, paths);
  const allMissing = tuples.every((tuple) => tuple.every((value) => value === undefined));
  const [only] = tuples;
  if (tuples.length === 1 && only) return { keys: [encodeKey(only, directions)], multikey, allMissing };
  const distinct = new Map<string, Buffer>();
  for (const tuple of tuples) {
    const key = encodeKey(tuple, directions);
    distinct.set(key.toString("latin1"), key);
  }
  return { keys: [...distinct.values()], multikey, allMissing };
}

/**
 * The key a document sorts by, comparable as a string: the least of its keys, which for a descending field is its
 * greatest value.
 */
export function sortKey(document: unknown, paths: readonly Path[], directions: readonly (1 | -1)[]): string {
  let least: string | null = null;
  for (const tuple of tuplesOf(document, paths).tuples) {
    const key = encodeKeyText(tuple, directions);
    if (least === null || key < least) least = key;
  }
  return least ?? "";
}

function tuplesOf(
  document: unknown,
  paths: readonly Path[],
): { readonly tuples: unknown[][]; readonly multikey: boolean } {
  const tuples: unknown[][] = [];
  const state = { multikey: false };
  expand(
    paths.map((path) => ({ value: document, rest: path })),
    tuples,
    state,
  );
  return { tuples, ...state };
}

function expand(cursors: readonly Cursor[], tuples: unknown[][], state: { multikey: boolean }): void {
  const walked = cursors.map(walk);
  const array = walked.find((cursor) => isOpenArray(cursor))?.value;
  if (!Array.isArray(array)) {
    tuples.push(walked.map((cursor) => cursor.value));
    if (tuples.length > KEYS_PER_DOCUMENT_MAX)
      throw new MongoError("CannotBuildIndexKeys", "Too many keys for one document");
    return;
  }
  if (walked.some((cursor) => isOpenArray(cursor) && cursor.value !== array)) {
    throw new MongoError("CannotIndexParallelArrays", "cannot index parallel arrays");
  }
  state.multikey = true;
  const items = array.length > 0 ? array : [undefined];
  for (const item of items) {
    expand(
      walked.map((cursor) => (isOpenArray(cursor) ? itemCursor(cursor, item, array.length === 0) : cursor)),
      tuples,
      state,
    );
  }
}

/** A value that is part of the key as it is, even when it is an array within an array. */
class Settled implements Cursor {
  readonly rest: Path = [];
  constructor(readonly value: unknown) {}
}

function isOpenArray(cursor: Cursor): boolean {
  return !(cursor instanceof Settled) && Array.isArray(cursor.value);
}

function itemCursor(cursor: Cursor, item: unknown, isEmpty: boolean): Cursor {
  if (cursor.rest.length === 0) return new Settled(isEmpty ? EMPTY_ARRAY : item);
  return isDoc(item) ? { value: item, rest: cursor.rest } : new Settled(undefined);
}

/** Goes down documents, and into arrays by position, until the path ends or an array must be spread. */
function walk(cursor: Cursor): Cursor {
  if (cursor instanceof Settled) return cursor;
  let { value, rest } = cursor;
  while (rest.length > 0) {
    const name = rest[0] ?? "";
    if (isDoc(value)) value = Object.hasOwn(value, name) ? value[name] : undefined;
    else if (Array.isArray(value) && isIndexName(name) && Number(name) < value.length) value = value[Number(name)];
    else if (Array.isArray(value)) return { value, rest };
    else return new Settled(undefined);
    rest = rest.slice(1);
  }
  return { value, rest };
}
