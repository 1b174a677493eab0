import type { StateTable } from "@stoa/kernel";
import type { OrderState, StoredOrder } from "@stoa/read-models";

/** Legal moves of an order. What was refused or cancelled stays so. */
export const orderStateTable = {
  pending: ["confirmed", "refused", "on_hold"],
  confirmed: ["completed", "cancelled", "on_hold"],
  on_hold: ["pending", "confirmed"],
  completed: [],
  refused: [],
  cancelled: [],
} as const satisfies StateTable<OrderState>;

/** What stands in the timeline, with the words the shopper reads. */
export const orderEventTypes = [
  "placed",
  "payment_pending",
  "payment_requires_action",
  "payment_authorized",
  "confirmed",
  "payment_captured",
  "payment_failed",
  "refused",
  "cancelled",
  "payment_voided",
  "payment_refunded",
  "lines_cancelled",
  "fulfilment_created",
  "fulfilment_packed",
  "fulfilment_cancelled",
  "shipped",
  "delivered",
  "completed",
  "return_requested",
  "return_approved",
  "return_rejected",
  "return_cancelled",
  "return_received",
  "return_refunded",
  "return_exchanged",
  "return_closed",
  "exchange_requested",
  "exchange_refused",
  "exchange_cancelled",
  "exchange_placed",
  "refund_failed",
  "change_requested",
  "changed",
  "change_cancelled",
  "change_expired",
  "payment_disputed",
  "dispute_won",
  "dispute_lost",
] as const;
export type OrderEventType = (typeof orderEventTypes)[number];

/**
 * Whether a shopper who waits has nothing more to wait for: the order's fate is known,
 * or the next step is the shopper's own.
 */
export function isSettled(view: StoredOrder["view"]): boolean {
  return view.state !== "pending" || view.payment.nextAction !== undefined;
}
