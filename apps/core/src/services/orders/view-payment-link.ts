import { money, problem, toTimestamp } from "@stoa/kernel";
import type { PaymentLinkView } from "@stoa/read-models";
import { eq } from "drizzle-orm";
import type { OrdersDeps } from "./deps.ts";
import { findRequest } from "./payment-request.ts";
import { draft } from "./tables.ts";

/**
 * What whoever holds a payment link sees: what is bought and what is due, but nothing of whose it is and where it goes, for links are passed on.
 * @throws problem `not_found` for a token that is none or was revoked.
 */
export async function viewPaymentLink({ db, clock }: OrdersDeps, token: string): Promise<PaymentLinkView> {
  const request = await findRequest(db, token);
  if (!request || request.state === "revoked") throw problem("not_found");
  const [row] = await db.select({ state: draft.state }).from(draft).where(eq(draft.id, request.draftId));
  const { terms, currency, amount, expiresAt } = request;
  const isPaid = request.state === "paid";
  return {
    state: stateOf({ isPaid, isBeingPaid: row?.state === "completing", isOver: clock.now() >= expiresAt }),
    currency,
    items: terms.lines.map(({ sku, title, options, quantity, unitPrice, discount, tax, total }) => ({
      ...{ sku, title, options: { ...options }, quantity, unitPrice, discount, tax, total },
    })),
    totals: terms.totals,
    shippingMethod: terms.shippingMethod,
    amountDue: money(isPaid ? 0 : amount, currency),
    expiresAt: toTimestamp(expiresAt),
  };
}

interface LinkStanding {
  readonly isPaid: boolean;
  readonly isBeingPaid: boolean;
  readonly isOver: boolean;
}

function stateOf({ isPaid, isBeingPaid, isOver }: LinkStanding): PaymentLinkView["state"] {
  if (isPaid) return "paid";
  if (isBeingPaid) return "processing";
  return isOver ? "expired" : "open";
}
