import type { ProductDocument } from "../documents.ts";
import { encodeCell } from "../import/cells.ts";

/** Attributes that get a column of their own, the most frequent ones; all others are gathered in one. Spreadsheets end at 16,384. */
const ATTRIBUTE_COLUMNS_MAX = 200;

type Surveyed = Pick<ProductDocument, "title" | "description" | "attributes" | "options" | "variants" | "customFields">;

/** Which locales, currencies, options and attributes the products have. */
export interface Survey {
  readonly titleLocales: ReadonlySet<string>;
  readonly descriptionLocales: ReadonlySet<string>;
  readonly currencies: ReadonlySet<string>;
  readonly options: ReadonlySet<string>;
  /** How many products have each. */
  readonly attributes: ReadonlyMap<string, number>;
  /** Keys of the shop's own fields. */
  readonly fields: ReadonlySet<string>;
  readonly variantFields: ReadonlySet<string>;
}

export function survey(): Survey & { take(product: Surveyed): void } {
  const [titleLocales, descriptionLocales, currencies, options] = [
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
  ];
  const attributes = new Map<string, number>();
  const [fields, variantFields] = [new Set<string>(), new Set<string>()];
  return {
    titleLocales,
    descriptionLocales,
    currencies,
    options,
    attributes,
    fields,
    variantFields,
    take(product) {
      for (const key of Object.keys(product.customFields ?? {})) fields.add(key);
      for (const variant of product.variants) {
        for (const key of Object.keys(variant.customFields ?? {})) variantFields.add(key);
      }
      for (const locale of Object.keys(product.title)) titleLocales.add(locale);
      for (const locale of Object.keys(product.description)) descriptionLocales.add(locale);
      for (const { name } of product.options) options.add(name);
      for (const { currency } of product.variants.flatMap(({ prices }) => prices)) currencies.add(currency);
      const codes = [...product.attributes, ...product.variants.flatMap((variant) => variant.attributes ?? [])];
      for (const code of new Set(codes.map((attribute) => attribute.code))) {
        attributes.set(code, (attributes.get(code) ?? 0) + 1);
      }
    },
  };
}

export interface Columns {
  readonly header: readonly string[];
  /** Further locales, beside the one whose columns name none. */
  readonly titleLocales: readonly string[];
  readonly descriptionLocales: readonly string[];
  readonly currencies: readonly string[];
  readonly options: readonly string[];
  readonly attributes: readonly string[];
  readonly fields: readonly string[];
  readonly variantFields: readonly string[];
}

export const PRODUCT_COLUMNS = [
  "product",
  "slug",
  "status",
  "type",
  "title",
  "description",
  "brand",
  "category",
  "categories",
  "collections",
  "images",
] as const;
export const VARIANT_COLUMNS = [
  "sku",
  "price",
  "compare_at_price",
  "currency",
  "barcode",
  "weight_grams",
  "image",
] as const;

export function surveyColumns(found: Survey, locale: string): Columns {
  const others = (locales: ReadonlySet<string>) => [...locales].filter((one) => one !== locale).sort();
  const byFrequency = [...found.attributes].sort(
    ([left, many], [right, more]) => more - many || (left < right ? -1 : 1),
  );
  const columns = {
    titleLocales: others(found.titleLocales),
    descriptionLocales: others(found.descriptionLocales),
    currencies: [...found.currencies].sort(),
    options: [...found.options].sort(),
    attributes: byFrequency.slice(0, ATTRIBUTE_COLUMNS_MAX).map(([code]) => code),
    fields: [...found.fields].sort(),
    variantFields: [...found.variantFields].sort(),
  };
  const header = [
    ...PRODUCT_COLUMNS,
    ...columns.titleLocales.map((one) => `title:${one}`),
    ...columns.descriptionLocales.map((one) => `description:${one}`),
    ...VARIANT_COLUMNS,
    ...columns.currencies.flatMap((currency) => [`price:${currency}`, `compare_at_price:${currency}`]),
    ...columns.options.map((name) => `option:${name}`),
    ...columns.attributes.map((code) => `attribute:${code}`),
    "attributes",
    ...columns.fields.map((key) => `custom.${key}`),
    ...columns.variantFields.map((key) => `variant.custom.${key}`),
  ];
  return { header, ...columns };
}

/** A line of a CSV file (RFC 4180), no cell of which a spreadsheet would run. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => quoted(encodeCell(cell))).join(",")}\r\n`;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
