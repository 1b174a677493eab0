import type { Instant, OrderId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { enqueue, type Message } from "../../platform/outbox/index.ts";
import { type Actor, describeActor } from "../../platform/rpc/index.ts";
import { orderChanged } from "./messages.ts";
import type { OrderEventType } from "./order.ts";
import { order, orderEvent } from "./tables.ts";

export interface TimelineEntry {
  readonly type: OrderEventType;
  readonly detail?: string | null;
}

export interface TimelineNote {
  readonly orderId: OrderId;
  readonly actor: Actor;
  readonly entries: readonly TimelineEntry[];
  /** What is to be announced beside the change of the view. */
  readonly announce?: readonly Message[];
}

export const checkoutActor: Actor = { kind: "system", name: "checkout" };

/**
 * Adds to an order's timeline and lets its view be written again. Call it after the statement that has locked the order's row,
 * so that the sequence stays gapless.
 */
export async function noteInTimeline(tx: Transaction, now: Instant, note: TimelineNote): Promise<void> {
  const { orderId, entries, announce = [] } = note;
  const actor = describeActor(note.actor);
  const id = sql.param(orderId, orderEvent.orderId);
  await tx.insert(orderEvent).values(
    entries.map((entry, index) => ({
      orderId,
      seq: sql`(select coalesce(max(e.seq), 0) from orders.order_event e where e.order_id = ${id}) + ${index + 1}::int`,
      type: entry.type,
      actorKind: actor.kind,
      actorId: actor.id,
      actorName: actor.name,
      detail: entry.detail ?? null,
      at: now,
    })),
  );
  await enqueue(tx, now, [...announce, orderChanged.of(orderId, { orderId })]);
}

/**
 * Something that the order's view shows has changed elsewhere, such as its payment: a new version of the view.
 * Locks the order's row.
 */
export async function touchOrder(tx: Transaction, now: Instant, orderId: OrderId): Promise<void> {
  await tx
    .update(order)
    .set({ version: sql`${order.version} + 1`, updatedAt: now })
    .where(sql`${order.id} = ${sql.param(orderId, order.id)}`);
}
