import { z } from "zod";
import { type Attribute, attributeSchema } from "../documents.ts";
import { splitList } from "../product-type.ts";
import type { ImportedAttribute } from "./imported-product.ts";

/** What stands for "explicitly nothing" where an empty cell says nothing. */
export const NOTHING = "none";

/** A spreadsheet takes a cell that begins so for a formula, and runs it; in some languages of its the wide characters as well. */
const FORMULA = /^'*[=+\-@\t\r＝＋－＠]/;

/**
 * A text as a cell of a CSV file: what a spreadsheet would run gets an apostrophe in front, and what would not come back as it is
 * (blanks around it, or the looks of such an encoding) is written as a JSON string. `decodeCell` gives the very text back.
 */
export function encodeCell(text: string): string {
  if (needsJson(text)) return JSON.stringify(text);
  return FORMULA.test(text) ? `'${text}` : text;
}

/** The text of a cell, be it of an export, of a spreadsheet or of anybody. */
export function decodeCell(cell: string): string {
  const trimmed = cell.trim();
  const literal = jsonString(trimmed);
  if (literal !== null && needsJson(literal)) return literal;
  return /^'+[=+\-@\t\r＝＋－＠]/.test(trimmed) ? trimmed.slice(1) : trimmed;
}

/** Texts as one cell, a vertical bar between them where that can be told apart, else as JSON. */
export function encodeList(texts: readonly string[]): string {
  const plain = texts.join("|");
  const isPlain = sameTexts(splitList(plain), texts) && jsonTexts(plain) === null;
  return isPlain ? plain : JSON.stringify(texts);
}

export function decodeList(text: string): string[] {
  return jsonTexts(text) ?? splitList(text);
}

/** An attribute's value as text that `attributeFromCell` reads as the same one. */
export function encodeAttribute(attribute: Attribute): string {
  const plain = plainText(attribute);
  const read = attributeFromCell(attribute.code, plain)?.attribute;
  if (read && read.type === attribute.type && JSON.stringify(read.value) === JSON.stringify(attribute.value))
    return plain;
  const { type, value } = attribute;
  return JSON.stringify(type === "number" ? { type, value } : attributeJson(attribute));
}

/** JSON that says of which kind the value is: texts, lists and so on as themselves, what looks like another kind with its name. */
export function attributeJson({ type, value }: Attribute): unknown {
  return type === "date" || type === "reference" ? { type, value } : value;
}

/** An attribute of the JSON that `attributeJson` makes; null for JSON that is none. */
export function attributeFromJson(code: string, json: unknown): Attribute | null {
  const named = z.object({ type: z.string(), value: z.unknown() }).safeParse(json);
  const candidate = named.success ? named.data : { type: typeOfJson(json), value: json };
  const parsed = attributeSchema.safeParse({ code, ...candidate });
  return parsed.success ? parsed.data : null;
}

/** An attribute of a cell: true/false, a number, a list with `|` between, JSON that says what it is, else the text. Null for nothing. */
export function attributeFromCell(code: string, text: string): ImportedAttribute | null {
  if (text.trim() === "") return null;
  const explicit = /^["[{]/.test(text) ? attributeFromJson(code, jsonOf(text)) : null;
  if (explicit) return { attribute: explicit };
  return { attribute: attributeFromText(code, text.trim()), raw: text.trim() };
}

function attributeFromText(code: string, value: string): Attribute {
  if (value === "true" || value === "false") return { code, type: "boolean", value: value === "true" };
  if (/^-?\d{1,15}(?:\.\d{1,10})?$/.test(value) && !/^-?0\d/.test(value)) {
    return { code, type: "number", value: Number(value) };
  }
  const parts = splitList(value);
  return parts.length > 1 ? { code, type: "list", value: parts } : { code, type: "text", value };
}

function plainText({ type, value }: Attribute): string {
  return type === "list" ? value.join("|") : String(value);
}

function typeOfJson(json: unknown): string {
  if (Array.isArray(json)) return "list";
  return typeof json === "string" ? "text" : typeof json;
}

function needsJson(text: string): boolean {
  if (text !== text.trim()) return true;
  const literal = jsonString(text);
  return literal !== null && needsJson(literal);
}

function jsonString(text: string): string | null {
  if (!/^".*"$/s.test(text) || text.length < 2) return null;
  const value = jsonOf(text);
  return typeof value === "string" ? value : null;
}

function jsonTexts(text: string): string[] | null {
  if (!text.startsWith("[")) return null;
  const parsed = z.array(z.string()).safeParse(jsonOf(text));
  return parsed.success ? parsed.data : null;
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sameTexts(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((text, index) => text === right[index]);
}
