import { isId, type Money, money, toTimestamp } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import type { Database } from "../../platform/db/index.ts";
import type { OrdersDeps } from "./deps.ts";
import { paymentLinkToken } from "./payment-request.ts";
import { orderReturn, paymentRequest } from "./tables.ts";

export interface RequestedPayment {
  /** What the payment link ends in. */
  readonly token: string;
  readonly amount: Money;
  /** RFC 3339. */
  readonly expiresAt: string;
}

/** What somebody is asked to pay, for the mail that asks; null when the request is none of ours or open no longer. */
export async function requestedPayment(
  deps: Pick<OrdersDeps, "db" | "orderTokenSecret">,
  requestId: string,
): Promise<RequestedPayment | null> {
  if (!isId("prq", requestId)) return null;
  const [row] = await deps.db.select().from(paymentRequest).where(eq(paymentRequest.id, requestId));
  if (row?.state !== "open") return null;
  const { amount, currency, expiresAt } = row;
  return {
    token: paymentLinkToken(deps, requestId),
    amount: money(amount, currency),
    expiresAt: toTimestamp(expiresAt),
  };
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
