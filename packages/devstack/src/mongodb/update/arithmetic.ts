import { Double, Int32, Long } from "bson";
import { bsonType, isDecimal, isNumeric, plainNumber } from "../bson/values.ts";
import { MongoError, notImplemented } from "../errors.ts";

const INT_MAX = 0x7fffffffn;
const LONG_MAX = 0x7fffffffffffffffn;

/**
 * Adds or multiplies two exactly decoded numbers as MongoDB does: whole numbers stay whole and widen to 64 bits,
 * one double makes the result a double.
 * @throws BadValue beyond 64 bits, NotImplemented for Decimal128.
 */
export function calculate(operator: "$inc" | "$mul", left: unknown, right: unknown): Int32 | Double | Long {
  if (isDecimal(left) || isDecimal(right)) throw notImplemented(`${operator} of Decimal128`);
  if (isDouble(left) || isDouble(right)) {
    const [a, b] = [Number(plainNumber(left)), Number(plainNumber(right))];
    return new Double(operator === "$inc" ? a + b : a * b);
  }
  const [a, b] = [BigInt(plainNumber(left)), BigInt(plainNumber(right))];
  const result = operator === "$inc" ? a + b : a * b;
  if (result > LONG_MAX || result < -LONG_MAX - 1n) {
    throw new MongoError("BadValue", `Failed to apply ${operator} operations to current value: result exceeds 64 bits`);
  }
  const wasLong = bsonType(left) === "Long" || bsonType(right) === "Long";
  return wasLong || result > INT_MAX || result < -INT_MAX - 1n ? Long.fromBigInt(result) : new Int32(Number(result));
}

function isDouble(value: unknown): boolean {
  return bsonType(value) === "Double" || (typeof value === "number" && !Number.isInteger(value));
}

/** @throws TypeMismatch unless the argument of `$inc` or `$mul` is a number. */
export function requireNumber(operator: string, value: unknown, field: string): void {
  if (!isNumeric(value)) {
    throw new MongoError(
      "TypeMismatch",
      `Cannot ${operator === "$inc" ? "increment" : "multiply"} with non-numeric argument: {${field}}`,
    );
  }
}
