import { type Instant, type OrderId, toTimestamp, toUuid } from "@stoa/kernel";
import { type SQL, sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { enqueue, type Message } from "../../platform/outbox/index.ts";
import { type Actor, describeActor } from "../../platform/rpc/index.ts";
import { orderChanged } from "./messages.ts";
import type { OrderEventType } from "./order.ts";

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

/** Whatever follows by itself from what people have done to an order. */
export const afterSaleActor: Actor = { kind: "system", name: "orders" };

/**
 * Adds to an order's timeline and lets its view be written again. Call it after the statement that has locked the order's row,
 * so that the sequence stays gapless.
 */
export async function noteInTimeline(tx: Transaction, now: Instant, note: TimelineNote): Promise<void> {
  await noteWith(tx, now, note, sql`select ${toUuid(note.orderId)}::uuid as id`);
}

/**
 * The same, in one statement with the one that locks the order: `locking` answers its `id`, or nothing, and then nothing is noted.
 * Answers whether it was. Should somebody else note something while it waits for the order, the primary key refuses the place in
 * the sequence; so this is for sagas, which then do their step again.
 */
export async function noteWith(tx: Transaction, now: Instant, note: TimelineNote, locking: SQL): Promise<boolean> {
  const { orderId, entries, announce = [] } = note;
  const actor = describeActor(note.actor);
  const rows = entries.map(({ type, detail = null }, index) => ({ place: index + 1, type, detail }));
  const noted = await tx.execute(sql`
    with locked as (${locking})
    insert into orders.order_event (order_id, seq, type, actor_kind, actor_id, actor_name, detail, at)
    select k.id, n.place + (select coalesce(max(e.seq), 0) from orders.order_event e where e.order_id = k.id), n.type,
      ${actor.kind}, ${actor.id}, ${actor.name}, n.detail, ${toTimestamp(now)}::timestamptz
    from locked k, jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as n(place int, type text, detail text)
    returning seq`);
  if (noted.length === 0) return false;
  await enqueue(tx, now, [...announce, orderChanged.of(orderId, { orderId })]);
  return true;
}

/**
 * Something that the order's view shows has changed elsewhere, such as its payment: a new version of the view.
 * Locks the order's row.
 */
export async function touchOrder(tx: Transaction, now: Instant, orderId: OrderId): Promise<void> {
  await tx.execute(touchingOrder(now, orderId));
}

/** The same as a statement that answers the order's `id`, for one that does more at once. */
export function touchingOrder(now: Instant, orderId: OrderId): SQL {
  return sql`update orders.order set version = version + 1, updated_at = ${toTimestamp(now)}::timestamptz
    where id = ${toUuid(orderId)}::uuid returning id`;
}
