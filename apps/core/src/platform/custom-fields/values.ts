import { canonicalJson, type FieldError, isId, type Json, problem } from "@stoa/kernel";
import { z } from "zod";
import {
  type CustomField,
  countMaxOf,
  type FieldDefinition,
  type FieldValues,
  JSON_DEPTH_MAX,
  referencePrefix,
} from "./custom-field.ts";
import { bytesOf, charactersError, choicesError, jsonError, lengthError, patternError, rangeError } from "./rules.ts";

/** All values of one thing together, so that a document or a row stays small. */
export const VALUES_BYTES_MAX = 65_536;

/** What is wrong with a value, or null. */
export function valueError(value: Json, field: FieldDefinition): string | null {
  if (field.kind === "json") return jsonError(value, { bytesMax: field.bytesMax, depthMax: JSON_DEPTH_MAX });
  const countMax = countMaxOf(field);
  if (countMax === 1) return oneError(value, field);
  if (!Array.isArray(value) || value.length === 0) return "must be a list with a value at least";
  if (value.length > countMax) return `must have at most ${countMax} values`;
  for (const one of value) {
    const error = oneError(one, field);
    if (error) return error;
  }
  return field.kind === "choice" ? choicesError(value.map(String), field) : null;
}

type Single = Exclude<FieldDefinition, { kind: "json" }>;

function oneError(value: Json, field: Single): string | null {
  switch (field.kind) {
    case "text":
    case "long_text":
      return typeof value === "string" ? textError(value, field) : "must be a text";
    case "integer":
      return Number.isSafeInteger(value) ? rangeError(Number(value), field) : "must be a whole number";
    case "decimal":
      return typeof value === "number" && Number.isFinite(value) ? decimalError(value, field) : "must be a number";
    case "boolean":
      return typeof value === "boolean" ? null : "must be true or false";
    case "date":
      return z.iso.date().safeParse(value).success
        ? rangeError(String(value), field)
        : "must be a date like 2026-12-31";
    case "datetime":
      return z.iso.datetime().safeParse(value).success
        ? momentError(String(value), field)
        : "must be a time like 2026-12-31T12:00:00Z";
    case "choice":
      return typeof value === "string" ? choicesError([value], field) : "must be one of the choices";
    case "reference":
      return isId(referencePrefix[field.to], value) ? null : `must be the id of a ${field.to}`;
  }
}

function textError(text: string, field: Extract<Single, { kind: "text" | "long_text" }>): string | null {
  const hasBreaks = field.kind === "long_text";
  if (text.trim() === "") return "must not be empty";
  const error = charactersError(text, { breaks: hasBreaks }) ?? lengthError(text, field);
  if (error || field.kind === "long_text" || field.pattern === undefined) return error;
  return patternError(text, field.pattern);
}

function decimalError(value: number, field: Extract<Single, { kind: "decimal" }>): string | null {
  if (Math.abs(value) > 1e12) return "is too far from zero";
  if (Number(value.toFixed(field.digits)) !== value) return `must have at most ${field.digits} digits behind the point`;
  return rangeError(value, field);
}

function momentError(value: string, { min, max }: Extract<Single, { kind: "datetime" }>): string | null {
  const at = Date.parse(value);
  if (min !== undefined && at < Date.parse(min)) return `must be ${min} or later`;
  return max !== undefined && at > Date.parse(max) ? `must be ${max} or earlier` : null;
}

const UNKNOWN = "there is no such field";

export interface ValuesChange {
  /** All fields of what the values are of, archived ones included. */
  readonly fields: readonly CustomField[];
  readonly before: FieldValues;
  readonly after: FieldValues;
  readonly by: "staff" | "shopper";
  /** Whether what is required has to be there now. */
  readonly isComplete: boolean;
  /** What stands in front of the keys; `customFields` without it. */
  readonly path?: string;
  /** All values together; of what there may be many in one answer, less than the 64 KiB that hold without it. */
  readonly bytesMax?: number;
}

/**
 * What is wrong with a change of values, an error for each key. Values that stay as they were are not judged again: neither a field
 * that has been archived nor one whose limits are closer by now keeps anybody from changing something else.
 */
export function valuesErrors({
  fields,
  before,
  after,
  by,
  isComplete,
  path = "customFields",
  bytesMax = VALUES_BYTES_MAX,
}: ValuesChange): FieldError[] {
  const byKey = new Map(fields.map((field) => [field.key, field]));
  const at = (key: string, message: string | null) => (message === null ? [] : [{ path: `${path}.${key}`, message }]);
  const errors = [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) => {
    const value = after[key];
    if (canonicalJson(before[key]) === canonicalJson(value)) return [];
    return at(key, changeError(value, byKey.get(key), by));
  });
  const missing = isComplete ? fields.filter((field) => isMissing(field, after) && mayEdit(field, by)) : [];
  errors.push(...missing.flatMap(({ key }) => at(key, "is required")));
  if (errors.length > 0 || bytesOf(after) <= bytesMax) return errors;
  return [{ path, message: `must have at most ${bytesMax} bytes together` }];
}

function changeError(value: Json | undefined, field: CustomField | undefined, by: ValuesChange["by"]): string | null {
  if (value === undefined && by === "staff") return null;
  // What is for staff is as unknown to shoppers as what is not there.
  if (!field || (by === "shopper" && isForStaff(field))) return UNKNOWN;
  if (!mayEdit(field, by)) return "is not for shoppers to change";
  if (value === undefined) return null;
  return field.archivedAt === null ? valueError(value, field) : "is archived and takes no new value";
}

function isForStaff({ visibility }: CustomField): boolean {
  return visibility === "staff";
}

function mayEdit(field: CustomField, by: ValuesChange["by"]): boolean {
  return by === "staff" || field.isShopperEditable;
}

function isMissing({ key, isRequired, archivedAt, defaultValue }: CustomField, values: FieldValues): boolean {
  return isRequired && archivedAt === null && defaultValue === undefined && values[key] === undefined;
}

export type FieldPatch = Readonly<Record<string, Json>>;

export interface PatchChange extends Omit<ValuesChange, "after"> {
  readonly patch: FieldPatch;
}

/**
 * The values as a patch leaves them, which names nothing but fields there are.
 * @throws Problem `validation_failed` with every error by its path.
 */
export function changedValues({ patch, ...change }: PatchChange): FieldValues {
  const { fields, before, by, path = "customFields" } = change;
  const after = patched(before, patch);
  const known = new Set([
    ...fields.filter((field) => mayEdit(field, by)).map(({ key }) => key),
    ...Object.keys(before),
  ]);
  const hidden = new Set(by === "staff" ? [] : fields.filter(isForStaff).map(({ key }) => key));
  const told = valuesErrors({ ...change, after });
  const isTold = new Set(told.map((error) => error.path));
  // Who takes away what is not there has named something all the same; a shopper who guesses what staff have written is not told so.
  const strange = Object.keys(patch)
    .filter((key) => hidden.has(key) || (patch[key] === null && !known.has(key)))
    .map((key) => ({ path: `${path}.${key}`, message: UNKNOWN }))
    .filter((error) => !isTold.has(error.path));
  const errors = [...strange, ...told];
  if (errors.length > 0) throw problem("validation_failed", { errors });
  return after;
}

/** The values with a patch over them: null takes one away. */
export function patched(before: FieldValues, patch: FieldPatch): FieldValues {
  const after = Object.entries({ ...before, ...patch });
  return Object.fromEntries(
    after.filter((entry): entry is [string, Json] => entry[1] !== null && entry[1] !== undefined),
  );
}

/** The values with what holds where there is none. */
export function withDefaults(fields: readonly CustomField[], values: FieldValues): FieldValues {
  const defaults = fields.flatMap(({ key, archivedAt, defaultValue }): [string, Json][] =>
    archivedAt === null && defaultValue !== undefined ? [[key, defaultValue]] : [],
  );
  return { ...Object.fromEntries(defaults), ...values };
}

/** What of the values shoppers may see. */
export function shownToShoppers(fields: readonly CustomField[], values: FieldValues): FieldValues {
  const shown = new Set(fields.flatMap(({ key, visibility }) => (visibility === "shoppers" ? [key] : [])));
  return Object.fromEntries(Object.entries(values).filter(([key]) => shown.has(key)));
}
