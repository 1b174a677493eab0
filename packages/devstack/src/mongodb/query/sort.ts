import { type Doc, isDoc, isNumeric, plainNumber } from "../bson/values.ts";
import { MongoError, notImplemented } from "../errors.ts";
import type { Sort } from "../storage/planner.ts";

const FIELDS_MAX = 32;

/**
 * Reads `{ field: 1, other: -1 }`.
 * @throws BadValue for a direction other than 1 and -1.
 */
export function parseSort(source: unknown): Sort {
  if (source === undefined || source === null) return [];
  if (!isDoc(source)) throw new MongoError("TypeMismatch", "sort must be a document");
  const entries = Object.entries(source);
  if (entries.length > FIELDS_MAX) throw new MongoError("BadValue", `At most ${FIELDS_MAX} sort fields`);
  if (entries[0]?.[0] === "$natural") {
    directionOf("$natural", entries[0][1], source);
    return [];
  }
  return entries.map(([field, direction]) => [field, directionOf(field, direction, source)] as const);
}

function directionOf(field: string, direction: unknown, source: Doc): 1 | -1 {
  if (isDoc(direction) && "$meta" in direction) throw notImplemented("sort by $meta");
  if (field === "$natural") {
    if (direction === 1 && Object.keys(source).length === 1) return 1;
    throw notImplemented("sort by $natural: -1");
  }
  const number = isNumeric(direction) ? Number(plainNumber(direction)) : 0;
  if (number !== 1 && number !== -1) {
    throw new MongoError("Location15975", "$sort key ordering must be 1 (for ascending) or -1 (for descending)");
  }
  return number;
}
