import { z } from "zod";

// Postgres refuses NUL in text and half a surrogate pair is no Unicode; both are turned away at the door.
const UNSAFE = /(?![\t\n\r])\p{Cc}/u;

function isCleanText(value: string): boolean {
  return value.isWellFormed() && !UNSAFE.test(value);
}

/** One to `max` characters after trimming, without control characters but those of a text of several lines. For one line see `lineText`. */
export function text(max: number) {
  return z.string().max(max).trim().min(1).refine(isCleanText, { message: "must not hold control characters" });
}

/** Like `text`, and without the back-tick, which no filter of the search engine can hold. */
export function filterText(max: number) {
  return text(max).refine((value) => !value.includes("`"), { message: "must not hold a back-tick" });
}

/** A whole number written in digits, as a query string gives it. */
export function digits(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,13}$/, "must be a whole number")
    .transform(Number)
    .pipe(z.int().min(min).max(max));
}

/** `true` or `false`, as a query string gives it. */
export const flag = z
  .enum(["true", "false"])
  .transform((value) => value === "true")
  .pipe(z.boolean());
