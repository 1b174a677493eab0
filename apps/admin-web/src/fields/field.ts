import { type Json, type Texts, textIn } from "@stoa/kernel";
import type { Inputs, Outputs } from "../trpc.ts";

/** One of the shop's own fields, as core keeps it. */
export type CustomField = Outputs["customFields"]["list"]["items"][number];
export type FieldEntity = CustomField["entity"];
export type FieldKind = CustomField["kind"];
export type FieldDefinition = Inputs["customFields"]["save"]["definition"];
export type FieldValues = Readonly<Record<string, Json>>;

/** What an input has to know of a field. */
export interface FieldShape {
  readonly kind: FieldKind;
  readonly countMax?: number | undefined;
  readonly choices?: readonly { readonly value: string; readonly label?: Texts | undefined }[] | undefined;
  readonly digits?: number | undefined;
  readonly to?: string | undefined;
}

export const kindNames: Readonly<Record<FieldKind, string>> = {
  text: "Text",
  long_text: "Long text",
  integer: "Whole number",
  decimal: "Decimal number",
  boolean: "Yes or no",
  date: "Date",
  datetime: "Date and time (UTC)",
  choice: "Choice",
  reference: "Reference",
  json: "JSON",
};

export const entityNames: Readonly<Record<FieldEntity, string>> = {
  product: "Products",
  variant: "Variants",
  category: "Categories",
  customer: "Customers",
  order: "Orders",
  order_line: "Order lines",
  return: "Returns",
  location: "Locations",
};

/** What somebody has typed so far; an empty text stands for no value. */
export type Draft = string;

export function isList({ countMax = 1 }: FieldShape): boolean {
  return countMax > 1;
}

/** A value as it is edited: a list one a line, a moment as the browser's own input has it, JSON in lines. */
export function draftOf(value: Json | undefined, field: FieldShape): Draft {
  if (value === undefined || value === null) return "";
  if (field.kind === "json") return JSON.stringify(value, null, 2);
  const texts = (Array.isArray(value) ? value : [value]).map(String);
  return texts.map((text) => (field.kind === "datetime" ? text.replace(/(?::00(?:\.\d+)?)?Z$/, "") : text)).join("\n");
}

export type Read =
  | { readonly kind: "value"; readonly value: Json }
  | { readonly kind: "wrong"; readonly reason: string };

/** The value that was typed; null for none. What its field makes of it, core says. */
export function readDraft(draft: Draft, field: FieldShape): Read {
  if (draft.trim() === "") return { kind: "value", value: null };
  if (field.kind === "json") return readJson(draft);
  if (!isList(field)) return readOne(field.kind === "long_text" ? draft : draft.trim(), field);
  const values: Json[] = [];
  for (const line of draft.split("\n").map((text) => text.trim())) {
    if (line === "") continue;
    const read = readOne(line, field);
    if (read.kind === "wrong") return read;
    values.push(read.value);
  }
  return { kind: "value", value: values };
}

function readOne(text: string, { kind }: FieldShape): Read {
  switch (kind) {
    case "integer":
    case "decimal": {
      const isNumber = kind === "integer" ? /^-?\d+$/.test(text) : /^-?\d+(?:[.,]\d+)?$/.test(text);
      if (isNumber) return { kind: "value", value: Number(text.replace(",", ".")) };
      return { kind: "wrong", reason: kind === "integer" ? "A whole number" : "A number" };
    }
    case "boolean":
      return { kind: "value", value: text === "true" };
    case "datetime":
      return { kind: "value", value: /T\d\d:\d\d$/.test(text) ? `${text}:00Z` : `${text.replace(/Z$/, "")}Z` };
    case "text":
    case "long_text":
    case "date":
    case "choice":
    case "reference":
    case "json":
      return { kind: "value", value: text };
  }
}

function readJson(text: string): Read {
  try {
    return { kind: "value", value: JSON.parse(text) as Json };
  } catch {
    return { kind: "wrong", reason: "Not JSON yet" };
  }
}

/** A value in words, for who only looks. */
export function shownValue(value: Json | undefined, field: FieldShape, locale: string): string {
  if (value === undefined || value === null) return "–";
  if (field.kind === "json") return JSON.stringify(value);
  return (Array.isArray(value) ? value : [value]).map((one) => shownOne(one, field, locale)).join(", ");
}

function shownOne(value: Json, { kind, choices = [] }: FieldShape, locale: string): string {
  if (kind === "boolean") return value === true ? "Yes" : "No";
  if (kind === "choice")
    return choiceName(choices.find((choice) => choice.value === value) ?? { value: String(value) }, locale);
  return String(value);
}

export function choiceName(
  { value, label = {} }: { value: string; label?: Texts | undefined },
  locale: string,
): string {
  return textIn(label, locale) || value;
}

/** The values with a patch over them, for what core takes whole. */
export function mergedValues(
  values: FieldValues,
  patch: Readonly<Record<string, Json>>,
): Record<string, Exclude<Json, null>> {
  const merged = Object.entries({ ...values, ...patch });
  return Object.fromEntries(merged.filter((entry): entry is [string, Exclude<Json, null>] => entry[1] !== null));
}
