import { type OrderId, toUuid } from "@stoa/kernel";
import { type SQL, sql } from "drizzle-orm";
import { anyOf, type Database, prepared, type ValueOf } from "../../platform/db/index.ts";
import { order, type orderEvent, type orderLine } from "./tables.ts";

/** What of a line its order's view shows. */
export type ShownLine = Pick<
  typeof orderLine.$inferSelect,
  | "position"
  | "sku"
  | "title"
  | "options"
  | "parts"
  | "quantity"
  | "unitPrice"
  | "discount"
  | "tax"
  | "total"
  | "fulfilled"
  | "shipped"
  | "cancelled"
  | "returnRequested"
  | "returned"
  | "customFields"
>;

/** What of the timeline it shows. */
export type ShownEvent = Pick<typeof orderEvent.$inferSelect, "at" | "type" | "detail">;

/** Orders, each with its lines and its timeline in their order: one statement, so that they belong to each other. */
export function ordersWithParts(db: Database, ids: readonly OrderId[]) {
  return withParts(db, { ids: ids.map(toUuid) });
}

const withParts = prepared((db, value: ValueOf<{ readonly ids: readonly string[] }>) =>
  db
    .select({ order, lines: linesOf, events: eventsOf })
    .from(order)
    .where(sql`${order.id} = ${anyOf(value("ids"), "uuid")}`),
);

const linesOf: SQL<ShownLine[]> =
  sql`(select coalesce(jsonb_agg(jsonb_build_object('position', l.position, 'sku', l.sku,
    'title', l.title, 'options', l.options, 'parts', l.parts, 'quantity', l.quantity, 'unitPrice', l.unit_price, 'discount', l.discount,
    'tax', l.tax, 'total', l.total, 'fulfilled', l.fulfilled, 'shipped', l.shipped, 'cancelled', l.cancelled,
    'returnRequested', l.return_requested, 'returned', l.returned, 'customFields', l.custom_fields) order by l.position), '[]')
  from orders.order_line l where l.order_id = "order".id)`;

const eventsOf: SQL<ShownEvent[]> = sql`(select coalesce(jsonb_agg(jsonb_build_object(
    'at', (extract(epoch from e.at) * 1000)::bigint, 'type', e.type, 'detail', e.detail) order by e.seq), '[]')
  from orders.order_event e where e.order_id = "order".id)`;
