import type { Json } from "@stoa/kernel";
import { z } from "zod";
import { type CustomField, countMaxOf } from "../../../platform/custom-fields/index.ts";
import { decodeList, encodeList, jsonOf, NOTHING } from "./cells.ts";
import type { ImportedFields } from "./imported-product.ts";

/** What a file names of the shop's own fields, as a patch: a cell is read as its field wants it, else as it is. */
export function readFieldCells(named: ImportedFields, fields: readonly CustomField[]): Record<string, Json> {
  const byKey = new Map(fields.map((field) => [field.key, field]));
  return Object.fromEntries(
    Object.entries(named).map(([key, value]) => {
      if ("json" in value) return [key, value.json];
      return [key, fieldValueOf(value.cell, byKey.get(key))];
    }),
  );
}

/** The value of a cell; null for the word that stands for nothing. */
function fieldValueOf(cell: string, field: CustomField | undefined): Json {
  if (cell === NOTHING) return null;
  if (!field) return cell;
  if (field.kind === "json") return z.json().safeParse(jsonOf(cell)).data ?? cell;
  if (countMaxOf(field) > 1) return decodeList(cell).map((text) => oneOf(text, field));
  return oneOf(textOf(cell), field);
}

function oneOf(text: string, { kind }: CustomField): Json {
  switch (kind) {
    case "integer":
    case "decimal":
      return /^-?\d{1,16}(?:\.\d{1,6})?$/.test(text) ? Number(text) : text;
    case "boolean":
      return text === "true" || text === "false" ? text === "true" : text;
    case "text":
    case "long_text":
    case "date":
    case "datetime":
    case "choice":
    case "reference":
    case "json":
      return text;
  }
}

/** A value as the text of a cell that reads as the same one again. */
export function fieldCell(value: Json | undefined, field: CustomField | undefined): string {
  if (value === undefined) return "";
  if (field?.kind === "json" || (typeof value === "object" && !Array.isArray(value))) return JSON.stringify(value);
  if (Array.isArray(value)) {
    const cell = encodeList(value.map(String));
    return cell === NOTHING ? JSON.stringify(value.map(String)) : cell;
  }
  const text = String(value);
  return text === NOTHING || text.startsWith('"') ? JSON.stringify(text) : text;
}

function textOf(cell: string): string {
  const literal = cell.startsWith('"') ? jsonOf(cell) : undefined;
  return typeof literal === "string" ? literal : cell;
}
