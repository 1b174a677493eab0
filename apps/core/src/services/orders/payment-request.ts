import { createHmac } from "node:crypto";
import { type DraftId, type Instant, type Money, newId, type PaymentRequestId } from "@stoa/kernel";
import { and, eq } from "drizzle-orm";
import type { Database, Transaction } from "../../platform/db/index.ts";
import type { OrdersDeps } from "./deps.ts";
import type { QuotedTerms } from "./draft.ts";
import { hashAccessToken } from "./order-token.ts";
import { paymentRequest } from "./tables.ts";

/** One that is open past its time is no longer good; nothing needs to happen for that. */
export type PaymentRequestState = "open" | "paid" | "revoked";

export type PaymentRequestRow = typeof paymentRequest.$inferSelect;

/** What a payment link ends in. Derived, not stored: whoever reads the database can pay for nobody and see nothing. */
export function paymentLinkToken({ orderTokenSecret }: Pick<OrdersDeps, "orderTokenSecret">, id: PaymentRequestId) {
  return createHmac("sha256", orderTokenSecret).update(`payment-link:${id}`).digest("base64url");
}

export interface RequestPayment {
  readonly draftId: DraftId;
  readonly terms: QuotedTerms;
  readonly amount: Money;
  readonly expiresAt: Instant;
}

/** Asks for a payment by a new link. An earlier link for the same is good no longer. */
export async function requestByLink(
  deps: Pick<OrdersDeps, "orderTokenSecret">,
  { tx, now }: { readonly tx: Transaction; readonly now: Instant },
  { draftId, terms, amount, expiresAt }: RequestPayment,
): Promise<{ readonly requestId: PaymentRequestId; readonly token: string }> {
  await revokeRequests(tx, now, draftId);
  const requestId = newId("prq");
  const token = paymentLinkToken(deps, requestId);
  await tx.insert(paymentRequest).values({
    id: requestId,
    tokenHash: hashAccessToken(token),
    state: "open",
    draftId,
    currency: amount.currency,
    amount: amount.amount,
    terms,
    expiresAt,
    createdAt: now,
    updatedAt: now,
  });
  return { requestId, token };
}

/** Whoever holds the link holds nothing from now on. Answers whether there was one. */
export async function revokeRequests(tx: Transaction, now: Instant, draftId: DraftId): Promise<boolean> {
  const revoked = await tx
    .update(paymentRequest)
    .set({ state: "revoked", updatedAt: now })
    .where(and(eq(paymentRequest.draftId, draftId), eq(paymentRequest.state, "open")))
    .returning({ id: paymentRequest.id });
  return revoked.length > 0;
}

/** The request behind a link's token, in whatever state; null for a token that is none. */
export async function findRequest(db: Database | Transaction, token: string): Promise<PaymentRequestRow | null> {
  const [row] = await db
    .select()
    .from(paymentRequest)
    .where(eq(paymentRequest.tokenHash, hashAccessToken(token)));
  return row ?? null;
}

/** The link that is out for a draft, if it is still good. Locked, so that it cannot be revoked in between. */
export async function openRequestOf(
  tx: Transaction,
  now: Instant,
  draftId: DraftId,
): Promise<PaymentRequestRow | null> {
  const [row] = await tx
    .select()
    .from(paymentRequest)
    .where(and(eq(paymentRequest.draftId, draftId), eq(paymentRequest.state, "open")))
    .for("update");
  return row && now < row.expiresAt ? row : null;
}
