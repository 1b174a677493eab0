import { type Instant, type InvoiceId, newId, type OrderId, toTimestamp } from "@stoa/kernel";
import { asc, desc, eq, sql } from "drizzle-orm";
import type { Database, Transaction } from "../../../platform/db/index.ts";
import { readSetting, shopSetting } from "../../../platform/settings/index.ts";
import { invoice, invoiceSeries } from "../tables.ts";
import type { InvoiceDocument, Issue } from "./document.ts";
import { type InvoicingSettings, invoicingSetting } from "./settings.ts";
import type { LineRange } from "./worth.ts";

export type InvoiceRow = typeof invoice.$inferSelect;

const DIGITS = 6;
/** Far more than an order can come to: what is issued is issued for an act of somebody. */
const PAPERS_OF_ORDER_MAX = 1_000;

/** Invoices and credit notes of an order, as they were issued, oldest first. */
export function papersIn(db: Database | Transaction, orderId: OrderId): Promise<InvoiceRow[]> {
  return db
    .select()
    .from(invoice)
    .where(eq(invoice.orderId, orderId))
    .orderBy(asc(invoice.issuedAt), desc(invoice.kind), asc(invoice.sequence))
    .limit(PAPERS_OF_ORDER_MAX);
}

export interface Paper {
  readonly orderId: OrderId;
  readonly kind: InvoiceDocument["kind"];
  readonly cause: string;
  /** Of an invoice: what it bills. */
  readonly range?: LineRange;
  /** Of a credit note: the invoice that it corrects. */
  readonly correctsId?: InvoiceId;
}

/** Takes the next number of the series and writes the paper. Call it last: the series' row is locked until the commit. */
export async function writePaper(
  tx: Transaction,
  now: Instant,
  { orderId, kind, cause, range, correctsId }: Paper,
  documentOf: (issue: Issue) => InvoiceDocument,
): Promise<InvoiceRow> {
  const [settings, shop] = await Promise.all([readSetting(tx, invoicingSetting), readSetting(tx, shopSetting)]);
  const sequence = await nextNumber(tx, kind);
  const number = prefixOf(kind, settings) + String(sequence).padStart(DIGITS, "0");
  const issue = { number, issuedAt: toTimestamp(now), locale: settings.locale ?? shop.locale, settings };
  const document = documentOf(issue);
  const [row] = await tx
    .insert(invoice)
    .values({
      ...{ id: newId("inv"), kind, sequence, number, orderId, cause, document },
      ...{ linesFrom: range?.from ?? null, linesUntil: range?.until ?? null, correctsId: correctsId ?? null },
      total: document.total.amount,
      issuedAt: now,
    })
    .returning();
  if (!row) throw new Error("the invoice was not written");
  return row;
}

async function nextNumber(tx: Transaction, kind: InvoiceDocument["kind"]): Promise<number> {
  const [taken] = await tx
    .insert(invoiceSeries)
    .values({ kind, next: 2 })
    .onConflictDoUpdate({ target: invoiceSeries.kind, set: { next: sql`${invoiceSeries.next} + 1` } })
    .returning({ next: invoiceSeries.next });
  if (!taken) throw new Error(`the series ${kind} gave no number`);
  return taken.next - 1;
}

function prefixOf(kind: InvoiceDocument["kind"], { invoicePrefix, creditNotePrefix }: InvoicingSettings): string {
  return kind === "invoice" ? invoicePrefix : creditNotePrefix;
}
