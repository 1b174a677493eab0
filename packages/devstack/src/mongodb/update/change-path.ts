import { type Doc, isDoc } from "../bson/values.ts";
import { MongoError } from "../errors.ts";
import { defineField, isIndexName, type Path } from "../query/path.ts";

/** Longest array a numeric path may pad with nulls, as in MongoDB. */
const PADDING_MAX = 1_500_000;

/** A place to change: the document or array that holds it, and its name there. */
interface Slot {
  readonly holder: Doc | unknown[];
  readonly name: string;
}

/** The value at a concrete path, arrays by position; undefined when there is none. */
export function readSlot(document: Doc, path: Path): unknown {
  const slot = findSlot(document, path);
  return slot ? childOf(slot.holder, slot.name) : undefined;
}

function childOf(holder: unknown, name: string): unknown {
  if (Array.isArray(holder)) return isIndexName(name) ? holder[Number(name)] : undefined;
  return isDoc(holder) && Object.hasOwn(holder, name) ? holder[name] : undefined;
}

function findSlot(document: Doc, path: Path): Slot | null {
  let holder: unknown = document;
  for (const name of path.slice(0, -1)) holder = childOf(holder, name);
  const name = path.at(-1) ?? "";
  return Array.isArray(holder) || isDoc(holder) ? { holder, name } : null;
}

/**
 * Sets the value, making documents on the way.
 * @throws PathNotViable when something in the way holds no fields.
 */
export function writeSlot(document: Doc, path: Path, value: unknown): void {
  let holder: unknown = document;
  for (const [at, name] of path.entries()) {
    const isLast = at === path.length - 1;
    const child = isLast ? value : (childOf(holder, name) ?? missingChild(holder, name));
    if (Array.isArray(holder)) writeItem(holder, name, child, path);
    else if (isDoc(holder)) defineField(holder, name, child);
    else throw notViable(path, name);
    holder = child;
  }
}

function missingChild(holder: unknown, name: string): unknown {
  // A stored null is in the way; only what is absent is made.
  const isAbsent = childOf(holder, name) === undefined;
  return isAbsent ? {} : null;
}

function writeItem(array: unknown[], name: string, value: unknown, path: Path): void {
  if (!isIndexName(name)) throw notViable(path, name);
  const place = Number(name);
  if (place - array.length > PADDING_MAX) throw new MongoError("BadValue", "can't backfill more than 1500000 elements");
  while (array.length < place) array.push(null);
  array[place] = value;
}

function notViable(path: Path, name: string): MongoError {
  return new MongoError("PathNotViable", `Cannot create field '${name}' in element of path '${path.join(".")}'`);
}

/** Takes the value away; in an array its place becomes null, as in MongoDB. */
export function removeSlot(document: Doc, path: Path): void {
  const slot = findSlot(document, path);
  if (!slot) return;
  if (!Array.isArray(slot.holder)) delete slot.holder[slot.name];
  else if (isIndexName(slot.name) && Number(slot.name) < slot.holder.length) slot.holder[Number(slot.name)] = null;
}
