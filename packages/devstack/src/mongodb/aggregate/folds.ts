import { compareValues, equalValues } from "../bson/compare.ts";
import { type Doc, isDoc, isNumeric, plainNumber } from "../bson/values.ts";
import { MongoError } from "../errors.ts";
import { plainNumbersOnly } from "./plain-numbers.ts";

/** Makes one value of many: of the documents of a group, or of the items of a list. */
export interface Fold {
  add(value: unknown): void;
  result(): unknown;
}

/** What each accumulator does, by operator; missing values are undefined. */
export const FOLDS: Readonly<Record<string, () => Fold>> = {
  $sum: sum,
  $avg: average,
  $min: () => extreme((order) => order < 0),
  $max: () => extreme((order) => order > 0),
  $first: first,
  $last: last,
  $push: push,
  $addToSet: addToSet,
  $count: count,
  $mergeObjects: mergeObjects,
};

function sum(): Fold {
  let total = 0;
  return {
    add: (value) => {
      if (isNumeric(value)) total += Number(plainNumber(plainNumbersOnly("$sum", value)));
    },
    result: () => total,
  };
}

function average(): Fold {
  let total = 0;
  let n = 0;
  return {
    add: (value) => {
      if (!isNumeric(value)) return;
      total += Number(plainNumber(plainNumbersOnly("$avg", value)));
      n += 1;
    },
    result: () => (n === 0 ? null : total / n),
  };
}

function extreme(isBetter: (order: number) => boolean): Fold {
  let best: unknown = null;
  return {
    add: (value) => {
      if (value === undefined || value === null) return;
      if (best === null || isBetter(compareValues(value, best))) best = value;
    },
    result: () => best,
  };
}

function first(): Fold {
  let taken = false;
  let held: unknown = null;
  return {
    add: (value) => {
      if (!taken) held = value ?? null;
      taken = true;
    },
    result: () => held,
  };
}

function last(): Fold {
  let held: unknown = null;
  return {
    add: (value) => {
      held = value ?? null;
    },
    result: () => held,
  };
}

function push(): Fold {
  const values: unknown[] = [];
  return {
    add: (value) => {
      if (value !== undefined) values.push(value);
    },
    result: () => values,
  };
}

function addToSet(): Fold {
  const values: unknown[] = [];
  return {
    add: (value) => {
      if (value !== undefined && !values.some((there) => equalValues(there, value))) values.push(value);
    },
    result: () => values,
  };
}

function count(): Fold {
  let n = 0;
  return {
    add: () => {
      n += 1;
    },
    result: () => n,
  };
}

function mergeObjects(): Fold {
  let merged: Doc = {};
  return {
    add: (value) => {
      if (value === undefined || value === null) return;
      if (!isDoc(value)) throw new MongoError("Location40400", "$mergeObjects requires object inputs");
      merged = { ...merged, ...value };
    },
    result: () => merged,
  };
}
