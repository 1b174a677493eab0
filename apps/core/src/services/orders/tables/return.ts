import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, jsonb, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { FieldValues } from "../../../platform/custom-fields/index.ts";
import { amountColumn, idColumn, instantColumn } from "../../../platform/db/index.ts";
import type { ExchangeWish } from "../exchanges/exchange.ts";
import type { ReturnRefundTo, ReturnState } from "../return.ts";
import { order } from "./order.ts";
import { orderLine } from "./order-line.ts";
import { orders } from "./schema.ts";

/** What a shopper sends back. Amounts are minor units of the order's currency. */
export const orderReturn = orders.table(
  "return",
  {
    id: idColumn("id", "ret").primaryKey(),
    orderId: idColumn("order_id", "ord")
      .notNull()
      .references(() => order.id, { onDelete: "cascade" }),
    state: text("state").$type<ReturnState>().notNull(),
    /** Why it was rejected, for the shopper to read. */
    rejection: text("rejection"),
    /** What staff decided to send back; null until they have. While the state is `received`, it is on its way. */
    refundAmount: amountColumn("refund_amount"),
    /** What was kept of the units' price, and part of the difference to it. */
    restockingFee: amountColumn("restocking_fee").notNull().default(0),
    refundReason: text("refund_reason"),
    /** Where it goes: back to what paid, or to the customer's store credit. */
    refundTo: text("refund_to").$type<ReturnRefundTo>().notNull().default("original"),
    /** The order that replaces the goods; while the state is `received`, it is not confirmed yet. */
    replacementId: idColumn("replacement_id", "ord"),
    /** What the shopper would rather have than the money; null: the money. */
    exchangeFor: jsonb("exchange_for").$type<ExchangeWish>(),
    /** The draft that the replacement is made of; null while nothing is being exchanged. */
    exchangeDraftId: idColumn("exchange_draft_id", "drf"),
    /** What the shop's own fields of returns say of it. */
    customFields: jsonb("custom_fields").$type<FieldValues>().notNull().default({}),
    requestedAt: instantColumn("requested_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    index("return_of_order").on(table.orderId),
    uniqueIndex("return_exchange_draft").on(table.exchangeDraftId),
    index("return_by_state").on(table.state, table.requestedAt.desc()),
    index("return_recent").on(table.requestedAt.desc(), table.id.desc()),
    check(
      "return_state",
      sql`${table.state} in ('requested', 'approved', 'received', 'refunded', 'exchanged', 'closed', 'rejected', 'cancelled')`,
    ),
    check("return_refund", sql`${table.refundAmount} >= 0 and ${table.restockingFee} >= 0`),
    check("return_refund_to", sql`${table.refundTo} in ('original', 'store_credit')`),
    check("return_rejection", sql`(${table.state} = 'rejected') = (${table.rejection} is not null)`),
  ],
);

/** Units of one order line in a return. `restocked` and `writtenOff` are what came back, by what became of it. */
export const returnLine = orders.table(
  "return_line",
  {
    returnId: idColumn("return_id", "ret")
      .notNull()
      .references(() => orderReturn.id, { onDelete: "cascade" }),
    orderId: idColumn("order_id", "ord").notNull(),
    position: integer("position").notNull(),
    quantity: integer("quantity").notNull(),
    reason: text("reason").notNull(),
    restocked: integer("restocked").notNull().default(0),
    writtenOff: integer("written_off").notNull().default(0),
    /** What had been paid for the units that came back: the most that can be sent back for them. */
    paid: amountColumn("paid").notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.returnId, table.position] }),
    foreignKey({
      name: "return_line_of_order",
      columns: [table.orderId, table.position],
      foreignColumns: [orderLine.orderId, orderLine.position],
    }).onDelete("cascade"),
    index("return_line_of_line").on(table.orderId, table.position),
    check("return_line_quantity", sql`${table.quantity} > 0`),
    check(
      "return_line_received",
      sql`${table.restocked} >= 0 and ${table.writtenOff} >= 0 and ${table.restocked} + ${table.writtenOff} <= ${table.quantity}`,
    ),
  ],
);
