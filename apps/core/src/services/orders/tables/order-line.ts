import { sql } from "drizzle-orm";
import { boolean, check, index, integer, jsonb, primaryKey, text } from "drizzle-orm/pg-core";
import type { FieldValues } from "../../../platform/custom-fields/index.ts";
import { amountColumn, idColumn, instantColumn } from "../../../platform/db/index.ts";
import type { OrderEventType } from "../order.ts";
import type { OrderedPart } from "../stock-units.ts";
import { order } from "./order.ts";
import { orders } from "./schema.ts";

/** A snapshot of what was bought; nothing here follows the catalog any more. Amounts are minor units of the order's currency. */
export const orderLine = orders.table(
  "order_line",
  {
    orderId: idColumn("order_id", "ord")
      .notNull()
      .references(() => order.id, { onDelete: "cascade" }),
    position: integer("position").notNull(),
    sku: text("sku").notNull(),
    productId: text("product_id").notNull(),
    title: text("title").notNull(),
    options: jsonb("options").$type<Readonly<Record<string, string>>>().notNull(),
    /** What one unit of a kit is made of, as it was ordered; null for everything else. */
    parts: jsonb("parts").$type<readonly OrderedPart[]>(),
    quantity: integer("quantity").notNull(),
    unitPrice: amountColumn("unit_price").notNull(),
    discount: amountColumn("discount").notNull(),
    tax: amountColumn("tax").notNull(),
    /** Whether `total` already holds the tax; else the shopper pays `total + tax`. */
    taxIncluded: boolean("tax_included").notNull().default(false),
    /** Units times price, less the discount. */
    total: amountColumn("total").notNull(),
    /** Its part of what shipping costs, tax and all: over the lines, what is paid for them and these parts are the order's total. */
    shippingShare: amountColumn("shipping_share").notNull().default(0),
    /** What the shop's own fields of order lines say of it. */
    customFields: jsonb("custom_fields").$type<FieldValues>().notNull().default({}),
    /** Units in a parcel that is packed for them or has left. */
    fulfilled: integer("fulfilled").notNull().default(0),
    /** Those of `fulfilled` that have left. */
    shipped: integer("shipped").notNull().default(0),
    cancelled: integer("cancelled").notNull().default(0),
    /** Shipped units that a return is open for and that have not come back. */
    returnRequested: integer("return_requested").notNull().default(0),
    returned: integer("returned").notNull().default(0),
    /** Those of `returned` that cannot be sold again. */
    writtenOff: integer("written_off").notNull().default(0),
    /** What went back to the shopper for this line's units. */
    refunded: amountColumn("refunded").notNull().default(0),
    /** What units of it that an edit took out have paid of units it put in; edits of releases before this column count in the order alone. */
    setOff: amountColumn("set_off").notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.orderId, table.position] }),
    index("order_line_sku").on(table.sku),
    check("order_line_quantity", sql`${table.quantity} between 1 and 999`),
    check(
      "order_line_fulfilled",
      sql`${table.cancelled} >= 0 and ${table.fulfilled} + ${table.cancelled} <= ${table.quantity}`,
    ),
    check("order_line_shipped", sql`0 <= ${table.shipped} and ${table.shipped} <= ${table.fulfilled}`),
    check(
      "order_line_returned",
      sql`0 <= ${table.returned} and 0 <= ${table.returnRequested} and ${table.returned} + ${table.returnRequested} <= ${table.shipped}`,
    ),
    check("order_line_written_off", sql`0 <= ${table.writtenOff} and ${table.writtenOff} <= ${table.returned}`),
    check("order_line_refunded", sql`${table.refunded} >= 0`),
    check("order_line_set_off", sql`${table.setOff} >= 0`),
  ],
);

/** The timeline: gapless from 1, append-only. */
export const orderEvent = orders.table(
  "order_event",
  {
    orderId: idColumn("order_id", "ord")
      .notNull()
      .references(() => order.id, { onDelete: "cascade" }),
    seq: integer("seq").notNull(),
    type: text("type").$type<OrderEventType>().notNull(),
    actorKind: text("actor_kind").$type<"guest" | "customer" | "staff" | "system">().notNull(),
    actorId: text("actor_id").notNull(),
    actorName: text("actor_name").notNull(),
    detail: text("detail"),
    at: instantColumn("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.orderId, table.seq] })],
);

/** What staff write to each other about an order. No shopper sees it. */
export const note = orders.table(
  "note",
  {
    id: idColumn("id", "note").primaryKey(),
    orderId: idColumn("order_id", "ord")
      .notNull()
      .references(() => order.id, { onDelete: "cascade" }),
    text: text("text").notNull(),
    authorId: idColumn("author_id", "stf").notNull(),
    authorName: text("author_name").notNull(),
    createdAt: instantColumn("created_at").notNull(),
  },
  (table) => [index("note_of_order").on(table.orderId, table.createdAt)],
);
