import type { Binary, Decimal128, Double, Int32, Long } from "bson";

/** A decoded BSON document. */
export type Doc = Record<string, unknown>;

/** Order in which MongoDB sorts values of different types; equal ranks compare with each other. */
export const RANK = {
  minKey: 0,
  null: 1,
  number: 2,
  string: 3,
  object: 4,
  array: 5,
  binary: 6,
  objectId: 7,
  boolean: 8,
  date: 9,
  timestamp: 10,
  regex: 11,
  dbRef: 12,
  code: 13,
  codeWithScope: 14,
  maxKey: 15,
} as const;

const RANK_OF_BSON_TYPE: Readonly<Record<string, number>> = {
  MinKey: RANK.minKey,
  Int32: RANK.number,
  Double: RANK.number,
  Long: RANK.number,
  Decimal128: RANK.number,
  BSONSymbol: RANK.string,
  Binary: RANK.binary,
  ObjectId: RANK.objectId,
  Timestamp: RANK.timestamp,
  BSONRegExp: RANK.regex,
  DBRef: RANK.object,
  MaxKey: RANK.maxKey,
};

/** The BSON class name of a value, or undefined for plain JavaScript values. */
export function bsonType(value: unknown): string | undefined {
  return typeof value === "object" && value !== null
    ? ((value as { _bsontype?: unknown })._bsontype as string | undefined)
    : undefined;
}

/** Where the value's type stands among the types; undefined counts as null. */
export function rankOf(value: unknown): number {
  switch (typeof value) {
    case "string":
      return RANK.string;
    case "number":
    case "bigint":
      return RANK.number;
    case "boolean":
      return RANK.boolean;
    case "object":
      break;
    default:
      return RANK.null;
  }
  if (value === null) return RANK.null;
  if (Array.isArray(value)) return RANK.array;
  if (value instanceof Date) return RANK.date;
  if (value instanceof RegExp) return RANK.regex;
  const type = bsonType(value);
  if (type === undefined) return RANK.object;
  if (type === "Code") return (value as { scope?: unknown }).scope ? RANK.codeWithScope : RANK.code;
  return RANK_OF_BSON_TYPE[type] ?? RANK.object;
}

/** True for an embedded document, false for arrays, dates and BSON classes. */
export function isDoc(value: unknown): value is Doc {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof RegExp) &&
    bsonType(value) === undefined
  );
}

/** The document, or the empty one for anything else: for optional members that were checked at the door. */
export function docOrEmpty(value: unknown): Doc {
  return isDoc(value) ? value : {};
}

/** True when the first key is an operator, as in `{ $gt: 5 }`. */
export function isOperatorDoc(value: unknown): value is Doc {
  if (!isDoc(value)) return false;
  const first = Object.keys(value)[0];
  return first?.startsWith("$") === true && first !== "$ref" && first !== "$id" && first !== "$db";
}

export function isNumeric(value: unknown): boolean {
  return rankOf(value) === RANK.number;
}

export function isDecimal(value: unknown): value is Decimal128 {
  return bsonType(value) === "Decimal128";
}

export function isLong(value: unknown): value is Long {
  return bsonType(value) === "Long";
}

/** A numeric value as a JavaScript number, or as a bigint where a number would lose digits. Not for Decimal128. */
export function plainNumber(value: unknown): number | bigint {
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (isLong(value)) {
    const exact = value.toBigInt();
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
  }
  return (value as Int32 | Double).value;
}

/** The bytes of a BSON binary. */
export function binaryBytes(value: Binary): Uint8Array {
  return value.buffer.subarray(0, value.position);
}

/** Source and flags of either kind of regular expression. */
export function regexParts(value: unknown): { readonly pattern: string; readonly options: string } {
  if (value instanceof RegExp) return { pattern: value.source, options: value.flags };
  const { pattern, options } = value as { pattern: string; options: string };
  return { pattern, options };
}
