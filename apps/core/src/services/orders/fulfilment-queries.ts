import { cutPage, type OrderId, type Page, problem, toTimestamp } from "@stoa/kernel";
import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { type Database, isBehind } from "../../platform/db/index.ts";
import { findAllocations } from "../inventory/index.ts";
import type { ParcelRow } from "./parcel.ts";
import { fulfilment, fulfilmentLine, order, orderLine } from "./tables.ts";

/** Everything that staff see of how an order leaves: parcels, each line's units, and where they are allocated. */
export async function fulfilmentsOfOrder(db: Database, orderId: OrderId) {
  const [rows, lines, { allocations, isAllocated }] = await Promise.all([
    db.select().from(fulfilment).where(eq(fulfilment.orderId, orderId)).orderBy(asc(fulfilment.id)),
    db.select().from(orderLine).where(eq(orderLine.orderId, orderId)).orderBy(asc(orderLine.position)),
    findAllocations(db, { orderId }),
  ]);
  if (lines.length === 0) throw problem("not_found");
  const items = await itemsOf(db, rows);
  return {
    isAllocated,
    allocations,
    lines: lines.map((line) => ({
      sku: line.sku,
      title: line.title,
      parts: line.parts,
      quantity: line.quantity,
      fulfilled: line.fulfilled,
      shipped: line.shipped,
      cancelled: line.cancelled,
      returnRequested: line.returnRequested,
      returned: line.returned,
      writtenOff: line.writtenOff,
      refunded: line.refunded,
    })),
    fulfilments: rows.map((row) => ({ ...parcelView(row), items: items.get(row.id) ?? [] })),
  };
}

export interface OpenFulfilments {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Parcels that have yet to leave, oldest first: the work of whoever packs. @throws problem `validation_failed` for a strange cursor. */
export async function listOpenFulfilments(db: Database, { limit, cursor }: OpenFulfilments) {
  const isOpen = inArray(fulfilment.state, ["created", "packed"]);
  const { createdAt: at, id } = fulfilment;
  const behind = isBehind(cursor, { at, id, prefix: "ful", isOldestFirst: true });
  const [page, [counted]] = await Promise.all([
    db
      .select({ parcel: fulfilment, number: order.number })
      .from(fulfilment)
      .innerJoin(order, eq(order.id, fulfilment.orderId))
      .where(and(isOpen, behind))
      .orderBy(asc(fulfilment.createdAt), asc(fulfilment.id))
      .limit(limit + 1),
    db.select({ total: sql<number>`count(*)::int` }).from(fulfilment).where(isOpen),
  ]);
  const { shown, nextCursor } = cutPage(page, limit, ({ parcel }) => [parcel.createdAt, parcel.id]);
  const items = await itemsOf(
    db,
    shown.map(({ parcel }) => parcel),
  );
  return {
    items: shown.map(({ parcel, number }) => ({ ...parcelView(parcel), number, items: items.get(parcel.id) ?? [] })),
    nextCursor,
    total: counted?.total ?? 0,
  } satisfies Page<unknown>;
}

async function itemsOf(db: Database, rows: readonly ParcelRow[]) {
  if (rows.length === 0) return new Map<string, never[]>();
  const ids = rows.map((row) => row.id);
  const items = await db
    .select({ fulfilmentId: fulfilmentLine.fulfilmentId, sku: orderLine.sku, quantity: fulfilmentLine.quantity })
    .from(fulfilmentLine)
    .innerJoin(
      orderLine,
      and(eq(orderLine.orderId, fulfilmentLine.orderId), eq(orderLine.position, fulfilmentLine.position)),
    )
    .where(inArray(fulfilmentLine.fulfilmentId, ids))
    .orderBy(asc(fulfilmentLine.position));
  return new Map(
    [...Map.groupBy(items, (item) => item.fulfilmentId as string)].map(([id, own]) => [
      id,
      own.map(({ sku, quantity }) => ({ sku, quantity })),
    ]),
  );
}

function parcelView({ createdAt, shippedAt, deliveredAt, updatedAt: _, ...row }: ParcelRow) {
  return {
    ...row,
    createdAt: toTimestamp(createdAt),
    shippedAt: shippedAt === null ? null : toTimestamp(shippedAt),
    deliveredAt: deliveredAt === null ? null : toTimestamp(deliveredAt),
  };
}
