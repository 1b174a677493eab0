import { type Doc, isDoc } from "../bson/values.ts";
import { MongoError } from "../errors.ts";
import { compileFilter } from "../query/filter.ts";
import type { Test } from "../query/operators.ts";
import type { Path } from "../query/path.ts";
import { matchedElement } from "../query/positional.ts";
import { readSlot } from "./change-path.ts";

/** Places one array path may stand for at most. */
const PLACES_MAX = 100_000;

/** Tests of `arrayFilters` by identifier. */
export interface ArrayFilters {
  readonly tests: ReadonlyMap<string, Test>;
}

/** @throws FailedToParse for a filter that does not name exactly one identifier, or names it twice. */
export function compileArrayFilters(filters: readonly unknown[]): ArrayFilters {
  const tests = new Map<string, Test>();
  for (const filter of filters) {
    if (!isDoc(filter)) throw new MongoError("TypeMismatch", "arrayFilters needs documents");
    const names = new Set(identifiersOf(filter));
    const [name] = names;
    if (name === undefined || names.size > 1) {
      throw new MongoError("FailedToParse", "Each array filter must use a single identifier");
    }
    if (tests.has(name)) {
      throw new MongoError("FailedToParse", `Found multiple array filters with the same top-level field name ${name}`);
    }
    const { test } = compileFilter(filter, () => false);
    // An identifier stands for one item, so an item that is an array is compared whole.
    tests.set(name, (item) => test({ [name]: Array.isArray(item) ? [item] : item }));
  }
  return { tests };
}

function identifiersOf(filter: Doc): string[] {
  return Object.entries(filter).flatMap(([name, value]) =>
    name.startsWith("$")
      ? Array.isArray(value)
        ? value.filter(isDoc).flatMap(identifiersOf)
        : []
      : [name.split(".")[0] ?? name],
  );
}

/** @throws FailedToParse when a filter's identifier occurs in no path. */
export function checkFiltersUsed(filters: ArrayFilters, paths: readonly Path[]): void {
  for (const name of filters.tests.keys()) {
    if (!paths.some((path) => path.includes(`$[${name}]`))) {
      throw new MongoError("FailedToParse", `The array filter for identifier '${name}' was not used in the update`);
    }
  }
}

/** What array operators in a path refer to. */
export interface Positions {
  readonly filter: Doc;
  readonly arrayFilters: ArrayFilters;
  /** The document as it was matched. */
  readonly matched: Doc | null;
}

/**
 * The concrete paths that a path with `$`, `$[]` or `$[name]` stands for in this document.
 * @throws BadValue when there is no array, no filter of that name, or no matched item.
 */
export function concretePaths(document: Doc, path: Path, positions: Positions): Path[] {
  const at = path.findIndex((name) => name.startsWith("$"));
  if (at === -1) return [path];
  const name = path[at] ?? "";
  const before = path.slice(0, at);
  const places = name === "$" ? [matchedPlace(before, positions)] : placesOf(document, path, at, positions);
  const paths = places.flatMap((place) =>
    concretePaths(document, [...before, String(place), ...path.slice(at + 1)], positions),
  );
  if (paths.length > PLACES_MAX) throw new MongoError("BadValue", "The update touches too many array items");
  return paths;
}

function matchedPlace(before: Path, positions: Positions): number {
  const place = positions.matched ? matchedElement(positions.filter, positions.matched, before.join(".")) : null;
  if (place === null) {
    throw new MongoError("BadValue", "The positional operator did not find the match needed from the query.");
  }
  return place;
}

function placesOf(document: Doc, path: Path, at: number, positions: Positions): number[] {
  const name = path[at] ?? "";
  const before = path.slice(0, at);
  const array = readSlot(document, before);
  if (!Array.isArray(array)) {
    throw new MongoError(
      "BadValue",
      `The path '${before.join(".")}' must exist in the document in order to apply array updates.`,
    );
  }
  const identifier = /^\$\[(.*)\]$/.exec(name)?.[1];
  if (identifier === undefined)
    throw new MongoError("DollarPrefixedFieldName", `The dollar ($) prefixed field '${name}' is not valid`);
  const places = [...array.keys()];
  if (identifier === "") return places;
  const test = positions.arrayFilters.tests.get(identifier);
  if (!test)
    throw new MongoError(
      "BadValue",
      `No array filter found for identifier '${identifier}' in path '${path.join(".")}'`,
    );
  return places.filter((place) => test(array[place]));
}
