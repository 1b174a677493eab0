import { type Currency, type Instant, isId, type Money, money, type PaymentRequestId, toTimestamp } from "@stoa/kernel";
import { and, eq } from "drizzle-orm";
import type { Database } from "../../platform/db/index.ts";
import type { OrdersDeps } from "./deps.ts";
import { paymentLinkToken } from "./payment-request.ts";
import { draft, orderChange, orderReturn, paymentRequest } from "./tables.ts";

export interface RequestedPayment {
  /** What the payment link ends in. */
  readonly token: string;
  readonly amount: Money;
  /** RFC 3339. */
  readonly expiresAt: string;
  /** Who is asked, where there is no order yet. */
  readonly to?: { readonly name: string; readonly address: string } | undefined;
}

/** What somebody is asked to pay, for the mail that asks; null when the request is none of ours or open no longer. */
export async function requestedPayment(
  deps: Pick<OrdersDeps, "db" | "orderTokenSecret">,
  requestId: string,
): Promise<RequestedPayment | null> {
  if (!isId("prq", requestId)) return null;
  const asked = (await askedForDraft(deps.db, requestId)) ?? (await askedForEdit(deps.db, requestId));
  if (asked === null) return null;
  const { amount, currency, expiresAt, to } = asked;
  return {
    token: paymentLinkToken(deps, requestId),
    amount: money(amount, currency),
    expiresAt: toTimestamp(expiresAt),
    ...(to && { to }),
  };
}

interface Asked extends Pick<RequestedPayment, "to"> {
  readonly amount: number;
  readonly currency: Currency;
  readonly expiresAt: Instant;
}

async function askedForDraft(db: Database, requestId: PaymentRequestId): Promise<Asked | null> {
  const isAsked = and(eq(paymentRequest.id, requestId), eq(paymentRequest.state, "open"));
  const [row] = await db
    .select({ request: paymentRequest, address: draft.email, shipTo: draft.shippingAddress })
    .from(paymentRequest)
    .innerJoin(draft, eq(draft.id, paymentRequest.draftId))
    .where(isAsked);
  if (!row) return null;
  const { request, address, shipTo } = row;
  return { ...request, ...(address !== null && { to: { name: shipTo?.name ?? "", address } }) };
}

async function askedForEdit(db: Database, requestId: PaymentRequestId): Promise<Asked | null> {
  const isAsked = and(eq(orderChange.requestId, requestId), eq(orderChange.state, "awaiting_payment"));
  const [row] = await db.select().from(orderChange).where(isAsked);
  if (!row || row.expiresAt === null) return null;
  return { amount: row.difference, currency: row.currency, expiresAt: row.expiresAt };
}

/** Why a return was rejected, in the words that staff chose for the shopper; null when it was not. */
export async function returnRejection(db: Database, returnId: string): Promise<string | null> {
  if (!isId("ret", returnId)) return null;
  const [row] = await db
    .select({ rejection: orderReturn.rejection })
    .from(orderReturn)
    .where(eq(orderReturn.id, returnId));
  return row?.rejection ?? null;
}
