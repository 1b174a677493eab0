import type { Json } from "@stoa/kernel";
import { RE2JS } from "re2js";
import type { FieldValues } from "./custom-field.ts";

/** What a value must be, told one by one; each answers what is wrong, or null. */

/** Too few characters, or too many. */
export function lengthError(text: string, { lengthMin = 0, lengthMax }: { lengthMin?: number; lengthMax: number }) {
  if (text.length < lengthMin) return `must have at least ${lengthMin} characters`;
  return text.length > lengthMax ? `must have at most ${lengthMax} characters` : null;
}

/** Below `min` or above `max`; both are allowed themselves. */
export function rangeError<T extends number | string>(
  value: T,
  { min, max }: { readonly min?: T | undefined; readonly max?: T | undefined },
): string | null {
  if (min !== undefined && value < min) return `must be ${min} or more`;
  return max !== undefined && value > max ? `must be ${max} or less` : null;
}

/** Values out of a list of choices, each once. */
export function choicesError(
  values: readonly string[],
  { choices, countMax }: { readonly choices: readonly { readonly value: string }[]; readonly countMax: number },
): string | null {
  const known = new Set(choices.map(({ value }) => value));
  const strange = values.find((value) => !known.has(value));
  if (strange !== undefined) return `${strange.slice(0, 60)} is none of the choices`;
  if (new Set(values).size < values.length) return "a choice stands here twice";
  return values.length > countMax ? `must have at most ${countMax} choices` : null;
}

// Neither Postgres nor JSON takes NUL or half a surrogate pair.
const CONTROL = /\p{Cc}/u;
const CONTROL_BUT_BREAKS = /(?![\n\r\t])\p{Cc}/u;

/** Control characters, or half a character; with `breaks` line breaks and tabs are none of them. */
export function charactersError(text: string, { breaks }: { readonly breaks: boolean }): string | null {
  const strange = breaks ? CONTROL_BUT_BREAKS : CONTROL;
  return text.isWellFormed() && !strange.test(text) ? null : "must not hold control characters";
}

const COMPILED_MAX = 500;
const compiled = new Map<string, RE2JS>();

/** @throws when it is no regular expression of RE2. */
function compile(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known) return known;
  const made = RE2JS.compile(pattern);
  if (compiled.size >= COMPILED_MAX) compiled.clear();
  compiled.set(pattern, made);
  return made;
}

/** Whether it is a regular expression that RE2 takes, and so one that no text can keep busy. */
export function isPattern(pattern: string): boolean {
  try {
    compile(pattern);
    return true;
  } catch {
    return false;
  }
}

/** A text that does not match the pattern as a whole. @throws when the pattern is none, see `isPattern`. */
export function patternError(text: string, pattern: string): string | null {
  return compile(pattern).matches(text) ? null : "does not have the form that is asked for";
}

/** How large a value is as JSON. */
export function bytesOf(value: Json | FieldValues): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** JSON within bounds, none of whose texts or names a store would refuse. */
export function jsonError(value: Json, { bytesMax, depthMax }: { bytesMax: number; depthMax: number }): string | null {
  if (bytesOf(value) > bytesMax) return `must have at most ${bytesMax} bytes`;
  return partError(value, depthMax);
}

function partError(value: Json, depthLeft: number): string | null {
  if (typeof value === "string") return charactersError(value, { breaks: true });
  if (value === null || typeof value !== "object") return null;
  if (depthLeft === 0) return "is nested too deep";
  const names = Array.isArray(value) ? [] : Object.keys(value);
  if (names.some((name) => name === "__proto__" || name.startsWith("$") || name.includes("."))) {
    return "has a name with $, a dot, or __proto__ in it";
  }
  for (const part of [...names, ...Object.values(value)]) {
    const error = partError(part, depthLeft - 1);
    if (error) return error;
  }
  return null;
}
