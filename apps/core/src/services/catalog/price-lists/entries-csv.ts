import { type Currency, fromDecimal, toDecimal } from "@stoa/kernel";
import { parse } from "csv-parse/sync";
import { z } from "zod";
import { entrySchema, type PriceListEntry } from "./price-list.ts";
import type { EntryError } from "./set-entries.ts";

export const CSV_LENGTH_MAX = 200_000;
const HEADER = "sku,min_quantity,price";
const rowSchema = z.object({ sku: z.string(), min_quantity: z.string().optional(), price: z.string() });

/** `sku,min_quantity,price`, the price as a decimal. */
export function entriesCsv(entries: readonly PriceListEntry[], currency: Currency): string {
  const rows = entries.map(({ sku, minQuantity, amount }) =>
    [cell(sku), minQuantity, amount === null ? "" : toDecimal({ amount, currency })].join(","),
  );
  return [HEADER, ...rows].map((row) => `${row}\n`).join("");
}

/** Quoted where it has to be; what a spreadsheet would run stays text. */
function cell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export interface ReadEntries {
  readonly entries: readonly { readonly row: number; readonly entry: PriceListEntry }[];
  readonly errors: readonly EntryError[];
}

/** The same read back; an empty price takes the entry out. Rows are counted from 0 behind the header. */
export function readEntriesCsv(text: string, currency: Currency): ReadEntries {
  let records: unknown[];
  try {
    records = parse(text, { bom: true, columns: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    return {
      entries: [],
      errors: [{ row: 0, sku: "", message: error instanceof Error ? error.message : "is no CSV" }],
    };
  }
  const entries: { row: number; entry: PriceListEntry }[] = [];
  const errors: EntryError[] = [];
  records.forEach((record, row) => {
    const read = readRow(record, currency);
    if (typeof read === "string") errors.push({ row, sku: skuIn(record), message: read });
    else entries.push({ row, entry: read });
  });
  return { entries, errors };
}

function skuIn(record: unknown): string {
  return z.object({ sku: z.string() }).safeParse(record).data?.sku ?? "";
}

function readRow(record: unknown, currency: Currency): PriceListEntry | string {
  const cells = rowSchema.safeParse(record);
  if (!cells.success) return `the columns are ${HEADER}`;
  const { sku, min_quantity: minQuantity, price } = cells.data;
  let amount: number | null = null;
  try {
    if (price !== "") amount = fromDecimal(price, currency).amount;
  } catch {
    return `${price} is no price in ${currency}`;
  }
  const entry = entrySchema.safeParse({ sku, amount, minQuantity: minQuantity ? Number(minQuantity) : 1 });
  return entry.success ? entry.data : `${entry.error.issues[0]?.path.join(".")}: ${entry.error.issues[0]?.message}`;
}
