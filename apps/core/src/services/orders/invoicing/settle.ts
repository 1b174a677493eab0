import { type Instant, money, type OrderId } from "@stoa/kernel";
import { and, asc, eq, inArray } from "drizzle-orm";
import { type Transaction, transact } from "../../../platform/db/index.ts";
import { givenBackBesides } from "../../payments/index.ts";
import { linesOf, type OrderLineRow } from "../lock-order.ts";
import type { OrderRow } from "../move-order.ts";
import { order, orderChange, orderReturn, returnLine } from "../tables.ts";
import { creditNoteOf, invoiceOf } from "./document.ts";
import type { InvoicingDeps } from "./issue.ts";
import { invoiceTextsOf } from "./texts.ts";
import { creditsDue, type GivenBack, type LineRange, worthOf } from "./worth.ts";
import { type InvoiceRow, papersIn, writePaper } from "./write-paper.ts";

/** What refunds are given for that lines tell of themselves: units that were cancelled, taken out, or came back. */
const CAUSES_OF_LINES = ["cancellation/", "edit/", "return/", "exchange/"];

/**
 * Brings the papers of an order in line with what it is worth by now: an invoice for the lines of each edit, and a credit note over each
 * invoice that bills more than is left. Nothing for an order that has not been billed, or when all is in line; so it may be called
 * at any time and any number of times.
 */
export async function settlePapers({ db, clock }: InvoicingDeps, orderId: OrderId): Promise<void> {
  await transact(db, async (tx) => {
    const [row] = await tx.select().from(order).where(eq(order.id, orderId)).for("update");
    if (row) await settleLocked(tx, clock.now(), row);
  });
}

/** The same for an order whose row the running transaction has locked. */
export async function settleLocked(tx: Transaction, now: Instant, row: OrderRow): Promise<void> {
  const papers = await papersIn(tx, row.id);
  const invoices = papers.filter((paper) => paper.kind === "invoice");
  const [first] = invoices;
  if (!first) return;
  const [lines, returns] = [await linesOf(tx, row.id), await givenForReturns(tx, row.id)];
  const worthOfRange = (range: LineRange) => worthOf(lines, returns, { range, currency: row.currency });
  invoices.push(...(await billEdits(tx, now, { row, lines, invoices, worthOfRange })));
  const notesOver = (one: InvoiceRow) => papers.filter((paper) => isNoteOver(paper, one, first));
  const standings = invoices.map((one) => ({
    billed: one.total,
    credited: notesOver(one).reduce((sum, note) => sum + note.total, 0),
    worth: worthOfRange(rangeOf(one)),
  }));
  const besides = await givenBackBesides(tx, row.id, CAUSES_OF_LINES);
  for (const [place, amount] of creditsDue(standings, besides).entries()) {
    const [billed, standing] = [invoices[place], standings[place]];
    if (!billed || !standing || amount === 0) continue;
    await credit(tx, now, { billed, amount, before: standing.credited, notes: notesOver(billed).length });
  }
}

/** Before an order could have more than one invoice, its credit notes did not say which, and it billed all lines there were. */
function isNoteOver(paper: InvoiceRow, billed: InvoiceRow, first: InvoiceRow): boolean {
  return paper.kind === "credit_note" && (paper.correctsId ?? first.id) === billed.id;
}

function rangeOf({ linesFrom, linesUntil, document }: InvoiceRow): LineRange {
  return { from: linesFrom ?? 0, until: linesUntil ?? document.lines.length };
}

interface Bill {
  readonly row: OrderRow;
  readonly lines: readonly OrderLineRow[];
  readonly invoices: readonly InvoiceRow[];
  readonly worthOfRange: (range: LineRange) => number;
}

/** Lines that are gone before they were billed need no invoice. */
async function billEdits(tx: Transaction, now: Instant, { row, lines, invoices, worthOfRange }: Bill) {
  const billedUntil = Math.max(...invoices.map((one) => rangeOf(one).until));
  if (billedUntil >= lines.length) return [];
  const edits = await tx
    .select({ id: orderChange.id, from: orderChange.firstPosition, added: orderChange.added })
    .from(orderChange)
    .where(and(eq(orderChange.orderId, row.id), eq(orderChange.state, "applied")))
    .orderBy(asc(orderChange.firstPosition), asc(orderChange.createdAt));
  const issued: InvoiceRow[] = [];
  for (const { id: cause, from, added } of edits) {
    if (from === null || from < billedUntil || added.length === 0) continue;
    const range = { from, until: from + added.length };
    if (worthOfRange(range) === 0) continue;
    const paper = { orderId: row.id, kind: "invoice", cause, range } as const;
    const own = lines.filter(({ position }) => range.from <= position && position < range.until);
    issued.push(await writePaper(tx, now, paper, (issue) => invoiceOf(row, own, issue)));
  }
  return issued;
}

interface Credit {
  readonly billed: InvoiceRow;
  /** Minor units. */
  readonly amount: number;
  /** Sum of the notes over the invoice so far, and how many they are. */
  readonly before: number;
  readonly notes: number;
}

async function credit(tx: Transaction, now: Instant, { billed, amount, before, notes }: Credit): Promise<void> {
  const { currency, locale, orderNumber } = billed.document;
  const part = {
    amount: money(amount, currency),
    creditedBefore: money(before, currency),
    reason: invoiceTextsOf(locale).refund(orderNumber),
  };
  const cause = `${billed.number}/${notes + 1}`;
  const paper = { orderId: billed.orderId, kind: "credit_note", cause, correctsId: billed.id } as const;
  await writePaper(tx, now, paper, (issue) => creditNoteOf(billed.document, part, issue));
}

/** What went back for goods that came back, as money or in exchange; nothing for a return that was closed without either. */
async function givenForReturns(tx: Transaction, orderId: OrderRow["id"]): Promise<GivenBack[]> {
  const rows = await tx
    .select({ back: orderReturn, position: returnLine.position, paid: returnLine.paid })
    .from(orderReturn)
    .innerJoin(returnLine, eq(returnLine.returnId, orderReturn.id))
    .where(and(eq(orderReturn.orderId, orderId), inArray(orderReturn.state, ["refunded", "exchanged", "closed"])));
  return [...Map.groupBy(rows, ({ back }) => back.id).values()].flatMap((lines) => {
    const [first] = lines;
    if (!first) return [];
    const { replacementId, refundAmount, restockingFee } = first.back;
    const paid = lines.reduce((sum, line) => sum + line.paid, 0);
    // What is exchanged counts in full for what replaces it, and the rest of it goes back.
    const amount = replacementId === null ? (refundAmount ?? 0) : paid - restockingFee;
    return [{ amount, lines }];
  });
}
