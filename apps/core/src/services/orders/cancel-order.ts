import { type OrderId, problem } from "@stoa/kernel";
import type { StoredOrder } from "@stoa/read-models";
import { eq } from "drizzle-orm";
import { recordAudit } from "../../platform/audit/index.ts";
import { type Transaction, transact } from "../../platform/db/index.ts";
import type { Actor } from "../../platform/rpc/index.ts";
import { abortSaga, isUnwinding } from "../../platform/saga/index.ts";
import { cancelRest } from "./cancel-lines.ts";
import type { OrdersDeps } from "./deps.ts";
import { linesOf } from "./lock-order.ts";
import type { OrderRow } from "./move-order.ts";
import { isTokenOf, mayActOn } from "./order-token.ts";
import { PLACE_ORDER } from "./place-order.saga.ts";
import { readOrder } from "./queries.ts";
import { order } from "./tables.ts";

export interface CancelOrderRequest {
  readonly orderId: OrderId;
  /** The guest's token, in clear. */
  readonly accessToken?: string | undefined;
  /** For the audit row of a cancellation by staff. */
  readonly requestId?: string | undefined;
}

/**
 * Cancels what of an order has not been sent: a confirmed one at once (stock and money follow), a pending one by taking back
 * what its checkout has done so far. Cancelling once more what has been cancelled answers the same.
 * @throws problem `not_found` for a stranger's order, `order_not_cancellable` when it is too late.
 */
export async function cancelOrder(deps: OrdersDeps, actor: Actor, request: CancelOrderRequest): Promise<StoredOrder> {
  const { orderId, accessToken, requestId = null } = request;
  const now = deps.clock.now();
  await transact(deps.db, async (tx) => {
    const [row] = await tx.select().from(order).where(eq(order.id, orderId)).for("update");
    if (!row || !(mayActOn(row, actor) || isTokenOf(row, accessToken))) throw problem("not_found");
    if (row.state === "cancelled" || isTakenBack(row) || (await isRestCancelled(tx, row))) return;
    const cancelled =
      row.state === "pending" ? await abort(tx, deps, orderId) : await cancelRest({ tx, now, actor }, orderId);
    if (!cancelled) throw problem("order_not_cancellable", { detail: `The order is ${row.state}.` });
    if (actor.kind !== "staff") return;
    const entry = { action: "order.cancelled", entity: "order", entityId: orderId, requestId };
    await recordAudit(tx, { at: now, actor, ...entry });
  });
  return readOrder(deps.db, orderId);
}

/** A pending order that was cancelled ends refused, for nothing of it was ever sold. */
const isTakenBack = ({ refusal }: OrderRow) => refusal?.code === "order_cancelled";

/** What had left before it was cancelled stays sold; nothing more of it can be cancelled. */
async function isRestCancelled(tx: Transaction, { id, state }: OrderRow): Promise<boolean> {
  return state === "completed" && (await linesOf(tx, id)).some((line) => line.cancelled > 0);
}

/** The pivot and this meet at the saga's row: either the checkout goes back, or it has just been confirmed. */
async function abort(tx: Transaction, deps: OrdersDeps, orderId: OrderId): Promise<boolean> {
  const failure = {
    code: "order_cancelled",
    members: { detail: "The order was cancelled before it was confirmed." },
  } as const;
  const target = { type: PLACE_ORDER, key: orderId };
  // Whoever asks while it goes back already, for whatever reason, gets what they ask for.
  return (await abortSaga(tx, deps.clock.now(), { ...target, failure })) || isUnwinding(tx, target);
}
