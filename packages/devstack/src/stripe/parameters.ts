import { currencyDigits, isCurrency } from "@stoa/kernel";
import { z } from "zod";
import { invalidParameter, type StripeRefusal } from "./errors.ts";
import { type Form, unknownParameter } from "./form.ts";
import type { Metadata, StripeValue } from "./objects.ts";

const INVALID_INTEGER = "Invalid integer";
const METADATA_KEYS_MAX = 50;

export const integer = z
  .string()
  .regex(/^-?\d{1,15}$/, INVALID_INTEGER)
  .transform(Number);
export const flag = z.enum(["true", "false"]).transform((text) => text === "true");
export const text = z.string().max(5_000);
export const expand = z.array(z.string().max(200)).max(20).optional();
/** Some that Stripe takes and that no shop of ours sells in. */
const others: ReadonlySet<string> = new Set(["ARS", "COP", "PEN"]);
export const currency = z
  .string()
  .refine((code) => isCurrency(code.toUpperCase()) || others.has(code.toUpperCase()), "Invalid currency")
  .transform((code) => code.toLowerCase());

/**
 * With three decimals Stripe takes amounts only whose last digit is 0. Source: https://docs.stripe.com/currencies#three-decimal
 * @throws 400
 */
export function checkLastDigit(amount: number, currencyCode: string, param: string): void {
  const code = currencyCode.toUpperCase();
  if (!isCurrency(code) || currencyDigits[code] !== 3 || amount % 10 === 0) return;
  const words = `Invalid amount: the last digit of an amount in ${currencyCode} must be 0`;
  throw invalidParameter(words, "invalid_charge_amount", param);
}

/** Changes to metadata: an empty value removes its key, an empty string instead of a map removes every key. */
export const metadata = z.union([z.literal(""), z.record(z.string().max(40), z.string().max(500))]).optional();
export type MetadataChange = z.infer<typeof metadata>;

/** Any nested value; for what the stand-in stores and shows and does not act on. */
export const anything: z.ZodType<StripeValue> = z.lazy(() =>
  z.union([z.string().max(5_000), z.array(anything).max(100), z.record(z.string(), anything)]),
);

export function applyMetadata(current: Metadata, change: MetadataChange): Metadata {
  if (change === undefined) return current;
  if (change === "") return {};
  const merged = Object.fromEntries(Object.entries({ ...current, ...change }).filter(([, value]) => value !== ""));
  if (Object.keys(merged).length > METADATA_KEYS_MAX) {
    throw invalidParameter(
      `Metadata can contain up to ${METADATA_KEYS_MAX} keys.`,
      "parameter_invalid_metadata",
      "metadata",
    );
  }
  return merged;
}

const instant = z
  .string()
  .regex(/^\d{1,12}$/, INVALID_INTEGER)
  .transform(Number);

/** What every list call takes. */
export const listParameters = {
  limit: integer.optional(),
  starting_after: text.optional(),
  ending_before: text.optional(),
  created: z
    .union([
      instant,
      z.strictObject({
        gt: instant.optional(),
        gte: instant.optional(),
        lt: instant.optional(),
        lte: instant.optional(),
      }),
    ])
    .optional(),
  expand,
};

/** Parses a form with a strict schema; what does not fit is refused in Stripe's words. */
export function parseParameters<Schema extends z.ZodType>(schema: Schema, form: Form): z.infer<Schema> {
  const parsed = schema.safeParse(form);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw issue === undefined ? invalidParameter("Invalid request") : refusalFor(issue, form);
}

function refusalFor(issue: z.core.$ZodIssue, form: Form): StripeRefusal | Error {
  const param = parameterName(issue.path);
  if (issue.code === "unrecognized_keys") return unknownParameter(parameterName([...issue.path, issue.keys[0] ?? ""]));
  const given = valueAt(form, issue.path);
  if (given === undefined) {
    return invalidParameter(`Missing required param: ${param}.`, "parameter_missing", param);
  }
  if (given === "") {
    return invalidParameter(
      `You passed an empty string for '${param}'. We assume empty values are an attempt to unset a parameter; however '${param}' cannot be unset. You should remove '${param}' from your request or supply a non-empty value.`,
      "parameter_invalid_empty",
      param,
    );
  }
  const shown = typeof given === "string" ? given.slice(0, 100) : "object";
  if (issue.message === INVALID_INTEGER) {
    return invalidParameter(`${INVALID_INTEGER}: ${shown}`, "parameter_invalid_integer", param);
  }
  if (issue.code === "invalid_value") {
    return invalidParameter(`Invalid ${param}: must be one of ${issue.values.join(", ")}`, undefined, param);
  }
  return invalidParameter(`Invalid ${param}: ${shown}`, undefined, param);
}

function parameterName(path: readonly PropertyKey[]): string {
  const [first = "", ...rest] = path.map(String);
  return first + rest.map((part) => `[${part}]`).join("");
}

function valueAt(form: Form, path: readonly PropertyKey[]): unknown {
  let value: unknown = form;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}
