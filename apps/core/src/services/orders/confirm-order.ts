import type { Instant, OrderId } from "@stoa/kernel";
import type { Transaction } from "../../platform/db/index.ts";
import { orderConfirmed } from "./messages.ts";
import { checkoutActor, noteWith, type TimelineNote } from "./timeline.ts";

export interface ConfirmOrder {
  readonly orderId: OrderId;
  readonly items: readonly { readonly sku: string; readonly quantity: number }[];
}

/**
 * The point of no return: the state, its place in the timeline and `order.confirmed` commit together.
 * @throws Error when the order is not pending; the saga then looks again, and in the end people do.
 */
export async function confirmOrder(tx: Transaction, now: Instant, input: ConfirmOrder): Promise<void> {
  const { orderId, items } = input;
  const note: TimelineNote = {
    orderId,
    actor: checkoutActor,
    entries: [{ type: "payment_authorized" }, { type: "confirmed" }],
    announce: [orderConfirmed.of(orderId, { orderId, items: [...items] })],
  };
  const isMoved = await noteWith(tx, now, note, { moveTo: "confirmed" });
  if (!isMoved) throw new Error(`order ${orderId} is not pending, so it cannot be confirmed`);
}
