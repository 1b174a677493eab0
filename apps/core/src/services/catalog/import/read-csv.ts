import { Readable } from "node:stream";
import { currencySchema, fromDecimal } from "@stoa/kernel";
import { type CsvError, parse } from "csv-parse";
import { z } from "zod";
import { skuSchema } from "../documents.ts";
import { splitList } from "../product-type.ts";
import { slugify } from "../slug.ts";
import {
  attributeFromText,
  bad,
  type ImportedAttribute,
  type ImportedProduct,
  type ImportedVariant,
  type Reading,
} from "./imported-product.ts";

const RECORD_BYTES_MAX = 1_000_000;
const OPTION = "option:";
const ATTRIBUTE = "attribute:";

const text = z.string().trim().default("");
const units = z
  .string()
  .trim()
  .regex(/^\d{0,9}$/, { message: "must be a whole number" })
  .default("")
  .transform((value) => (value === "" ? null : Number(value)));

/** One row is one variant; docs/guide/import.md describes the columns. */
const rowSchema = z.looseObject({
  product: z.string().trim().min(1, "is missing").max(200),
  sku: skuSchema,
  title: text,
  description: text,
  brand: text,
  type: text,
  category: text,
  collections: text,
  price: z.string().trim().min(1, "is missing"),
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
    .pipe(z.enum(["draft", "published"])),
});

interface Row {
  /** Where the row ends; a row with line breaks in it began above. */
  readonly line: number;
  readonly data: z.infer<typeof rowSchema>;
  readonly variant: ImportedVariant;
}

/**
 * Products of a CSV file. Rows that follow each other with one `product` are the variants of one product, whose own columns
 * are taken from the first. A bad row takes its whole product out, because half a product is worse than none.
 */
export async function* readCsv(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Reading> {
  const skipped: Reading[] = [];
  const parser = parse({
    bom: true,
    columns: (header: string[]) => header.map((name) => name.trim()),
    info: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: RECORD_BYTES_MAX,
    on_skip: (error: CsvError | undefined) => {
      const line = typeof error?.lines === "number" ? error.lines : 0;
      skipped.push(bad(line, "", error?.message ?? "is no CSV"));
      return undefined;
    },
  });
  const source = Readable.from(chunks);
  source.on("error", (error) => parser.destroy(error));
  let rows: Row[] = [];
  let product = "";
  let spoiled = false;
  for await (const entry of source.pipe(parser)) {
    yield* skipped.splice(0);
    const { line, record } = entrySchema.parse(entry);
    const key = record.product?.trim() ?? "";
    if (key !== product || key === "") {
      if (rows.length > 0 && !spoiled) yield { kind: "product", product: productOf(rows) };
      rows = [];
      spoiled = false;
      product = key;
    }
    const row = readRow(line, record);
    if ("issue" in row) {
      yield row;
      spoiled = true;
    } else rows.push(row);
  }
  yield* skipped;
  if (rows.length > 0 && !spoiled) yield { kind: "product", product: productOf(rows) };
}

const entrySchema = z
  .object({ info: z.object({ lines: z.int() }), record: z.record(z.string(), z.string()) })
  .transform(({ info, record }) => ({ line: info.lines, record }));

function readRow(line: number, record: Readonly<Record<string, string>>): Row | Extract<Reading, { kind: "bad" }> {
  const refuse = (message: string) => bad(line, record.sku ?? "", message);
  const parsed = rowSchema.safeParse(record);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuse(`${issue?.path.join(".") ?? "row"}: ${issue?.message ?? "is malformed"}`);
  }
  const { data } = parsed;
  try {
    const { amount } = fromDecimal(data.price, data.currency);
    const compareAt = data.compare_at_price ? fromDecimal(data.compare_at_price, data.currency).amount : undefined;
    if (amount < 0) return refuse("price: must not be negative");
    const variant: ImportedVariant = {
      sku: data.sku,
      barcode: data.barcode || null,
      options: columnsOf(record, OPTION),
      attributes: attributesOf(record),
      price: { currency: data.currency, amount, ...(compareAt !== undefined && compareAt > amount && { compareAt }) },
      image: data.image || null,
      weightGrams: data.weight_grams,
      stock: data.stock,
    };
    return { line, data, variant };
  } catch (error) {
    return refuse(`price: ${error instanceof Error ? error.message : "is malformed"}`);
  }
}

function productOf(rows: readonly Row[]): ImportedProduct {
  const [first] = rows;
  if (!first) throw new RangeError("a product has at least one row");
  const { data, line } = first;
  return {
    line,
    key: data.product,
    title: data.title || data.product,
    description: data.description,
    brand: data.brand || null,
    categoryPath: data.category
      .split(">")
      .map((name) => name.trim())
      .filter(Boolean),
    collections: splitList(data.collections).map(slugify).filter(Boolean),
    typeCode: data.type || null,
    attributes: attributesOf(data),
    options: [...new Set(rows.flatMap(({ variant }) => Object.keys(variant.options)))],
    images: splitList(data.images),
    status: data.status,
    variants: rows.map(({ variant }) => variant),
  };
}

function attributesOf(record: Readonly<Record<string, unknown>>): ImportedAttribute[] {
  return Object.entries(columnsOf(record, ATTRIBUTE)).flatMap(([code, raw]) => {
    const attribute = attributeFromText(code, raw);
    return attribute ? [{ attribute, raw }] : [];
  });
}

/** The filled columns with this prefix, without it. */
function columnsOf(record: Readonly<Record<string, unknown>>, prefix: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) =>
      name.startsWith(prefix) && typeof value === "string" && value.trim() !== ""
        ? [[name.slice(prefix.length).trim(), value.trim()]]
        : [],
    ),
  );
}
