import { inArray } from "drizzle-orm";
import type { Database } from "../../platform/db/index.ts";
import { listOpenDisputes, type OpenDisputesQuery } from "../payments/index.ts";
import { order } from "./tables.ts";

/**
 * Disputes that are not decided, each with the number of its order, the nearest deadline first.
 * @throws problem `validation_failed` for a cursor that is none of ours.
 */
export async function openDisputes(db: Database, query: OpenDisputesQuery) {
  const page = await listOpenDisputes(db, query);
  const ids = page.items.map(({ orderId }) => orderId);
  const rows = await db.select({ id: order.id, number: order.number }).from(order).where(inArray(order.id, ids));
  const numbers = new Map(rows.map(({ id, number }) => [id, number]));
  const items = page.items.map((item) => ({ ...item, orderNumber: numbers.get(item.orderId) ?? null }));
  return { ...page, items };
}
