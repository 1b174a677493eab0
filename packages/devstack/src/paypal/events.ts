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
  | "PAYMENT.REFUND.FAILED"
  | "PAYMENT.REFUND.PENDING"
  | "VAULT.PAYMENT-TOKEN.CREATED"
  | "VAULT.PAYMENT-TOKEN.DELETED";

/** Owes the merchant a webhook about this resource as it now is. */
export function announce(turn: Turn, type: EventType, resource: unknown): void {
  const id = `WH-${newId()}-${newId()}`;
  const event = {
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
  turn.courier.enqueue(id, JSON.stringify(event));
}

function resourceTypeOf(type: EventType): string {
  if (type === "PAYMENT.CAPTURE.REFUNDED" || type.startsWith("PAYMENT.REFUND.")) return "refund";
  if (type.startsWith("CUSTOMER.DISPUTE.")) return "dispute";
  if (type.startsWith("VAULT.")) return "payment_token";
  if (type.startsWith("CHECKOUT.")) return "checkout-order";
  return type.startsWith("PAYMENT.AUTHORIZATION.") ? "authorization" : "capture";
}
