import type { LocationId, OrderId } from "@stoa/kernel";
import { asc, desc, eq } from "drizzle-orm";
import type { Database, Transaction } from "../../platform/db/index.ts";
import { allocation, reservation } from "./tables.ts";

export interface AllocationState {
  readonly sku: string;
  readonly locationId: LocationId;
  readonly quantity: number;
  readonly shipped: number;
  readonly cancelled: number;
}

export interface OrderAllocations {
  /** False until the order's reservation has become its own; a SKU that is not tracked never has an allocation. */
  readonly isAllocated: boolean;
  readonly allocations: readonly AllocationState[];
}

/** The units that belong to an order, by SKU and location. */
export async function findAllocations(
  db: Database | Transaction,
  { orderId }: { readonly orderId: OrderId },
): Promise<OrderAllocations> {
  const [latest] = await db
    .select({ status: reservation.status })
    .from(reservation)
    .where(eq(reservation.holder, orderId))
    .orderBy(desc(reservation.createdAt), desc(reservation.id))
    .limit(1);
  const allocations = await db
    .select({
      sku: allocation.sku,
      locationId: allocation.locationId,
      quantity: allocation.quantity,
      shipped: allocation.shipped,
      cancelled: allocation.cancelled,
    })
    .from(allocation)
    .where(eq(allocation.orderId, orderId))
    .orderBy(asc(allocation.sku), asc(allocation.locationId));
  return { isAllocated: latest?.status === "committed" || latest?.status === "consumed", allocations };
}
