import { Int32, Timestamp } from "bson";
import { compareValues } from "../bson/compare.ts";
import { type Doc, isDoc, isNumeric } from "../bson/values.ts";
import { MongoError } from "../errors.ts";
import type { Path } from "../query/path.ts";
import { calculate, requireNumber } from "./arithmetic.ts";
import { arrayChange } from "./array-operators.ts";
import { readSlot, removeSlot, writeSlot } from "./change-path.ts";

/** Changes a document at one concrete path. */
export type Change = (document: Doc, path: Path) => void;

/** Operators on a single value; those that take a path of their own (`$rename`) are read elsewhere. */
export const SINGLE_OPERATORS: ReadonlySet<string> = new Set(
  "$set $setOnInsert $unset $inc $mul $min $max $currentDate $push $addToSet $pull $pullAll $pop".split(" "),
);

/**
 * Reads one operator with its operand.
 * @param now what `$currentDate` sets.
 * @throws TypeMismatch, BadValue for an operand the operator does not take.
 */
export function changeOf(operator: string, field: string, operand: unknown, now: Date): Change {
  switch (operator) {
    case "$set":
    case "$setOnInsert":
      return (document, path) => writeSlot(document, path, copied(operand));
    case "$unset":
      return removeSlot;
    case "$inc":
    case "$mul":
      requireNumber(operator, operand, field);
      return (document, path) => applyNumber(operator, document, path, operand);
    case "$min":
      return replaceWhen((order) => order < 0, operand);
    case "$max":
      return replaceWhen((order) => order > 0, operand);
    case "$currentDate":
      return currentDate(operand, now);
    default:
      return applyArray(operator, operand);
  }
}

/** The same operand may go into several documents and places, which must not share it. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (!isDoc(value)) return value;
  const copy: Doc = {};
  for (const [name, member] of Object.entries(value)) copy[name] = copied(member);
  return copy;
}

function applyNumber(operator: "$inc" | "$mul", document: Doc, path: Path, operand: unknown): void {
  const current = readSlot(document, path);
  if (current === undefined) {
    writeSlot(document, path, operator === "$inc" ? operand : calculate("$mul", new Int32(0), operand));
    return;
  }
  if (!isNumeric(current)) {
    throw new MongoError(
      "TypeMismatch",
      `Cannot apply ${operator} to a value of non-numeric type. {_id: ${String(document._id)}} has the field '${path.join(".")}' of non-numeric type`,
    );
  }
  writeSlot(document, path, calculate(operator, current, operand));
}

function replaceWhen(accepts: (order: number) => boolean, operand: unknown): Change {
  return (document, path) => {
    const current = readSlot(document, path);
    if (current === undefined || accepts(compareValues(operand, current))) writeSlot(document, path, copied(operand));
  };
}

function currentDate(operand: unknown, now: Date): Change {
  const type = isDoc(operand) ? operand.$type : operand === true ? "date" : null;
  if (type === "date") return (document, path) => writeSlot(document, path, now);
  if (type !== "timestamp") {
    throw new MongoError("BadValue", "$currentDate takes true, { $type: 'date' } or { $type: 'timestamp' }");
  }
  const stamp = new Timestamp({ t: Math.floor(now.getTime() / 1000), i: 1 });
  return (document, path) => writeSlot(document, path, stamp);
}

function applyArray(operator: string, operand: unknown): Change {
  const change = arrayChange(operator, operand);
  const makesArray = operator === "$push" || operator === "$addToSet";
  return (document, path) => {
    const current = readSlot(document, path);
    if (current === undefined) {
      if (makesArray) writeSlot(document, path, change([]).map(copied));
      return;
    }
    if (!Array.isArray(current)) {
      throw new MongoError(
        "BadValue",
        `The field '${path.join(".")}' must be an array but is of another type, so ${operator} cannot be applied`,
      );
    }
    writeSlot(document, path, change(current).map(copied));
  };
}
