import { isDoc, isNumeric } from "../bson/values.ts";
import { notImplemented } from "../errors.ts";

/**
 * Passes a value on unless it holds, at any depth, a number that a JavaScript number cannot: the library would take it
 * for something else and calculate wrongly.
 * @throws NotImplemented
 */
export function plainNumbersOnly(operator: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) for (const item of value) plainNumbersOnly(operator, item);
  else if (isNumeric(value)) throw notImplemented(`${operator} of Decimal128 or of integers beyond 2^53`);
  else if (isDoc(value)) for (const member of Object.values(value)) plainNumbersOnly(operator, member);
  return value;
}
