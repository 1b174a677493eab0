import { type Instant, money, problem, toTimestamp } from "@stoa/kernel";
import type { PaymentLinkView } from "@stoa/read-models";
import { eq } from "drizzle-orm";
import type { Database } from "../../platform/db/index.ts";
import type { OrdersDeps } from "./deps.ts";
import { amountsAfter } from "./order-change.ts";
import { findChange } from "./pay-change.ts";
import { findRequest } from "./payment-request.ts";
import { draft, order } from "./tables.ts";

/**
 * What whoever holds a payment link sees: what is bought and what is due, but nothing of whose it is and where it goes, for links are passed on.
 * @throws problem `not_found` for a token that is none or was revoked.
 */
export async function viewPaymentLink({ db, clock }: OrdersDeps, token: string): Promise<PaymentLinkView> {
  const request = await findRequest(db, token);
  if (!request) return viewChangeLink(db, clock.now(), token);
  if (request.state === "revoked") throw problem("not_found");
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

/** The lines are those that are put in, the totals those of the order with them. */
async function viewChangeLink(db: Database, now: Instant, token: string): Promise<PaymentLinkView> {
  const change = await findChange(db, token);
  if (!change || change.state === "cancelled" || change.expiresAt === null) throw problem("not_found");
  const [row] = await db.select().from(order).where(eq(order.id, change.orderId));
  if (!row) throw problem("not_found");
  const { currency, added, difference, expiresAt } = change;
  const isPaid = change.state === "applied";
  const of = (amount: number) => money(amount, currency);
  const after = isPaid ? row : { ...row, ...amountsAfter(row, added, 0) };
  const { subtotal, discount, shipping, tax, total } = after;
  return {
    state: stateOf({ isPaid, isBeingPaid: false, isOver: now >= expiresAt || change.state === "expired" }),
    currency,
    items: added.map(({ sku, title, options, quantity, unitPrice, discount: off, tax: taxed, total: sum }) => ({
      ...{ sku, title, options: { ...options }, quantity, unitPrice: of(unitPrice), discount: of(off) },
      ...{ tax: of(taxed), total: of(sum) },
    })),
    totals: { subtotal: of(subtotal), discount: of(discount), shipping: of(shipping), tax: of(tax), total: of(total) },
    shippingMethod: row.shippingMethod,
    amountDue: of(isPaid ? 0 : difference),
    expiresAt: toTimestamp(expiresAt),
  };
}
