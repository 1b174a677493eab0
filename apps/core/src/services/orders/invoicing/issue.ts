import { type Clock, type Instant, money, newId, type OrderId, problem, toTimestamp } from "@stoa/kernel";
import type { OrderView } from "@stoa/read-models";
import { and, eq, sql } from "drizzle-orm";
import { type Database, type Transaction, transact } from "../../../platform/db/index.ts";
import { readSetting, shopSetting } from "../../../platform/settings/index.ts";
import { readOrders } from "../queries.ts";
import { invoice, invoiceSeries, order } from "../tables.ts";
import { creditNoteOf, type InvoiceDocument, type Issue, invoiceOf } from "./document.ts";
import { type InvoicingSettings, invoicingSetting } from "./settings.ts";
import { invoiceTextsOf } from "./texts.ts";

export interface InvoicingDeps {
  readonly db: Database;
  readonly clock: Clock;
}

export type InvoiceRow = typeof invoice.$inferSelect;

const DIGITS = 6;
const TRIES = 3;
/** An order is billed from the moment it binds. One that was cancelled before it was billed needs no invoice. */
const BILLED_STATES: readonly OrderView["state"][] = ["confirmed", "completed"];

/**
 * The invoice of an order, issued now unless it has been. Numbers have no gaps: the number is taken in the transaction that writes
 * the invoice. @throws problem `not_found` for an order that is not there or not confirmed.
 */
export async function issueInvoice(deps: InvoicingDeps, orderId: OrderId): Promise<InvoiceRow> {
  const known = await findInvoice(deps.db, orderId);
  if (known) return known;
  for (let attempt = 1; ; attempt += 1) {
    const found = (await readOrders(deps.db, [orderId])).get(orderId);
    if (!found) throw problem("not_found");
    const issued = await transact(deps.db, (tx) => issueOnce(tx, deps.clock.now(), orderId, found));
    if (issued) return issued;
    if (attempt === TRIES) throw problem("version_conflict", { detail: "The order keeps changing; try again." });
  }
}

/** Null when the order has changed since it was read, so that nothing is billed that nobody agreed to. */
async function issueOnce(
  tx: Transaction,
  now: Instant,
  orderId: OrderId,
  read: { readonly version: number; readonly stored: { readonly view: OrderView } },
): Promise<InvoiceRow | null> {
  const [locked] = await tx.select().from(order).where(eq(order.id, orderId)).for("update");
  const known = await findInvoice(tx, orderId);
  if (known) return known;
  if (!locked || !BILLED_STATES.includes(locked.state)) throw problem("not_found");
  if (locked.version !== read.version) return null;
  return write(tx, now, { orderId, kind: "invoice", cause: "order" }, (issue) => invoiceOf(read.stored.view, issue));
}

export interface Credit {
  readonly orderId: OrderId;
  /** The refund, or the cancellation. */
  readonly cause: string;
  /** Minor units; null credits all that is left. */
  readonly amount: number | null;
}

/**
 * A credit note over a part of the order's invoice, once for each cause and never over more than is left of the invoice.
 * Null when there is no invoice to correct, or nothing left of it.
 */
export async function issueCreditNote(deps: InvoicingDeps, credit: Credit): Promise<InvoiceRow | null> {
  const { orderId, cause } = credit;
  return transact(deps.db, async (tx) => {
    await tx.select({ id: order.id }).from(order).where(eq(order.id, orderId)).for("update");
    const billed = await findInvoice(tx, orderId);
    if (!billed) return null;
    const notes = await tx
      .select()
      .from(invoice)
      .where(and(eq(invoice.orderId, orderId), eq(invoice.kind, "credit_note")));
    const known = notes.find((note) => note.cause === cause);
    if (known) return known;
    const before = notes.reduce((sum, note) => sum + note.total, 0);
    const left = billed.total - before;
    const amount = Math.min(left, credit.amount ?? left);
    if (amount <= 0) return null;
    const { currency, locale, orderNumber } = billed.document;
    const part = {
      amount: money(amount, currency),
      creditedBefore: money(before, currency),
      reason: invoiceTextsOf(locale).refund(orderNumber),
    };
    return write(tx, deps.clock.now(), { orderId, kind: "credit_note", cause }, (issue) =>
      creditNoteOf(billed.document, part, issue),
    );
  });
}

/** The order's invoice, if it has been issued. */
export async function findInvoice(db: Database | Transaction, orderId: OrderId): Promise<InvoiceRow | null> {
  const [row] = await db
    .select()
    .from(invoice)
    .where(and(eq(invoice.orderId, orderId), eq(invoice.kind, "invoice")));
  return row ?? null;
}

interface Paper {
  readonly orderId: OrderId;
  readonly kind: InvoiceDocument["kind"];
  readonly cause: string;
}

/** Takes the next number of the series and writes the paper. Call it last: the series' row is locked until the commit. */
async function write(
  tx: Transaction,
  now: Instant,
  { orderId, kind, cause }: Paper,
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
