import { type Clock, type OrderId, problem } from "@stoa/kernel";
import { and, eq } from "drizzle-orm";
import { type Database, type Transaction, transact } from "../../../platform/db/index.ts";
import { linesOf } from "../lock-order.ts";
import type { OrderRow } from "../move-order.ts";
import { invoice, order } from "../tables.ts";
import { invoiceOf } from "./document.ts";
import { settleLocked } from "./settle.ts";
import { type InvoiceRow, writePaper } from "./write-paper.ts";

export interface InvoicingDeps {
  readonly db: Database;
  readonly clock: Clock;
}

/** What the first invoice of an order is issued for; others are issued for the edit that put their lines in. */
const FIRST = "order";
/** An order is billed from the moment it binds. One that was cancelled before it was billed needs no invoice. */
const BILLED_STATES: readonly OrderRow["state"][] = ["confirmed", "completed"];

/**
 * The first invoice of an order, issued now unless it has been, over all the lines that the order has. What of them has been cancelled
 * or given back is credited at once. Numbers have no gaps: the number is taken in the transaction that writes the invoice, in which
 * `issuedNow` is called as well.
 * @throws problem `not_found` for an order that is not there or not confirmed.
 */
export async function issueInvoice(
  { db, clock }: InvoicingDeps,
  orderId: OrderId,
  issuedNow?: (tx: Transaction, issued: InvoiceRow) => Promise<void>,
): Promise<InvoiceRow> {
  const known = await findInvoice(db, orderId);
  if (known) return known;
  return transact(db, async (tx) => {
    const [row] = await tx.select().from(order).where(eq(order.id, orderId)).for("update");
    const issued = await findInvoice(tx, orderId);
    if (issued) return issued;
    if (!row || !BILLED_STATES.includes(row.state)) throw problem("not_found");
    const [now, lines] = [clock.now(), await linesOf(tx, orderId)];
    const range = { from: 0, until: lines.length };
    const first = await writePaper(tx, now, { orderId, kind: "invoice", cause: FIRST, range }, (issue) =>
      invoiceOf(row, lines, issue),
    );
    await settleLocked(tx, now, row);
    await issuedNow?.(tx, first);
    return first;
  });
}

/** The order's first invoice, if it has been issued. */
export async function findInvoice(db: Database | Transaction, orderId: OrderId): Promise<InvoiceRow | null> {
  const [row] = await db
    .select()
    .from(invoice)
    .where(and(eq(invoice.orderId, orderId), eq(invoice.kind, "invoice"), eq(invoice.cause, FIRST)));
  return row ?? null;
}
