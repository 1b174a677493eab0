import { type Instant, type OrderId, statesBefore, toTimestamp, toUuid } from "@stoa/kernel";
import type { OrderState } from "@stoa/read-models";
import { desc, eq, type SQL, sql } from "drizzle-orm";
import { prepared, type Transaction, type ValueOf } from "../../platform/db/index.ts";
import { enqueue, type Message } from "../../platform/outbox/index.ts";
import { type Actor, type DescribedActor, describeActor } from "../../platform/rpc/index.ts";
import { orderChanged } from "./messages.ts";
import { type OrderEventType, orderStateTable } from "./order.ts";
import { orderEvent } from "./tables.ts";

export interface TimelineEntry {
  readonly type: OrderEventType;
  readonly detail?: string | null;
}

export interface TimelineNote {
  readonly orderId: OrderId;
  readonly actor: Actor | DescribedActor;
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
  await write(tx, now, note, noteAlone);
}

/**
 * The same, in one statement with the one that locks the order. Answers whether it was noted: not when an order that is to move to
 * another state may not. Should somebody else note something while it waits for the order, the primary key refuses the place in
 * the sequence; so this is for sagas, which then do their step again.
 */
export async function noteWith(
  tx: Transaction,
  now: Instant,
  note: TimelineNote,
  { moveTo }: { readonly moveTo?: OrderState } = {},
): Promise<boolean> {
  if (moveTo === undefined) return write(tx, now, note, noteTouching);
  const from = statesBefore<OrderState>(orderStateTable, moveTo);
  return write(tx, now, note, (db, values) => noteMoving(db, { ...values, from, to: moveTo }));
}

async function write(
  tx: Transaction,
  now: Instant,
  note: TimelineNote,
  insert: (tx: Transaction, values: Noted) => Promise<readonly unknown[]>,
): Promise<boolean> {
  const { orderId, entries, announce = [] } = note;
  const actor = describeActor(note.actor);
  const rows = entries.map(({ type, detail = null }, index) => ({ place: index + 1, type, detail }));
  const noted = await insert(tx, {
    orderId: toUuid(orderId),
    actorKind: actor.kind,
    actorId: actor.id,
    actorName: actor.name,
    rows: JSON.stringify(rows),
    at: toTimestamp(now),
  });
  if (noted.length === 0) return false;
  await enqueue(tx, now, [...announce, orderChanged.of(orderId, { orderId })]);
  return true;
}

interface Noted {
  readonly orderId: string;
  readonly actorKind: string;
  readonly actorId: string | null;
  readonly actorName: string | null;
  readonly rows: string;
  readonly at: string;
}

/** `locking` answers the order's `id`, or nothing, and then nothing is noted. */
function noting(value: ValueOf<Noted>, locking: SQL): SQL {
  return sql`with locked as (${locking})
    insert into orders.order_event (order_id, seq, type, actor_kind, actor_id, actor_name, detail, at)
    select k.id, n.place + (select coalesce(max(e.seq), 0) from orders.order_event e where e.order_id = k.id), n.type,
      ${value("actorKind")}, ${value("actorId")}, ${value("actorName")}, n.detail, ${value("at")}::timestamptz
    from locked k, jsonb_to_recordset(${value("rows")}::jsonb) as n(place int, type text, detail text)
    returning seq`;
}

const noteAlone = prepared((_, value: ValueOf<Noted>) => noting(value, sql`select ${value("orderId")}::uuid as id`));

const noteTouching = prepared((_, value: ValueOf<Noted>) => noting(value, touching(value)));

const noteMoving = prepared(
  (_, value: ValueOf<Noted & { readonly from: readonly OrderState[]; readonly to: OrderState }>) =>
    noting(
      value,
      sql`update orders.order set state = ${value("to")}, version = version + 1, updated_at = ${value("at")}::timestamptz
      where id = ${value("orderId")}::uuid and state = any(${value("from")}) returning id`,
    ),
);

/**
 * Something that the order's view shows has changed elsewhere, such as its payment: a new version of the view.
 * Locks the order's row.
 */
export async function touchOrder(tx: Transaction, now: Instant, orderId: OrderId): Promise<void> {
  await touch(tx, { orderId: toUuid(orderId), at: toTimestamp(now) });
}

const touch = prepared((_, value: ValueOf<Pick<Noted, "orderId" | "at">>) => touching(value));

function touching(value: ValueOf<Pick<Noted, "orderId" | "at">>): SQL {
  return sql`update orders.order set version = version + 1, updated_at = ${value("at")}::timestamptz
    where id = ${value("orderId")}::uuid returning id`;
}

/** What stands last in an order's timeline. */
export async function lastNoted(tx: Transaction, orderId: OrderId): Promise<OrderEventType | null> {
  const [last] = await tx
    .select({ type: orderEvent.type })
    .from(orderEvent)
    .where(eq(orderEvent.orderId, orderId))
    .orderBy(desc(orderEvent.seq))
    .limit(1);
  return last?.type ?? null;
}
