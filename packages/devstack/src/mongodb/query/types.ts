import { bsonType, isLong } from "../bson/values.ts";
import { MongoError } from "../errors.ts";

/** Type names of `$type` by BSON type number. */
const NUMBER_OF_TYPE: Readonly<Record<string, number>> = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
};

const TYPE_OF_CLASS: Readonly<Record<string, number>> = {
  Int32: 16,
  Double: 1,
  Long: 18,
  Decimal128: 19,
  ObjectId: 7,
  Binary: 5,
  BSONRegExp: 11,
  Timestamp: 17,
  MinKey: -1,
  MaxKey: 127,
  BSONSymbol: 14,
  DBRef: 3,
};

const NUMERIC_TYPES = [1, 16, 18, 19];

/** The BSON type number of an exactly decoded value. */
export function typeNumber(value: unknown): number {
  if (value === null) return 10;
  switch (typeof value) {
    case "string":
      return 2;
    case "boolean":
      return 8;
    case "number":
      return Number.isInteger(value) && Math.abs(value) <= 0x7fffffff ? 16 : 1;
    case "undefined":
      return 6;
    default:
      break;
  }
  if (Array.isArray(value)) return 4;
  if (value instanceof Date) return 9;
  if (value instanceof RegExp) return 11;
  const name = bsonType(value);
  if (name === "Code") return (value as { scope?: unknown }).scope ? 15 : 13;
  return name === undefined ? 3 : (TYPE_OF_CLASS[name] ?? 3);
}

/** The type numbers a `$type` operand names: a name, a number, "number", or a list of those. */
export function typeNumbers(operand: unknown): readonly number[] {
  if (Array.isArray(operand)) {
    if (operand.length === 0) throw new MongoError("FailedToParse", "$type must match at least one type");
    return operand.flatMap(typeNumbers);
  }
  if (operand === "number") return NUMERIC_TYPES;
  if (typeof operand === "string") {
    const number = NUMBER_OF_TYPE[operand];
    if (number === undefined) throw new MongoError("BadValue", `Unknown type name alias: ${operand}`);
    return [number];
  }
  const number = isLong(operand) ? operand.toNumber() : Number(operand);
  if (!Object.values(NUMBER_OF_TYPE).includes(number)) {
    throw new MongoError("BadValue", `Invalid numerical type code: ${String(operand)}`);
  }
  return [number];
}
