import { type FulfilmentId, type Instant, type OrderId, problem, statesBefore } from "@stoa/kernel";
import { and, asc, eq, inArray, isNotNull } from "drizzle-orm";
import type { Database, Transaction } from "../../platform/db/index.ts";
import type { TakenUnits } from "../inventory/index.ts";
import { type FulfilmentParcelState, parcelStateTable } from "./fulfilment.ts";
import type { OrderLineRow } from "./lock-order.ts";
import { stockOf } from "./stock-units.ts";
import { fulfilment, fulfilmentLine } from "./tables.ts";
import type { LineUnit } from "./units.ts";

export type ParcelRow = typeof fulfilment.$inferSelect;

/** Whose a parcel is, so that the order can be locked before it. @throws problem `not_found`. */
export async function orderOfParcel(db: Database | Transaction, id: FulfilmentId): Promise<OrderId> {
  const [row] = await db.select({ orderId: fulfilment.orderId }).from(fulfilment).where(eq(fulfilment.id, id));
  if (!row) throw problem("not_found");
  return row.orderId;
}

export interface ParcelMove extends Partial<Pick<ParcelRow, "carrier" | "trackingNumber" | "trackingUrl">> {
  readonly id: FulfilmentId;
  readonly to: FulfilmentParcelState;
}

/** Moves a parcel to another state. @throws problem `state_conflict` when the state table does not allow it from where it stands. */
export async function moveParcel(
  tx: Transaction,
  now: Instant,
  { id, to, ...members }: ParcelMove,
): Promise<ParcelRow> {
  const [row] = await tx
    .update(fulfilment)
    .set({
      ...members,
      state: to,
      updatedAt: now,
      ...(to === "shipped" && { shippedAt: now }),
      ...(to === "delivered" && { deliveredAt: now }),
    })
    .where(
      and(eq(fulfilment.id, id), inArray(fulfilment.state, statesBefore<FulfilmentParcelState>(parcelStateTable, to))),
    )
    .returning();
  if (row) return row;
  const [as] = await tx.select({ state: fulfilment.state }).from(fulfilment).where(eq(fulfilment.id, id));
  throw problem("state_conflict", { detail: `The parcel is ${as?.state} and cannot become ${to}.` });
}

/** What is in a parcel. */
export async function unitsOfParcel(
  tx: Transaction,
  id: FulfilmentId,
  lines: readonly OrderLineRow[],
): Promise<LineUnit<OrderLineRow>[]> {
  const rows = await tx
    .select({ position: fulfilmentLine.position, quantity: fulfilmentLine.quantity })
    .from(fulfilmentLine)
    .where(eq(fulfilmentLine.fulfilmentId, id))
    .orderBy(asc(fulfilmentLine.position));
  return rows.flatMap(({ position, quantity }) => {
    const line = lines.find((one) => one.position === position);
    return line ? [{ line, quantity }] : [];
  });
}

/** The stock that parcels have in hand which wait to leave a certain place. */
export async function packedStock(
  tx: Transaction,
  orderId: OrderId,
  lines: readonly OrderLineRow[],
): Promise<TakenUnits[]> {
  const { position, quantity } = fulfilmentLine;
  const rows = await tx
    .select({ locationId: fulfilment.locationId, position, quantity })
    .from(fulfilment)
    .innerJoin(fulfilmentLine, eq(fulfilmentLine.fulfilmentId, fulfilment.id))
    .where(
      and(
        eq(fulfilment.orderId, orderId),
        inArray(fulfilment.state, ["created", "packed"]),
        isNotNull(fulfilment.locationId),
      ),
    );
  return rows.flatMap((row) => {
    const line = lines.find((one) => one.position === row.position);
    const { locationId } = row;
    if (!line || locationId === null) return [];
    return stockOf([{ line, quantity: row.quantity }]).map((units) => ({ ...units, locationId }));
  });
}
