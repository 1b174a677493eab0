import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, primaryKey, text } from "drizzle-orm/pg-core";
import { idColumn, instantColumn } from "../../../platform/db/index.ts";
import type { FulfilmentParcelState } from "../fulfilment.ts";
import { order } from "./order.ts";
import { orderLine } from "./order-line.ts";
import { orders } from "./schema.ts";

/** A parcel: what leaves one place together. */
export const fulfilment = orders.table(
  "fulfilment",
  {
    id: idColumn("id", "ful").primaryKey(),
    orderId: idColumn("order_id", "ord")
      .notNull()
      .references(() => order.id, { onDelete: "cascade" }),
    state: text("state").$type<FulfilmentParcelState>().notNull(),
    /** Null: from wherever the units are allocated. */
    locationId: idColumn("location_id", "loc"),
    carrier: text("carrier"),
    trackingNumber: text("tracking_number"),
    trackingUrl: text("tracking_url"),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
    shippedAt: instantColumn("shipped_at"),
    deliveredAt: instantColumn("delivered_at"),
  },
  (table) => [
    index("fulfilment_of_order").on(table.orderId),
    index("fulfilment_open").on(table.createdAt).where(sql`${table.state} in ('created', 'packed')`),
    check("fulfilment_state", sql`${table.state} in ('created', 'packed', 'shipped', 'delivered', 'cancelled')`),
    check("fulfilment_shipped", sql`(${table.state} in ('shipped', 'delivered')) = (${table.shippedAt} is not null)`),
  ],
);

/** Units of one order line in a parcel. */
export const fulfilmentLine = orders.table(
  "fulfilment_line",
  {
    fulfilmentId: idColumn("fulfilment_id", "ful")
      .notNull()
      .references(() => fulfilment.id, { onDelete: "cascade" }),
    orderId: idColumn("order_id", "ord").notNull(),
    position: integer("position").notNull(),
    quantity: integer("quantity").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.fulfilmentId, table.position] }),
    foreignKey({
      name: "fulfilment_line_of_order",
      columns: [table.orderId, table.position],
      foreignColumns: [orderLine.orderId, orderLine.position],
    }).onDelete("cascade"),
    index("fulfilment_line_of_line").on(table.orderId, table.position),
    check("fulfilment_line_quantity", sql`${table.quantity} > 0`),
  ],
);
