import type { Instant, OrderId } from "@stoa/kernel";
import type { Transaction } from "../../platform/db/index.ts";
import type { Actor } from "../../platform/rpc/index.ts";
import { startSaga } from "../../platform/saga/index.ts";
import { CANCEL_ORDER_SAGA } from "./cancel-order.saga.ts";
import { moveOrder } from "./move-order.ts";
import { noteInTimeline } from "./timeline.ts";

export interface CancelConfirmed {
  readonly orderId: OrderId;
  readonly actor: Actor;
  readonly detail?: string | null;
}

/**
 * Cancels a confirmed order and starts what follows: stock back, promotion use back, money back.
 * Answers false, and changes nothing, when the order is not confirmed.
 */
export async function cancelConfirmed(tx: Transaction, now: Instant, input: CancelConfirmed): Promise<boolean> {
  const { orderId, actor, detail = null } = input;
  const moved = await moveOrder(tx, now, { orderId, to: "cancelled" });
  if (!moved) return false;
  await noteInTimeline(tx, now, { orderId, actor, entries: [{ type: "cancelled", detail }] });
  await startSaga(tx, now, { saga: CANCEL_ORDER_SAGA, key: orderId, input: { orderId } });
  return true;
}
