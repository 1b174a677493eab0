import { currencySchema, fromDecimal } from "@stoa/kernel";
import { z } from "zod";
import { productStatuses } from "../documents.ts";
import { skuSchema, slugSchema } from "../names.ts";
import { attributeFromCell, attributeFromJson, NOTHING } from "./cells.ts";
import {
  bad,
  type ImportedAttribute,
  type ImportedFields,
  type ImportedPrice,
  type ImportedVariant,
  type Reading,
} from "./imported-product.ts";

const OPTION = "option:";
const ATTRIBUTE = "attribute:";
const FIELD = "custom.";
const VARIANT_FIELD = "variant.custom.";
const PRICE = "price:";
const COMPARE_AT = "compare_at_price:";

// Cells come decoded; blanks that are left belong to them.
const text = z.string().default("");
const units = z
  .string()
  .trim()
  .regex(/^\d{0,9}$/, { message: "must be a whole number" })
  .default("")
  .transform((value) => (value === "" ? null : Number(value)));

/** One row is one variant; docs/guide/import.md describes the columns. */
const rowSchema = z.looseObject({
  product: z.string().min(1, "is missing").max(200),
  /** Taken by a new product, if it is one that may be given today. */
  slug: text.transform((value) => slugSchema.safeParse(value).data ?? null),
  sku: skuSchema,
  title: text,
  description: z.string().optional(),
  brand: text,
  type: text,
  category: text,
  categories: text,
  collections: text,
  price: z.string().min(1, "is missing"),
  compare_at_price: text,
  currency: z
    .string()
    .trim()
    .toUpperCase()
    .default("USD")
    .transform((value) => value || "USD")
    .pipe(currencySchema),
  stock: units,
  weight_grams: units,
  barcode: text,
  image: text,
  images: text,
  status: z
    .string()
    .trim()
    .default("published")
    .transform((value) => value || "published")
    .pipe(z.enum(productStatuses)),
  attributes: text.transform((value, context): Record<string, unknown> => {
    const values = value === "" ? {} : jsonObject(value);
    if (values && Object.entries(values).every(([code, json]) => attributeFromJson(code, json))) return values;
    context.addIssue("must be a JSON object of attribute values by code");
    return z.NEVER;
  }),
});

function jsonObject(text: string): Record<string, unknown> | null {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** One row of a CSV file: a variant, and the columns of its product. */
export interface Row {
  /** Where the row ends; a row with line breaks in it began above. */
  readonly line: number;
  readonly data: z.infer<typeof rowSchema>;
  readonly variant: ImportedVariant;
}

/** A row by its decoded cells, or what is wrong with it. */
export function readRow(
  line: number,
  record: Readonly<Record<string, string>>,
): Row | Extract<Reading, { kind: "bad" }> {
  const refuse = (message: string) => bad(line, record.sku ?? "", message);
  const parsed = rowSchema.safeParse(record);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuse(`${issue?.path.join(".") ?? "row"}: ${issue?.message ?? "is malformed"}`);
  }
  const { data } = parsed;
  const prices = pricesOf(data);
  if (typeof prices === "string") return refuse(prices);
  const variant: ImportedVariant = {
    sku: data.sku,
    barcode: data.barcode || null,
    options: columnsOf(record, OPTION),
    attributes: attributesOf(data),
    customFields: fieldCells(data, VARIANT_FIELD),
    prices,
    image: data.image || null,
    weightGrams: data.weight_grams,
    stock: data.stock,
  };
  return { line, data, variant };
}

/** The price in the row's currency and those of `price:<currency>` columns, or what is wrong with one. */
function pricesOf(data: Row["data"]): ImportedPrice[] | string {
  const further = columnsOf(data, PRICE);
  const named = [
    { column: "price", currency: data.currency, price: data.price, compareAt: data.compare_at_price },
    ...Object.entries(further).map(([currency, price]) => ({
      column: PRICE + currency,
      currency,
      price,
      compareAt: columnsOf(data, COMPARE_AT)[currency] ?? "",
    })),
  ];
  const prices: ImportedPrice[] = [];
  for (const { column, price, compareAt, ...one } of named) {
    if (price === NOTHING) continue;
    const currency = currencySchema.safeParse(one.currency);
    if (!currency.success) return `${column}: is no currency`;
    try {
      const { amount } = fromDecimal(price, currency.data);
      const before = compareAt ? fromDecimal(compareAt, currency.data).amount : 0;
      if (amount < 0) return `${column}: must not be negative`;
      prices.push({ currency: currency.data, amount, ...(before > amount && { compareAt: before }) });
    } catch (error) {
      return `${column}: ${error instanceof Error ? error.message : "is malformed"}`;
    }
  }
  return prices;
}

/** Attributes of `attribute:<code>` columns, and those that are gathered as JSON in one. */
export function attributesOf(record: Readonly<Record<string, unknown>>): ImportedAttribute[] {
  const named = Object.entries(columnsOf(record, ATTRIBUTE)).flatMap(
    ([code, cell]) => attributeFromCell(code, cell) ?? [],
  );
  const gathered = typeof record.attributes === "object" && record.attributes !== null ? record.attributes : {};
  const others = Object.entries(gathered).flatMap(([code, json]) => attributeFromJson(code, json) ?? []);
  return [...named, ...others.map((attribute) => ({ attribute }))];
}

/** The shop's own fields of the product, of `custom.<key>` columns. */
export function productFieldCells(record: Readonly<Record<string, unknown>>): ImportedFields {
  return fieldCells(record, FIELD);
}

function fieldCells(record: Readonly<Record<string, unknown>>, prefix: string): ImportedFields {
  return Object.fromEntries(Object.entries(columnsOf(record, prefix)).map(([key, cell]) => [key, { cell }]));
}

/** Every column with this prefix, filled or not, without it. */
export function namedColumns(record: Readonly<Record<string, unknown>>, prefix: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) =>
      name.startsWith(prefix) && typeof value === "string" ? [[name.slice(prefix.length).trim(), value]] : [],
    ),
  );
}

/** The filled columns with this prefix, without it. */
function columnsOf(record: Readonly<Record<string, unknown>>, prefix: string): Record<string, string> {
  return Object.fromEntries(Object.entries(namedColumns(record, prefix)).filter(([, value]) => value !== ""));
}
