import { compareValues, equalValues } from "../bson/compare.ts";
import { isDoc, isNumeric, isOperatorDoc, plainNumber } from "../bson/values.ts";
import { MongoError } from "../errors.ts";
import { compileFilter } from "../query/filter.ts";
import { splitPath, valueAt } from "../query/path.ts";
import { isRegex } from "../query/regex.ts";

/** Changes one array; answers the new one. */
export type ArrayChange = (array: readonly unknown[]) => unknown[];

const PUSH_MODIFIERS = new Set(["$each", "$slice", "$sort", "$position"]);

/** The change `$push`, `$addToSet`, `$pull`, `$pullAll` or `$pop` makes, checked before any document is read. */
export function arrayChange(operator: string, operand: unknown): ArrayChange {
  switch (operator) {
    case "$push":
      return pushChange(operand);
    case "$addToSet":
      return addToSetChange(operand);
    case "$pull":
      return pullChange(operand);
    case "$pullAll":
      return pullAllChange(operand);
    default:
      return popChange(operand);
  }
}

function pushChange(operand: unknown): ArrayChange {
  if (!isDoc(operand) || !("$each" in operand)) return (array) => [...array, operand];
  const unknown = Object.keys(operand).find((name) => !PUSH_MODIFIERS.has(name));
  if (unknown) throw new MongoError("BadValue", `Unrecognized clause in $push: ${unknown}`);
  const items = operand.$each;
  if (!Array.isArray(items)) throw new MongoError("BadValue", "The argument to $each in $push must be an array");
  const position = wholeNumber("$position", operand.$position);
  const slice = wholeNumber("$slice", operand.$slice);
  const order = operand.$sort === undefined ? null : itemOrder(operand.$sort);
  return (array) => {
    const next = [...array];
    next.splice(position ?? next.length, 0, ...items);
    if (order) next.sort(order);
    if (slice === undefined) return next;
    return slice >= 0 ? next.slice(0, slice) : next.slice(slice);
  };
}

function wholeNumber(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const number = isNumeric(value) ? Number(plainNumber(value)) : Number.NaN;
  if (!Number.isInteger(number)) throw new MongoError("BadValue", `The value for ${name} must be an integer value`);
  return number;
}

function itemOrder(sort: unknown): (a: unknown, b: unknown) => number {
  if (!isDoc(sort)) {
    const direction = wholeNumber("$sort", sort);
    if (direction !== 1 && direction !== -1)
      throw new MongoError("BadValue", "The $sort element value must be either 1 or -1");
    return (a, b) => direction * compareValues(a, b);
  }
  const fields = Object.entries(sort).map(([field, direction]) => ({
    path: splitPath(field),
    direction: wholeNumber("$sort", direction) ?? 1,
  }));
  return (a, b) => {
    for (const { path, direction } of fields) {
      const order = direction * compareValues(valueAt(a, path), valueAt(b, path));
      if (order !== 0) return order;
    }
    return 0;
  };
}

function addToSetChange(operand: unknown): ArrayChange {
  const hasEach = isDoc(operand) && "$each" in operand;
  const items = hasEach ? operand.$each : [operand];
  if (!Array.isArray(items))
    throw new MongoError("TypeMismatch", "The argument to $each in $addToSet must be an array");
  return (array) => {
    const next = [...array];
    for (const item of items) if (!next.some((there) => equalValues(there, item))) next.push(item);
    return next;
  };
}

function pullChange(operand: unknown): ArrayChange {
  const matches = pullTest(operand);
  return (array) => array.filter((item) => !matches(item));
}

/** A document asks of fields of the items, operators and plain values ask of the items themselves. */
function pullTest(operand: unknown): (item: unknown) => boolean {
  if (isDoc(operand) && !isOperatorDoc(operand)) {
    const { test } = compileFilter(operand, () => false);
    return (item) => isDoc(item) && test(item);
  }
  if (isOperatorDoc(operand) || isRegex(operand)) {
    const { test } = compileFilter({ item: operand }, () => false);
    return (item) => test({ item });
  }
  return (item) => equalValues(item, operand);
}

function pullAllChange(operand: unknown): ArrayChange {
  if (!Array.isArray(operand)) throw new MongoError("BadValue", "$pullAll requires an array argument");
  return (array) => array.filter((item) => !operand.some((unwanted) => equalValues(item, unwanted)));
}

function popChange(operand: unknown): ArrayChange {
  const end = wholeNumber("$pop", operand);
  if (end !== 1 && end !== -1) throw new MongoError("FailedToParse", "$pop expects 1 or -1");
  return (array) => (end === 1 ? array.slice(0, -1) : array.slice(1));
}
