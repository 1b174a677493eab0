import { bsonType, regexParts } from "../bson/values.ts";
import { MongoError } from "../errors.ts";

/** Longest pattern accepted, as in MongoDB. */
const PATTERN_CHARS_MAX = 32_764;

export function isRegex(value: unknown): boolean {
  return value instanceof RegExp || bsonType(value) === "BSONRegExp";
}

/**
 * A pattern of either kind as a JavaScript expression.
 * @throws 51091 for a pattern JavaScript cannot read, 51108 for options it does not have.
 */
export function compileRegex(pattern: unknown, options = ""): RegExp {
  const parts = isRegex(pattern) ? regexParts(pattern) : { pattern: String(pattern), options: "" };
  const flags = options || parts.options;
  if (/[^imsu]/.test(flags)) throw new MongoError("Location51108", `invalid flag in regex options: ${flags}`);
  if (parts.pattern.length > PATTERN_CHARS_MAX) throw new MongoError("Location51091", "Regular expression is too long");
  try {
    return new RegExp(parts.pattern, flags.includes("u") ? flags : `${flags}u`);
  } catch {
    return compileLoosely(parts.pattern, flags.replace("u", ""));
  }
}

/** Patterns with escapes that only the older grammar allows, such as `\-`, are common and mean the same without "u". */
function compileLoosely(pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, flags);
  } catch (error) {
    throw new MongoError(
      "Location51091",
      `Regular expression is invalid: ${error instanceof Error ? error.message : pattern}`,
    );
  }
}
