import type { FulfilmentId, Instant, OrderId } from "@stoa/kernel";
import { and, asc, eq, inArray } from "drizzle-orm";
import type { Database } from "../../platform/db/index.ts";
import { fulfilment, fulfilmentLine, orderLine } from "./tables.ts";

/** A parcel that has left. */
export interface Shipment {
  readonly id: FulfilmentId;
  readonly carrier: string;
  readonly trackingNumber: string | null;
  readonly trackingUrl: string | null;
  readonly items: readonly { readonly sku: string; readonly quantity: number }[];
  readonly shippedAt: Instant;
  readonly deliveredAt: Instant | null;
}

/** What has left of each order, first first; orders of which nothing has are missing from the answer. One statement. */
export async function shipmentsOfOrders(db: Database, ids: readonly OrderId[]): Promise<Map<OrderId, Shipment[]>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .select({ parcel: fulfilment, sku: orderLine.sku, quantity: fulfilmentLine.quantity })
    .from(fulfilment)
    .innerJoin(fulfilmentLine, eq(fulfilmentLine.fulfilmentId, fulfilment.id))
    .innerJoin(
      orderLine,
      and(eq(orderLine.orderId, fulfilmentLine.orderId), eq(orderLine.position, fulfilmentLine.position)),
    )
    .where(and(inArray(fulfilment.orderId, [...ids]), inArray(fulfilment.state, ["shipped", "delivered"])))
    .orderBy(asc(fulfilment.shippedAt), asc(fulfilment.id), asc(fulfilmentLine.position));
  const shipments = new Map<OrderId, Map<FulfilmentId, Shipment>>();
  for (const { parcel, sku, quantity } of rows) {
    const { id, orderId, trackingNumber, trackingUrl, deliveredAt } = parcel;
    const ofOrder = shipments.get(orderId) ?? new Map<FulfilmentId, Shipment>();
    const items = [...(ofOrder.get(id)?.items ?? []), { sku, quantity }];
    // A check of the table's: what has left has a time.
    const shippedAt = parcel.shippedAt ?? parcel.updatedAt;
    const carrier = parcel.carrier ?? "";
    ofOrder.set(id, { id, carrier, trackingNumber, trackingUrl, items, shippedAt, deliveredAt });
    shipments.set(orderId, ofOrder);
  }
  return new Map([...shipments].map(([orderId, ofOrder]) => [orderId, [...ofOrder.values()]]));
}
