import type { Decimal128 } from "bson";
import { isDecimal, plainNumber } from "./values.ts";

interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/**
 * Compares two numeric BSON values by their exact mathematical value, whatever their types.
 * NaN equals itself and sorts before every other number.
 */
export function compareNumbers(left: unknown, right: unknown): number {
  if (isDecimal(left) || isDecimal(right)) return compareDecimals(left, right);
  const a = plainNumber(left);
  const b = plainNumber(right);
  if (a < b) return -1;
  if (a > b) return 1;
  // Neither less nor greater: equal, a number and a bigint of one value, or NaN.
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

function compareDecimals(left: unknown, right: unknown): number {
  const a = fractionOf(left);
  const b = fractionOf(right);
  if (typeof a === "number" || typeof b === "number") {
    // At least one is NaN or infinite, where the sign decides and the digits do not.
    return compareNumbers(typeof a === "number" ? a : 0, typeof b === "number" ? b : 0);
  }
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The exact value as a fraction, or NaN or an infinity as it is. */
function fractionOf(value: unknown): Fraction | number {
  const plain = isDecimal(value) ? decimalFraction(value) : plainNumber(value);
  if (typeof plain === "bigint") return { numerator: plain, denominator: 1n };
  if (typeof plain === "object") return plain;
  if (!Number.isFinite(plain)) return plain;
  let numerator = plain;
  let denominator = 1n;
  // A double is a whole number over a power of two, so doubling it at most 1,074 times makes it whole.
  while (!Number.isInteger(numerator)) {
    numerator *= 2;
    denominator *= 2n;
  }
  return { numerator: BigInt(numerator), denominator };
}

function decimalFraction(value: Decimal128): Fraction | number {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]?\d+))?$/.exec(value.toString());
  if (!match) return value.toString() === "NaN" ? Number.NaN : Number(value.toString());
  const decimals = match[3] ?? "";
  const digits = BigInt(`${match[1]}${match[2]}${decimals}`);
  const exponent = Number(match[4] ?? 0) - decimals.length;
  return exponent >= 0
    ? { numerator: digits * 10n ** BigInt(exponent), denominator: 1n }
    : { numerator: digits, denominator: 10n ** BigInt(-exponent) };
}
