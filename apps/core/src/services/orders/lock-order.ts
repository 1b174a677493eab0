import { type Instant, type OrderId, problem } from "@stoa/kernel";
import type { OrderState } from "@stoa/read-models";
import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { prepared, type Transaction, type ValueOf } from "../../platform/db/index.ts";
import type { OrderRow } from "./move-order.ts";
import { order, orderLine } from "./tables.ts";

export type OrderLineRow = typeof orderLine.$inferSelect;

export interface LockedOrder {
  readonly order: OrderRow;
  /** By position. */
  readonly lines: readonly OrderLineRow[];
}

/**
 * Locks an order that is to be worked on, and gives its view a new version. Whoever works on parcels, returns or parts of an order
 * takes this lock first, so that two who press at once follow each other.
 * @throws problem `not_found`, or `state_conflict` when it is in none of the states.
 */
export async function lockOrder(
  tx: Transaction,
  now: Instant,
  { orderId, states }: { readonly orderId: OrderId; readonly states: readonly OrderState[] },
): Promise<LockedOrder> {
  const [row] = await tx
    .update(order)
    .set({ version: sql`${order.version} + 1`, updatedAt: now })
    .where(and(eq(order.id, orderId), inArray(order.state, [...states])))
    .returning();
  if (!row) throw await refusalFor(tx, orderId);
  return { order: row, lines: await linesOf(tx, orderId) };
}

/** Locks an order's row and leaves it as it is: for what only locks it to keep to the order of locks. */
export async function holdOrder(tx: Transaction, orderId: OrderId): Promise<void> {
  await hold(tx, { id: orderId });
}

const hold = prepared((db, value: ValueOf<{ readonly id: OrderId }>) =>
  db
    .select({ id: order.id })
    .from(order)
    .where(eq(order.id, value("id", order.id)))
    .for("no key update"),
);

async function refusalFor(tx: Transaction, orderId: OrderId) {
  const [found] = await tx.select({ state: order.state }).from(order).where(eq(order.id, orderId));
  return found ? problem("state_conflict", { detail: `The order is ${found.state}.` }) : problem("not_found");
}

/** An order's lines as the running transaction left them. */
export function linesOf(tx: Transaction, orderId: OrderId): Promise<OrderLineRow[]> {
  return tx.select().from(orderLine).where(eq(orderLine.orderId, orderId)).orderBy(asc(orderLine.position));
}
