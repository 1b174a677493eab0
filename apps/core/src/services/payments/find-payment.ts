import { isId, type OrderId } from "@stoa/kernel";
import { and, desc, eq, inArray, ne, or } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { isAboutRefund, type PaymentFact, type ProviderName } from "./payment.ts";
import type { ParsedEvent } from "./providers/provider-event.ts";
import type { PaymentRow } from "./record-news.ts";
import { payment, paymentEvent, refund, refundRequest } from "./tables.ts";

/** The payment that an event is about. One that names our payment but another object at the provider is about none. */
export async function findPayment(tx: Transaction, provider: ProviderName, about: NonNullable<ParsedEvent["about"]>) {
  const { paymentId, reference, factReference } = about;
  const byId = isId("pay", paymentId) ? eq(payment.id, paymentId) : undefined;
  const byReference = reference === null ? undefined : eq(payment.providerReference, reference);
  const named = byId || byReference ? or(byId, byReference) : undefined;
  const found = named
    ? await tx
        .select()
        .from(payment)
        .where(and(eq(payment.provider, provider), named))
    : [];
  if (found.length > 0) {
    const [one] = found;
    const isOther = reference !== null && one?.providerReference != null && one.providerReference !== reference;
    return found.length === 1 && one && !isOther ? one : null;
  }
  if (!factReference) return null;
  const [event] = await tx
    .select({ id: payment.id, orderId: payment.orderId })
    .from(paymentEvent)
    .innerJoin(payment, eq(payment.id, paymentEvent.paymentId))
    .where(and(eq(paymentEvent.provider, provider), eq(paymentEvent.reference, factReference)))
    .limit(1);
  return event ?? null;
}

/**
 * Other orders that have asked for the refunds which these facts tell of: goods of the payment's own order were exchanged for theirs.
 * Newest first, which is how they are locked, before the payment's own.
 */
export async function askersOf(
  tx: Transaction,
  of: Pick<PaymentRow, "id" | "orderId">,
  facts: readonly PaymentFact[],
): Promise<OrderId[]> {
  const about = facts.filter(isAboutRefund);
  if (about.length === 0) return [];
  const ids = about.flatMap(({ refundId }) => (isId("ref", refundId) ? [refundId] : []));
  const references = about.map(({ reference }) => reference);
  const rows = await tx
    .selectDistinct({ orderId: refundRequest.orderId })
    .from(refund)
    .innerJoin(refundRequest, eq(refundRequest.id, refund.requestId))
    .where(
      and(
        eq(refund.paymentId, of.id),
        ne(refundRequest.orderId, of.orderId),
        or(inArray(refund.id, ids), inArray(refund.providerReference, references)),
      ),
    )
    .orderBy(desc(refundRequest.orderId));
  return rows.map(({ orderId }) => orderId);
}
