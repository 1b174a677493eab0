import type { PaymentEventDeps } from "../payments/index.ts";
import { dueOfOrder } from "./due-of-order.ts";
import { holdOrder } from "./lock-order.ts";
import { noteProviderNews, noteRequestPaid } from "./note-provider-news.ts";

/** What orders make of what payments tell, and what they answer when payments ask. */
export const paymentEvents: Pick<PaymentEventDeps, "lockOrder" | "onPaymentEvent" | "onRequestPaid" | "dueOfOrder"> = {
  lockOrder: holdOrder,
  dueOfOrder,
  onPaymentEvent: ({ tx, now, ...news }) => noteProviderNews(tx, now, news),
  onRequestPaid: ({ tx, now }, request) => noteRequestPaid(tx, now, request),
};
