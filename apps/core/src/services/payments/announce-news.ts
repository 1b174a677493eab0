import type { PaymentEventDeps, VerbContext } from "./attempt.ts";
import type { EndedAct } from "./ended-acts.ts";
import type { FactType } from "./payment.ts";
import type { PaymentRow } from "./record-news.ts";
import { wakePayRequest } from "./request-payment.ts";

export interface AnnouncedNews {
  /** What the provider has told. */
  readonly told?: readonly FactType[];
  /** What somebody had begun by hand and these news have ended. */
  readonly ended?: readonly EndedAct[];
}

/** Something about a payment has changed without its saga: whoever waits for it goes on. */
export async function announceNews(
  { onPaymentEvent }: Pick<PaymentEventDeps, "onPaymentEvent">,
  { tx, now }: VerbContext,
  { id: paymentId, orderId, requestId }: Pick<PaymentRow, "id" | "orderId" | "requestId">,
  { told = [], ended = [] }: AnnouncedNews = {},
): Promise<void> {
  // Which locks the order, and that goes before every saga.
  await onPaymentEvent({ tx, now, orderId, paymentId, told, ended });
  if (requestId !== null) await wakePayRequest({ tx, now }, requestId);
}
