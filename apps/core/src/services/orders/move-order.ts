import { type Instant, type OrderId, statesBefore } from "@stoa/kernel";
import type { OrderState } from "@stoa/read-models";
import { and, eq, inArray, sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { orderStateTable } from "./order.ts";
import { order, type StoredRefusal } from "./tables.ts";

export type OrderRow = typeof order.$inferSelect;

export interface OrderMove {
  readonly orderId: OrderId;
  readonly to: OrderState;
  readonly refusal?: StoredRefusal;
}

/**
 * Moves an order to another state, if the state table allows it from where it stands; else answers null and changes nothing.
 * The row stays locked until the transaction ends.
 */
export async function moveOrder(tx: Transaction, now: Instant, move: OrderMove): Promise<OrderRow | null> {
  const [row] = await tx
    .update(order)
    .set({
      state: move.to,
      version: sql`${order.version} + 1`,
      updatedAt: now,
      ...(move.refusal ? { refusal: move.refusal } : {}),
    })
    .where(and(eq(order.id, move.orderId), inArray(order.state, statesBefore<OrderState>(orderStateTable, move.to))))
    .returning();
  return row ?? null;
}
