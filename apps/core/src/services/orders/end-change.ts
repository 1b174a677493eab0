import { type Instant, type OrderChangeId, type OrderId, problem } from "@stoa/kernel";
import { and, asc, eq, sql } from "drizzle-orm";
import { type Database, type Transaction, transact } from "../../platform/db/index.ts";
import type { Actor } from "../../platform/rpc/index.ts";
import { releaseReservation } from "../inventory/index.ts";
import { cancelPaymentRequest } from "../payments/index.ts";
import type { OrderChangeRow } from "./apply-change.ts";
import type { ActContext } from "./deps.ts";
import { holdOrder } from "./lock-order.ts";
import { orderChange } from "./tables.ts";
import { checkoutActor, noteInTimeline, touchOrder } from "./timeline.ts";

/**
 * Takes back an edit that waits to be paid: its link is worthless, its units are free. Doing it twice changes nothing. Answers the order.
 * @throws problem `not_found`, `state_conflict` when it has been paid or has taken effect.
 */
export async function cancelChange({ tx, now, actor }: ActContext, changeId: OrderChangeId): Promise<OrderId> {
  const [change] = await tx.select().from(orderChange).where(eq(orderChange.id, changeId));
  if (!change) throw problem("not_found");
  if (change.state === "cancelled" || change.state === "expired") return change.orderId;
  const ended = await endChange(tx, now, { change, to: "cancelled", actor });
  if (!ended) throw problem("state_conflict", { detail: "The edit has been paid." });
  return change.orderId;
}

interface EndChange {
  readonly change: OrderChangeRow;
  readonly to: "cancelled" | "expired";
  readonly actor: Actor;
}

/** The order first, then the request, as whoever pays does; a payment of this moment wins. */
async function endChange(tx: Transaction, now: Instant, { change, to, actor }: EndChange): Promise<boolean> {
  const { id, orderId, holder, requestId } = change;
  if (requestId === null) return false;
  await holdOrder(tx, orderId);
  if (!(await cancelPaymentRequest({ tx, now }, requestId))) return false;
  await touchOrder(tx, now, orderId);
  const ended = await tx
    .update(orderChange)
    .set({ state: to, updatedAt: now })
    .where(and(eq(orderChange.id, id), eq(orderChange.state, "awaiting_payment")))
    .returning({ id: orderChange.id });
  if (ended.length === 0) return false;
  await releaseReservation({ tx, now }, { holder });
  const type = to === "expired" ? "change_expired" : "change_cancelled";
  await noteInTimeline(tx, now, { orderId, actor, entries: [{ type }] });
  return true;
}

const BATCH = 50;

export interface ExpiredChanges {
  readonly expired: number;
  /** Those that could not be ended, such as one whose units a damaged level does not have. */
  readonly failed: readonly { readonly changeId: OrderChangeId; readonly error: unknown }[];
}

/** Ends edits that nobody paid in time, and those whose order is over. One that cannot be ended keeps no other waiting. */
export async function expireChanges(sweep: { readonly db: Database; readonly now: Instant }): Promise<ExpiredChanges> {
  const { db, now } = sweep;
  const at = sql`${sql.param(now, orderChange.expiresAt)}::timestamptz`;
  const due = await db
    .select()
    .from(orderChange)
    .where(
      sql`${orderChange.state} = 'awaiting_payment' and (${orderChange.expiresAt} <= ${at}
        or not exists (select from orders."order" o where o.id = ${orderChange.orderId} and o.state = 'confirmed'))`,
    )
    .orderBy(asc(orderChange.expiresAt))
    .limit(BATCH);
  let expired = 0;
  const failed: ExpiredChanges["failed"][number][] = [];
  for (const change of due) {
    try {
      const ended = await transact(db, (tx) => endChange(tx, now, { change, to: "expired", actor: checkoutActor }));
      if (ended) expired += 1;
    } catch (error) {
      failed.push({ changeId: change.id, error });
    }
  }
  return { expired, failed };
}
