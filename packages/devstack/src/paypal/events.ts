import { z } from "zod";
import type { Authorization, Capture, PaypalEvent } from "./objects.ts";
import { newId, type Turn, timestamp } from "./turn.ts";

export type EventType =
  | "CHECKOUT.ORDER.APPROVED"
  | "CUSTOMER.DISPUTE.CREATED"
  | "CUSTOMER.DISPUTE.RESOLVED"
  | "CUSTOMER.DISPUTE.UPDATED"
  | "PAYMENT.AUTHORIZATION.CREATED"
  | "PAYMENT.AUTHORIZATION.VOIDED"
  | "PAYMENT.CAPTURE.COMPLETED"
  | "PAYMENT.CAPTURE.DECLINED"
  | "PAYMENT.CAPTURE.PENDING"
  | "PAYMENT.CAPTURE.REFUNDED"
  | "PAYMENT.CAPTURE.REVERSED"
  | "PAYMENT.REFUND.FAILED"
  | "PAYMENT.REFUND.PENDING"
  | "VAULT.PAYMENT-TOKEN.CREATED"
  | "VAULT.PAYMENT-TOKEN.DELETED";

/**
 * Owes the merchant a webhook about this resource as it now is.
 * @param subject id of the order that it belongs to, or of what belongs to none
 */
export function announce(turn: Turn, type: EventType, resource: unknown, subject: string): void {
  const id = `WH-${newId()}-${newId()}`;
  const event: PaypalEvent = {
    id,
    event_version: "1.0",
    create_time: timestamp(turn.nowMs),
    resource_type: resourceTypeOf(type),
    resource_version: "2.0",
    event_type: type,
    summary: type.toLowerCase().replaceAll(".", " "),
    resource,
    links: [],
  };
  turn.events.insert({ view: event, hidden: null });
  turn.courier.enqueue({ id, subject, body: JSON.stringify(event) });
}

export function orderIdOf(payment: Authorization | Capture): string {
  return payment.supplementary_data.related_ids.order_id;
}

export const EVENT_KEPT_MS = 30 * 24 * 60 * 60 * 1000;

export const eventListSchema = z.object({
  event_type: z.string().optional(),
  page_size: z.coerce.number().int().min(1).max(300).default(10),
});

/** The latest events, newest first. */
export function listEvents(turn: Turn, query: z.infer<typeof eventListSchema>): unknown {
  const events: PaypalEvent[] = [];
  for (const { view } of turn.events.newestFirst()) {
    if (events.length === query.page_size) break;
    if (query.event_type === undefined || query.event_type === view.event_type) events.push(view);
  }
  return { events, count: events.length, links: [] };
}

function resourceTypeOf(type: EventType): string {
  if (refundLike.has(type) || type.startsWith("PAYMENT.REFUND.")) return "refund";
  if (type.startsWith("CUSTOMER.DISPUTE.")) return "dispute";
  if (type.startsWith("VAULT.")) return "payment_token";
  if (type.startsWith("CHECKOUT.")) return "checkout-order";
  return type.startsWith("PAYMENT.AUTHORIZATION.") ? "authorization" : "capture";
}

const refundLike: ReadonlySet<EventType> = new Set(["PAYMENT.CAPTURE.REFUNDED", "PAYMENT.CAPTURE.REVERSED"]);
