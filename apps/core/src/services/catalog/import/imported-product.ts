import type { Currency } from "@stoa/kernel";
import type { Attribute } from "../documents.ts";
import { splitList } from "../product-type.ts";

const MESSAGE_LENGTH_MAX = 160;

/** A product as a file tells it, whatever the file's format. Amounts are minor units. */
export interface ImportedProduct {
  /** Line of the file on which it begins, from 1. */
  readonly line: number;
  /** What the file knows it by; the same product in a later file has the same key. */
  readonly key: string;
  readonly title: string;
  readonly description: string;
  readonly brand: string | null;
  /** Names of categories, root first; empty for none. */
  readonly categoryPath: readonly string[];
  readonly collections: readonly string[];
  /** The product type it is to have; null where the file does not say. */
  readonly typeCode: string | null;
  readonly attributes: readonly ImportedAttribute[];
  readonly options: readonly string[];
  readonly images: readonly string[];
  readonly status: "draft" | "published";
  readonly variants: readonly ImportedVariant[];
}

/** An attribute as the file has it. The type of its product may know better than its looks what it is. */
export interface ImportedAttribute {
  readonly attribute: Attribute;
  /** The text of a file that knows nothing but texts. */
  readonly raw?: string;
}

export interface ImportedVariant {
  readonly sku: string;
  readonly barcode: string | null;
  readonly options: Readonly<Record<string, string>>;
  /** Those that its product's type defines for variants are taken. */
  readonly attributes: readonly ImportedAttribute[];
  readonly price: { readonly currency: Currency; readonly amount: number; readonly compareAt?: number };
  readonly image: string | null;
  readonly weightGrams: number | null;
  /** Units on hand; null when the file does not say. */
  readonly stock: number | null;
}

/** Why a line, or the product that begins on it, was left out; or what about it is odd. */
export interface ImportIssue {
  readonly line: number;
  readonly sku: string;
  readonly message: string;
}

/** What a reader yields for each product of a file. */
export type Reading =
  | { readonly kind: "product"; readonly product: ImportedProduct }
  | { readonly kind: "bad"; readonly issue: ImportIssue };

export function bad(line: number, sku: string, message: string): Extract<Reading, { kind: "bad" }> {
  return { kind: "bad", issue: { line, sku: sku.slice(0, 100), message: message.slice(0, MESSAGE_LENGTH_MAX) } };
}

/** Attribute value from text: true/false, a number, a list with `|` between, else the text. Null for nothing. */
export function attributeFromText(code: string, text: string): Attribute | null {
  const value = text.trim();
  if (value === "") return null;
  if (value === "true" || value === "false") return { code, type: "boolean", value: value === "true" };
  if (/^-?\d{1,15}(?:\.\d{1,10})?$/.test(value) && !/^-?0\d/.test(value)) {
    return { code, type: "number", value: Number(value) };
  }
  const parts = splitList(value);
  return parts.length > 1 ? { code, type: "list", value: parts } : { code, type: "text", value };
}
