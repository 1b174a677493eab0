import { type InvoiceId, type Money, money, type OrderId, problem, toTimestamp } from "@stoa/kernel";
import { and, eq } from "drizzle-orm";
import type { Database } from "../../../platform/db/index.ts";
import type { Actor } from "../../../platform/rpc/index.ts";
import { isTokenOf, mayActOn } from "../order-token.ts";
import { invoice, order } from "../tables.ts";
import type { InvoiceDocument } from "./document.ts";
import { type InvoicingDeps, issueInvoice } from "./issue.ts";
import { renderPdf } from "./pdf.ts";
import { type InvoiceRow, papersIn } from "./write-paper.ts";

/** An invoice or a credit note in a list. */
export interface PaperView {
  readonly id: InvoiceId;
  readonly kind: InvoiceDocument["kind"];
  readonly number: string;
  readonly total: Money;
  readonly issuedAt: string;
  /** Of a credit note: the number of the invoice that it corrects. */
  readonly corrects?: string;
}

/** A paper as a file. */
export interface PaperFile {
  readonly filename: string;
  readonly contentType: "application/pdf";
  readonly content: Uint8Array;
}

/** All invoices and credit notes of an order, as they were issued, oldest first. */
export async function papersOfOrder(db: Database, orderId: OrderId): Promise<PaperView[]> {
  return (await papersIn(db, orderId)).map(paperView);
}

/** A paper in a list: what it is and comes to, without its document. */
export function paperView({ id, kind, number, total, document, issuedAt }: InvoiceRow): PaperView {
  const corrects = document.creditsNumber === null ? {} : { corrects: document.creditsNumber };
  return { id, kind, number, total: money(total, document.currency), issuedAt: toTimestamp(issuedAt), ...corrects };
}

/** One paper of an order. @throws problem `not_found`, for one of another order too. */
export async function paperFile(
  db: Database,
  { orderId, id }: { readonly orderId: OrderId; readonly id: InvoiceId },
): Promise<PaperFile> {
  const [row] = await db
    .select()
    .from(invoice)
    .where(and(eq(invoice.id, id), eq(invoice.orderId, orderId)));
  if (!row) throw problem("not_found");
  return fileOf(row);
}

/** The paper as a PDF, drawn from the document that was kept when it was issued. */
export async function fileOf({ document }: Pick<InvoiceRow, "document">): Promise<PaperFile> {
  // A number is ours, but its prefix is a setting: nothing of it may end a header or name a folder.
  const filename = `${document.number.replaceAll(/[^\w.-]/g, "_")}.pdf`;
  return { filename, contentType: "application/pdf", content: await renderPdf(document) };
}

/** The order's invoice as a file, issued now unless it has been. @throws problem `not_found`. */
export async function invoiceFile(deps: InvoicingDeps, orderId: OrderId): Promise<PaperFile> {
  return fileOf(await issueInvoice(deps, orderId));
}

export interface OwnOrder {
  readonly orderId: OrderId;
  /** The guest's token, in clear. */
  readonly accessToken?: string | undefined;
}

/** @throws problem `not_found` unless the order is the caller's. */
export async function requireOwnOrder(db: Database, actor: Actor, { orderId, accessToken }: OwnOrder): Promise<void> {
  const [row] = await db
    .select({ customerId: order.customerId, accessTokenHash: order.accessTokenHash })
    .from(order)
    .where(eq(order.id, orderId));
  if (!row || !(mayActOn(row, actor) || isTokenOf(row, accessToken))) throw problem("not_found");
}
