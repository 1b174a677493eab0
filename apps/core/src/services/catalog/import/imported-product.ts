import type { Currency, Json, Texts } from "@stoa/kernel";
import type { Attribute, ProductContent, ProductStatus } from "../documents.ts";

const MESSAGE_LENGTH_MAX = 160;

/** A product as a file tells it, whatever the file's format. Amounts are minor units. */
export interface ImportedProduct {
  /** Line of the file on which it begins, from 1. */
  readonly line: number;
  /** What the file knows it by; the same product in a later file has the same key. */
  readonly key: string;
  /** What a new product gets as its slug, when it is free; null to make one of its title. */
  readonly slug: string | null;
  /** What it is called in messages, slugs and the texts of its pictures. */
  readonly title: string;
  /** By locale: what the file names; "" takes a text away. */
  readonly titles: Texts;
  readonly descriptions: Texts;
  readonly brand: string | null;
  readonly categories: readonly ImportedCategory[];
  readonly collections: readonly string[];
  /** The product type it is to have; null where the file does not say. */
  readonly typeCode: string | null;
  readonly attributes: readonly ImportedAttribute[];
  /** Those that the file names; a field that it does not name stays as it is. */
  readonly customFields?: ImportedFields;
  readonly options: readonly string[];
  /** Null where the file does not say: a new product is shown by the picture of its first variant then. */
  readonly images: readonly string[] | null;
  readonly status: ProductStatus;
  readonly variants: readonly ImportedVariant[];
  /** All of its content as an export wrote it; the members above are only what the import needs besides. */
  readonly whole?: Omit<ProductContent, "categoryIds">;
}

/** Values of the shop's own fields by key: JSON as it is, or the text of a file that knows nothing but texts. */
export type ImportedFields = Readonly<Record<string, { readonly json: Json } | { readonly cell: string }>>;

/** A category by its slug, else by the names on its path, which is made where it is missing. */
export interface ImportedCategory {
  readonly slug: string | null;
  /** Root first. */
  readonly path: readonly string[];
}

/** An attribute as the file has it. The type of its product may know better than its looks what it is. */
export interface ImportedAttribute {
  readonly attribute: Attribute;
  /** The text of a file that knows nothing but texts. */
  readonly raw?: string;
}

export interface ImportedPrice {
  readonly currency: Currency;
  readonly amount: number;
  readonly compareAt?: number;
}

export interface ImportedVariant {
  readonly sku: string;
  readonly barcode: string | null;
  readonly options: Readonly<Record<string, string>>;
  /** Those that its product's type defines for variants are taken. */
  readonly attributes: readonly ImportedAttribute[];
  readonly customFields?: ImportedFields;
  /** For one unit to anybody, one a currency. */
  readonly prices: readonly ImportedPrice[];
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

/** What a reader is told besides the bytes. */
export interface ReadingOptions {
  /** Language of texts for which the file names none. */
  readonly locale: string;
}

export function bad(line: number, sku: string, message: string): Extract<Reading, { kind: "bad" }> {
  return { kind: "bad", issue: { line, sku: sku.slice(0, 100), message: message.slice(0, MESSAGE_LENGTH_MAX) } };
}
