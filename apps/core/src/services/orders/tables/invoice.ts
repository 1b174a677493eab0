import { sql } from "drizzle-orm";
import { check, integer, jsonb, text, uniqueIndex } from "drizzle-orm/pg-core";
import { amountColumn, idColumn, instantColumn } from "../../../platform/db/index.ts";
import type { InvoiceDocument } from "../invoicing/document.ts";
import { order } from "./order.ts";
import { orders } from "./schema.ts";

/** The next number of each series. Its row is locked from the issue to the commit, so a number is never lost and never given twice. */
export const invoiceSeries = orders.table(
  "invoice_series",
  { kind: text("kind").$type<InvoiceDocument["kind"]>().primaryKey(), next: integer("next").notNull() },
  (table) => [check("invoice_series_next", sql`${table.next} > 0`)],
);

/** Invoices and credit notes, as they were issued. Nothing here changes but the name and address of a person who is erased. */
export const invoice = orders.table(
  "invoice",
  {
    id: idColumn("id", "inv").primaryKey(),
    kind: text("kind").$type<InvoiceDocument["kind"]>().notNull(),
    sequence: integer("sequence").notNull(),
    number: text("number").notNull(),
    orderId: idColumn("order_id", "ord")
      .notNull()
      .references(() => order.id),
    /** What it was issued for: of an invoice `order` or the edit that put its lines in, of a credit note its place among those that correct the same invoice. */
    cause: text("cause").notNull(),
    /** Of an invoice: the order lines that it bills, by position, up to but without the last. Null on those that bill all there were. */
    linesFrom: integer("lines_from"),
    linesUntil: integer("lines_until"),
    /** Of a credit note: the invoice that it corrects. Null on those that came before an order could have more than one. */
    correctsId: idColumn("corrects_id", "inv"),
    document: jsonb("document").$type<InvoiceDocument>().notNull(),
    /** Minor units of the order's currency; of a credit note what it gives back. */
    total: amountColumn("total").notNull(),
    issuedAt: instantColumn("issued_at").notNull(),
  },
  (table) => [
    uniqueIndex("invoice_sequence").on(table.kind, table.sequence),
    uniqueIndex("invoice_number").on(table.number),
    uniqueIndex("invoice_once_per_cause").on(table.orderId, table.kind, table.cause),
    check("invoice_kind", sql`${table.kind} in ('invoice', 'credit_note')`),
    check("invoice_total", sql`${table.total} >= 0`),
  ],
);
