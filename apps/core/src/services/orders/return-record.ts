import { type Instant, type OrderId, problem, type ReturnId, statesBefore } from "@stoa/kernel";
import { and, asc, eq, inArray, type SQL } from "drizzle-orm";
import type { Database, Transaction } from "../../platform/db/index.ts";
import type { Message } from "../../platform/outbox/index.ts";
import type { ActContext } from "./deps.ts";
import type { OrderLineRow } from "./lock-order.ts";
import { returnChanged } from "./messages.ts";
import type { OrderEventType } from "./order.ts";
import { type ReturnState, returnStateTable } from "./return.ts";
import { orderReturn, returnLine } from "./tables.ts";
import { noteInTimeline } from "./timeline.ts";

export type ReturnRow = typeof orderReturn.$inferSelect;
export type ReturnLineRow = typeof returnLine.$inferSelect;

/** Whose a return is, so that the order can be locked before it. @throws problem `not_found`. */
export async function orderOfReturn(db: Database | Transaction, id: ReturnId): Promise<OrderId> {
  const [row] = await db.select({ orderId: orderReturn.orderId }).from(orderReturn).where(eq(orderReturn.id, id));
  if (!row) throw problem("not_found");
  return row.orderId;
}

/** What is in a return, by position, each with the order's line. */
export async function linesOfReturn(tx: Transaction, id: ReturnId, lines: readonly OrderLineRow[]) {
  const rows = await tx.select().from(returnLine).where(eq(returnLine.returnId, id)).orderBy(asc(returnLine.position));
  return rows.flatMap((row) => {
    const line = lines.find(({ position }) => position === row.position);
    return line ? [{ row, line, quantity: row.quantity }] : [];
  });
}

export interface ReturnMove extends Partial<Pick<ReturnRow, "rejection">> {
  readonly id: ReturnId;
  readonly to: ReturnState;
  /** What else must hold, and what is said where it does not. */
  readonly where?: SQL | undefined;
  readonly otherwise?: string;
}

/** Moves a return to another state. @throws problem `state_conflict` when the state table, or `where`, does not allow it. */
export async function moveReturn(
  tx: Transaction,
  now: Instant,
  { id, to, where, otherwise, ...members }: ReturnMove,
): Promise<ReturnRow> {
  const isBefore = inArray(orderReturn.state, statesBefore<ReturnState>(returnStateTable, to));
  const [row] = await tx
    .update(orderReturn)
    .set({ ...members, state: to, updatedAt: now })
    .where(and(eq(orderReturn.id, id), isBefore, where))
    .returning();
  if (row) return row;
  const [as] = await tx.select({ state: orderReturn.state }).from(orderReturn).where(eq(orderReturn.id, id));
  const isLegal = as !== undefined && statesBefore<ReturnState>(returnStateTable, to).includes(as.state);
  const detail = isLegal && otherwise ? otherwise : `The return is ${as?.state} and cannot become ${to}.`;
  throw problem("state_conflict", { detail });
}

export interface ReturnNote {
  readonly row: Pick<ReturnRow, "id" | "orderId" | "state">;
  readonly type: OrderEventType;
  readonly detail?: string | null;
  readonly announce?: readonly Message[];
}

/** Where a return stands now, for the order's timeline and for whoever writes to the shopper. The caller holds the order's row. */
export async function noteReturn({ tx, now, actor }: ActContext, note: ReturnNote): Promise<void> {
  const { row, type, detail = null, announce = [] } = note;
  const { id: returnId, orderId, state } = row;
  await noteInTimeline(tx, now, {
    orderId,
    actor,
    entries: [{ type, detail }],
    announce: [returnChanged.of(orderId, { orderId, returnId, state }), ...announce],
  });
}
