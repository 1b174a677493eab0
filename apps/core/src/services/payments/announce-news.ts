import type { Actor } from "../../platform/rpc/index.ts";
import type { PaymentEventDeps, VerbContext } from "./attempt.ts";
import type { FactType } from "./payment.ts";
import type { PaymentRow } from "./record-news.ts";
import { wakePayRequest } from "./request-payment.ts";

/** Something about a payment has changed without its saga: whoever waits for it goes on. */
export async function announceNews(
  { onPaymentEvent }: Pick<PaymentEventDeps, "onPaymentEvent">,
  { tx, now }: VerbContext,
  { id: paymentId, orderId, requestId }: Pick<PaymentRow, "id" | "orderId" | "requestId">,
  told: readonly FactType[] = [],
  by?: Actor,
): Promise<void> {
  // Which locks the order, and that goes before every saga.
  await onPaymentEvent({ tx, now, orderId, paymentId, told, by });
  if (requestId !== null) await wakePayRequest({ tx, now }, requestId);
}
