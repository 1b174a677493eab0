import type { Instant, OrderId } from "@stoa/kernel";
import { type SQL, sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { enqueue, type Message } from "../../platform/outbox/index.ts";
import { type Actor, describeActor } from "../../platform/rpc/index.ts";
import { orderChanged } from "./messages.ts";
import type { OrderEventType } from "./order.ts";
import { order, orderEvent } from "./tables.ts";

export interface TimelineEntry {
  readonly orderId: OrderId;
  readonly type: OrderEventType;
  readonly actor: Actor;
  readonly detail?: string | null;
}

export const sagaActor: Actor = { kind: "system", name: "checkout" };

/**
 * Adds to the order's timeline and lets its view be written again, together with whatever else is to be announced.
 * Call it after the statement that has locked the order's row, so that the sequence stays gapless.
 */
export async function recordEvent(
  tx: Transaction,
  now: Instant,
  entry: TimelineEntry,
  announce: readonly Message[] = [],
): Promise<void> {
  const actor = describeActor(entry.actor);
  const next: SQL<number> = sql`(select coalesce(max(${orderEvent.seq}), 0) + 1 from ${orderEvent} where ${orderEvent.orderId} = ${sql.param(entry.orderId, orderEvent.orderId)})`;
  await tx.insert(orderEvent).values({
    orderId: entry.orderId,
    seq: next,
    type: entry.type,
    actorKind: actor.kind,
    actorId: actor.id,
    actorName: actor.name,
    detail: entry.detail ?? null,
    at: now,
  });
  await enqueue(tx, now, [...announce, orderChanged.of(entry.orderId, { orderId: entry.orderId })]);
}

/** Something that the order's view shows has changed elsewhere (its payment): a new version of the view, and a lock on the row. */
export async function touchOrder(tx: Transaction, now: Instant, orderId: OrderId): Promise<void> {
  await tx
    .update(order)
    .set({ version: sql`${order.version} + 1`, updatedAt: now })
    .where(sql`${order.id} = ${sql.param(orderId, order.id)}`);
}
