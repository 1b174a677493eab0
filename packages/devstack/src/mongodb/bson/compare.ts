import type { Binary, ObjectId, Timestamp } from "bson";
import { compareNumbers } from "./numbers.ts";
import { binaryBytes, type Doc, RANK, rankOf, regexParts } from "./values.ts";

/** MongoDB's order over all values: first by type, then within the type. Missing equals null. */
export function compareValues(left: unknown, right: unknown): number {
  if (typeof left === "number" && typeof right === "number") return compareNumbers(left, right);
  if (typeof left === "string" && typeof right === "string") return compareStrings(left, right);
  const rank = rankOf(left);
  const difference = rank - rankOf(right);
  return difference !== 0 ? Math.sign(difference) : compareSameType(rank, left, right);
}

export function equalValues(left: unknown, right: unknown): boolean {
  return left === right || compareValues(left, right) === 0;
}

function compareSameType(rank: number, left: unknown, right: unknown): number {
  switch (rank) {
    case RANK.number:
      return compareNumbers(left, right);
    case RANK.string:
      return compareStrings(String(left), String(right));
    case RANK.object:
      return compareDocs(left as Doc, right as Doc);
    case RANK.array:
      return compareArrays(left as unknown[], right as unknown[]);
    case RANK.binary:
      return compareBinaries(left as Binary, right as Binary);
    case RANK.objectId:
      return Buffer.compare((left as ObjectId).id, (right as ObjectId).id);
    case RANK.boolean:
    case RANK.date:
      return Math.sign(Number(left) - Number(right));
    case RANK.timestamp: {
      const [a, b] = [(left as Timestamp).toBigInt(), (right as Timestamp).toBigInt()];
      return a < b ? -1 : a > b ? 1 : 0;
    }
    case RANK.regex: {
      const [a, b] = [regexParts(left), regexParts(right)];
      return compareStrings(a.pattern, b.pattern) || compareStrings(a.options, b.options);
    }
    case RANK.code:
    case RANK.codeWithScope:
      return compareStrings((left as { code: string }).code, (right as { code: string }).code);
    default:
      return 0;
  }
}

/** Code-point order, which is the byte order of UTF-8 that MongoDB sorts by. */
export function compareStrings(left: string, right: string): number {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const a = left.charCodeAt(at);
    const b = right.charCodeAt(at);
    if (a === b) continue;
    // Surrogates stand for code points above every other unit, but sort below U+E000 to U+FFFF as units.
    if (a >= 0xd800 && b >= 0xd800) return aboveBmp(a) - aboveBmp(b) < 0 ? -1 : 1;
    return a < b ? -1 : 1;
  }
  return left.length < right.length ? -1 : 1;
}

function aboveBmp(unit: number): number {
  return unit <= 0xdfff ? unit + 0x10000 : unit;
}

function compareDocs(left: Doc, right: Doc): number {
  const a = Object.entries(left);
  const b = Object.entries(right);
  for (const [at, [name, value]] of a.entries()) {
    const other = b[at];
    if (!other) return 1;
    const order =
      Math.sign(rankOf(value) - rankOf(other[1])) || compareStrings(name, other[0]) || compareValues(value, other[1]);
    if (order !== 0) return order;
  }
  return a.length < b.length ? -1 : 0;
}

function compareArrays(left: readonly unknown[], right: readonly unknown[]): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const order = compareValues(left[at], right[at]);
    if (order !== 0) return order;
  }
  return Math.sign(left.length - right.length);
}

function compareBinaries(left: Binary, right: Binary): number {
  const a = binaryBytes(left);
  const b = binaryBytes(right);
  return Math.sign(a.length - b.length) || Math.sign(left.sub_type - right.sub_type) || Buffer.compare(a, b);
}
