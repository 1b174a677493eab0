import type { Instant, OrderId } from "@stoa/kernel";
import { and, eq, inArray, sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import type { Actor } from "../../platform/rpc/index.ts";
import { startSaga } from "../../platform/saga/index.ts";
import { CANCEL_ORDER_SAGA } from "./cancel-order.saga.ts";
import { orderCancelled } from "./messages.ts";
import { moveOrder } from "./move-order.ts";
import { fulfilment, orderLine } from "./tables.ts";
import { noteInTimeline } from "./timeline.ts";

export interface CancelConfirmed {
  readonly orderId: OrderId;
  readonly actor: Actor;
  readonly detail?: string | null;
}

/**
 * Cancels a confirmed order of which nothing has left, and starts what follows: stock back, promotion use back, money back.
 * Answers false, and changes nothing, when the order is not confirmed.
 */
export async function cancelConfirmed(tx: Transaction, now: Instant, input: CancelConfirmed): Promise<boolean> {
  const { orderId, actor, detail = null } = input;
  const moved = await moveOrder(tx, now, { orderId, to: "cancelled" });
  if (!moved) return false;
  await cancelParcels(tx, now, orderId);
  await tx
    .update(orderLine)
    .set({ cancelled: orderLine.quantity, fulfilled: sql`0` })
    .where(eq(orderLine.orderId, orderId));
  await noteInTimeline(tx, now, {
    orderId,
    actor,
    entries: [{ type: "cancelled", detail }],
    announce: [orderCancelled.of(orderId, { orderId, cancellationId: orderId })],
  });
  await startSaga(tx, now, { saga: CANCEL_ORDER_SAGA, key: orderId, input: { orderId } });
  return true;
}

/** Takes apart whatever has not left. The caller holds the order's row and counts the units. */
export async function cancelParcels(tx: Transaction, now: Instant, orderId: OrderId): Promise<void> {
  await tx
    .update(fulfilment)
    .set({ state: "cancelled", updatedAt: now })
    .where(and(eq(fulfilment.orderId, orderId), inArray(fulfilment.state, ["created", "packed"])));
}
