import { malformed } from "../errors.ts";
import { isArray, isObject, type Json } from "../json.ts";
import { elementType, type Field } from "./field.ts";

export type DirtyValues = "coerce_or_reject" | "coerce_or_drop" | "drop" | "reject";

const ARTICLES: Readonly<Record<string, string>> = {
  string: "a string",
  int32: "an int32",
  int64: "an int64",
  float: "a float",
  bool: "a bool",
  object: "an object",
};

/** The value as the field's type asks; undefined when it is to be dropped. Refused when it fits in no way. */
export function coerceField(field: Field, value: Json, dirty: DirtyValues): Json | undefined {
  const type = elementType(field.type);
  if (!field.type.endsWith("[]")) {
    if (fits(type, value)) return value;
    return replaceOrRefuse(type, value, dirty, `Field \`${field.name}\` must be ${ARTICLES[type] ?? "valid"}.`);
  }
  if (!isArray(value)) {
    if (dirty === "drop" || dirty === "coerce_or_drop") return undefined;
    throw malformed(`Field \`${field.name}\` must be an array.`);
  }
  if (value.every((item) => fits(type, item))) return value;
  const refusal = `Field \`${field.name}\` must be an array of ${type}.`;
  return value.map((item) => (fits(type, item) ? item : replaceOrRefuse(type, item, dirty, refusal))).filter(isPresent);
}

function replaceOrRefuse(type: string, value: Json, dirty: DirtyValues, refusal: string): Json | undefined {
  const replaced = dirty.startsWith("coerce") ? coerce(type, value) : undefined;
  if (replaced === undefined && (dirty === "reject" || dirty === "coerce_or_reject")) throw malformed(refusal);
  return replaced;
}

function isPresent(value: Json | undefined): value is Json {
  return value !== undefined;
}

function fits(type: string, value: Json): boolean {
  switch (type) {
    case "string":
      return typeof value === "string";
    case "int32":
      return Number.isInteger(value) && Math.abs(Number(value)) <= 2 ** 31 - 1;
    case "int64":
      return Number.isSafeInteger(value);
    case "float":
      return typeof value === "number";
    case "bool":
      return typeof value === "boolean";
    default:
      return isObject(value);
  }
}

function coerce(type: string, value: Json): Json | undefined {
  if (typeof value === "object") return undefined;
  if (type === "string") return String(value);
  if (type === "bool") return coerceBoolean(value);
  if (type === "object" || value === "") return undefined;
  const number = type === "float" ? Number(value) : Math.trunc(Number(value));
  return Number.isFinite(number) && fits(type, number) ? number : undefined;
}

function coerceBoolean(value: string | number | boolean): boolean | undefined {
  if (value === 1 || value === "1" || value === "true") return true;
  if (value === 0 || value === "0" || value === "false") return false;
  return undefined;
}
