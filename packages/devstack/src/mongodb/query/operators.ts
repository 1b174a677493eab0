import { compareValues, equalValues } from "../bson/compare.ts";
import { keyText } from "../bson/key.ts";
import { type Doc, isDecimal, isDoc, isNumeric, isOperatorDoc, plainNumber, RANK, rankOf } from "../bson/values.ts";
import { MongoError, notImplemented } from "../errors.ts";
import { type Path, someAtPath, someValueAtPath } from "./path.ts";
import { compileRegex, isRegex } from "./regex.ts";
import { typeNumber, typeNumbers } from "./types.ts";

/** Answers whether a document, or a value standing as one, matches. */
export type Test = (document: unknown) => boolean;

/** One operator of one field, with what it needs to compile. */
export interface Operand {
  readonly field: string;
  readonly path: Path;
  readonly value: unknown;
  /** The other operators on the same field: `$regex` reads its `$options` there. */
  readonly siblings: Doc;
  readonly nested: {
    /** Compiles a filter for the documents of an array. */
    filter(source: Doc): Test;
    /** Compiles a condition; it tests documents of the form `{ value }`. */
    condition(source: unknown): Test;
    wantExactNumbers(): void;
  };
}

/** More choices than this in one `$in` are refused. */
const CHOICES_MAX = 100_000;

const OPERATORS: Readonly<Record<string, (operand: Operand) => Test>> = {
  $eq: (operand) => onValues(operand, equalTo(operand.value)),
  $ne: (operand) => not(onValues(operand, equalTo(refuseRegex("$ne", operand.value)))),
  $gt: (operand) =>
    onValues(
      operand,
      ordered(operand.value, (order) => order > 0),
    ),
  $gte: (operand) =>
    onValues(
      operand,
      ordered(operand.value, (order) => order >= 0),
    ),
  $lt: (operand) =>
    onValues(
      operand,
      ordered(operand.value, (order) => order < 0),
    ),
  $lte: (operand) =>
    onValues(
      operand,
      ordered(operand.value, (order) => order <= 0),
    ),
  $in: (operand) => onValues(operand, oneOf("$in", operand.value)),
  $nin: (operand) => not(onValues(operand, oneOf("$nin", operand.value))),
  $exists: (operand) => {
    const wanted = truthy(operand.value);
    return (document) => someAtPath(document, operand.path, (found) => found !== undefined) === wanted;
  },
  $type: typeOperator,
  $regex: regexOperator,
  $size: sizeOperator,
  $all: allOperator,
  $elemMatch: elemMatchOperator,
  $mod: modOperator,
};

const KNOWN_ELSEWHERE = new Set(
  "$bitsAllClear $bitsAllSet $bitsAnyClear $bitsAnySet $geoIntersects $geoWithin $near $nearSphere $jsonSchema $where".split(
    " ",
  ),
);

export function compileOperator(name: string, operand: Operand): Test {
  const compile = OPERATORS[name];
  if (compile) return compile(operand);
  if (KNOWN_ELSEWHERE.has(name)) throw notImplemented(`query operator ${name}`);
  throw new MongoError("BadValue", `unknown operator: ${name}`);
}

function onValues(operand: Operand, test: Test): Test {
  return (document) => someValueAtPath(document, operand.path, test);
}

function not(test: Test): Test {
  return (document) => !test(document);
}

function truthy(value: unknown): boolean {
  return isNumeric(value) ? plainNumber(value) !== 0 : value !== false && value !== null && value !== undefined;
}

function refuseRegex(name: string, value: unknown): unknown {
  if (isRegex(value)) throw new MongoError("BadValue", `Can't have regex as arg to ${name}.`);
  return value;
}

/** Equality as filters know it: null also matches what is not there. */
function equalTo(value: unknown): Test {
  if (value === null || value === undefined) return (found) => found === null || found === undefined;
  return (found) => found !== undefined && equalValues(found, value);
}

function ordered(value: unknown, accepts: (order: number) => boolean): Test {
  if (isRegex(value)) throw new MongoError("BadValue", "Can't have RegEx as arg to predicate over field");
  const rank = rankOf(value);
  if (rank === RANK.minKey || rank === RANK.maxKey)
    return (found) => found !== undefined && accepts(compareValues(found, value));
  if (rank === RANK.null) return (found) => rankOf(found) === RANK.null && accepts(0);
  // A range over numbers never matches strings, and NaN stands in no range but its own.
  const isNan = rank === RANK.number && compareValues(value, Number.NaN) === 0;
  return (found) => {
    if (rankOf(found) !== rank) return false;
    const order = compareValues(found, value);
    if (rank === RANK.number && order !== 0 && (isNan || compareValues(found, Number.NaN) === 0)) return false;
    return accepts(order);
  };
}

function oneOf(name: string, value: unknown): Test {
  if (!Array.isArray(value)) throw new MongoError("BadValue", `${name} needs an array`);
  if (value.length > CHOICES_MAX) throw new MongoError("BadValue", `${name} takes at most ${CHOICES_MAX} values here`);
  const regexes = value.filter(isRegex).map((choice) => compileRegex(choice));
  const plain = value.filter((choice) => !isRegex(choice));
  if (plain.some(isOperatorDoc)) throw new MongoError("BadValue", `cannot nest $ under ${name}`);
  const matchesNull = plain.some((choice) => rankOf(choice) === RANK.null);
  const decimals = plain.filter(isDecimal);
  const keys = new Set(plain.filter((choice) => !isDecimal(choice)).map(keyText));
  return (found) => {
    if (found === undefined || found === null) return matchesNull;
    if (typeof found === "string" && regexes.some((regex) => regex.test(found))) return true;
    if (isDecimal(found)) return plain.some((choice) => equalValues(choice, found));
    return keys.has(keyText(found)) || decimals.some((choice) => equalValues(choice, found));
  };
}

function typeOperator(operand: Operand): Test {
  const wanted = typeNumbers(operand.value);
  operand.nested.wantExactNumbers();
  return onValues(operand, (found) => found !== undefined && wanted.includes(typeNumber(found)));
}

function regexOperator(operand: Operand): Test {
  const { value, siblings } = operand;
  if (typeof value !== "string" && !isRegex(value)) throw new MongoError("BadValue", "$regex has to be a string");
  const options = siblings.$options;
  const regex = compileRegex(value, typeof options === "string" ? options : "");
  return onValues(operand, (found) =>
    typeof found === "string" ? regex.test(found) : isRegex(found) && isRegex(value) && equalValues(found, value),
  );
}

function sizeOperator(operand: Operand): Test {
  const size = isNumeric(operand.value) ? Number(plainNumber(operand.value)) : Number.NaN;
  if (!Number.isInteger(size) || size < 0) throw new MongoError("BadValue", "$size needs a non-negative whole number");
  return (document) => someAtPath(document, operand.path, (found) => Array.isArray(found) && found.length === size);
}

function allOperator(operand: Operand): Test {
  const { value } = operand;
  if (!Array.isArray(value)) throw new MongoError("BadValue", "$all needs an array");
  const tests = value.map((item) => {
    if (isDoc(item) && "$elemMatch" in item) return elemMatchOperator({ ...operand, value: item.$elemMatch });
    if (isOperatorDoc(item)) throw new MongoError("BadValue", "no $ expressions in $all");
    return isRegex(item) ? regexOperator({ ...operand, value: item, siblings: {} }) : onValues(operand, equalTo(item));
  });
  return (document) => tests.length > 0 && tests.every((test) => test(document));
}

function elemMatchOperator(operand: Operand): Test {
  const test = elementTest(operand.value, operand.nested);
  return (document) => someAtPath(document, operand.path, (found) => Array.isArray(found) && found.some(test));
}

/** What `$elemMatch` asks of one item of an array. */
function elementTest(value: unknown, nested: Operand["nested"]): Test {
  if (!isDoc(value)) throw new MongoError("BadValue", "$elemMatch needs an Object");
  const first = Object.keys(value)[0] ?? "";
  if (isOperatorDoc(value) && !["$and", "$or", "$nor", "$expr"].includes(first)) {
    const test = nested.condition(value);
    // An item that is itself an array is compared whole, which a path of its own would not do.
    return (item) => !Array.isArray(item) && test({ value: item });
  }
  const test = nested.filter(value);
  return (item) => isDoc(item) && test(item);
}

function modOperator(operand: Operand): Test {
  const { value } = operand;
  if (!Array.isArray(value) || value.length !== 2 || !value.every(isNumeric)) {
    throw new MongoError("BadValue", "malformed mod, needs to be an array of two numbers");
  }
  const [divisor, remainder] = value.map((part) => Math.trunc(Number(plainNumber(part))));
  if (divisor === undefined || divisor === 0 || Number.isNaN(divisor))
    throw new MongoError("BadValue", "divisor cannot be 0");
  return onValues(operand, (found) => {
    if (!isNumeric(found)) return false;
    if (isDecimal(found)) throw notImplemented("$mod of Decimal128");
    const plain = plainNumber(found);
    if (typeof plain === "bigint") return Number(plain % BigInt(divisor)) === remainder;
    return Number.isFinite(plain) && Math.trunc(plain) % divisor === remainder;
  });
}
