import { type Currency, fromDecimal, toDecimal } from "@stoa/kernel";
import { parse } from "csv-parse/sync";
import { z } from "zod";
import { csvLine } from "../export/csv-columns.ts";
import { decodeCell } from "../import/cells.ts";
import { columnsOnce } from "../import/columns.ts";
import { entrySchema, type PriceListEntry } from "./price-list.ts";
import type { EntryError } from "./set-entries.ts";

export const CSV_LENGTH_MAX = 200_000;
const HEADER = ["sku", "min_quantity", "price"];
/** A file with more faults than that is another file. */
const ERRORS_TOLD_MAX = 1_000;
const rowSchema = z.object({ sku: z.string(), min_quantity: z.string().optional(), price: z.string() });

/** `sku,min_quantity,price`, the price as a decimal. */
export function entriesCsv(entries: readonly PriceListEntry[], currency: Currency): string {
  const rows = entries.map(({ sku, minQuantity, amount }) => [
    sku,
    String(minQuantity),
    amount === null ? "" : toDecimal({ amount, currency }),
  ]);
  return [HEADER, ...rows].map(csvLine).join("");
}

export interface ReadEntries {
  readonly entries: readonly { readonly row: number; readonly entry: PriceListEntry }[];
  readonly errors: readonly EntryError[];
}

/** The same read back; an empty price takes the entry out. Rows are counted from 0 behind the header. */
export function readEntriesCsv(text: string, currency: Currency): ReadEntries {
  let records: unknown[];
  try {
    records = parse(text, { bom: true, columns: columnsOnce, skip_empty_lines: true, trim: true });
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
  return { entries, errors: errors.slice(0, ERRORS_TOLD_MAX) };
}

function skuIn(record: unknown): string {
  return z.object({ sku: z.string() }).safeParse(record).data?.sku ?? "";
}

function readRow(record: unknown, currency: Currency): PriceListEntry | string {
  const cells = rowSchema.safeParse(record);
  if (!cells.success) return `the columns are ${HEADER.join(", ")}`;
  const { sku, min_quantity: minQuantity = "", price } = cells.data;
  let amount: number | null = null;
  try {
    if (price !== "") amount = fromDecimal(price, currency).amount;
  } catch {
    return `${price} is no price in ${currency}`;
  }
  if (!/^\d{0,9}$/.test(minQuantity)) return "min_quantity: must be a whole number";
  const entry = entrySchema.safeParse({ sku: decodeCell(sku), amount, minQuantity: Number(minQuantity || 1) });
  return entry.success ? entry.data : `${entry.error.issues[0]?.path.join(".")}: ${entry.error.issues[0]?.message}`;
}
