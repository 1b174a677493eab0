import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, text, uniqueIndex } from "drizzle-orm/pg-core";
import { amountColumn, currencyColumn, idColumn, instantColumn } from "../../../platform/db/index.ts";
import type { AddedLine, OrderChangeState } from "../order-change.ts";
import type { Item } from "../units.ts";
import { order } from "./order.ts";
import { orders } from "./schema.ts";

/** An edit of a confirmed order. It takes effect as a whole: at once, or once what it costs more is paid. */
export const orderChange = orders.table(
  "order_change",
  {
    id: idColumn("id", "chg").primaryKey(),
    orderId: idColumn("order_id", "ord")
      .notNull()
      .references(() => order.id, { onDelete: "cascade" }),
    /** Minted here, to hold the added units by until the edit takes effect; there is no such cart. */
    holder: idColumn("holder", "cart").notNull(),
    state: text("state").$type<OrderChangeState>().notNull(),
    removed: jsonb("removed").$type<readonly Item[]>().notNull(),
    added: jsonb("added").$type<readonly AddedLine[]>().notNull(),
    /** Where the first of `added` stands among the order's lines; null until they do. */
    firstPosition: integer("first_position"),
    /** What the order costs more, with a minus what it costs less. */
    difference: amountColumn("difference").notNull(),
    currency: currencyColumn().notNull(),
    reason: text("reason").notNull(),
    /** What was asked for; null when nothing had to be paid. */
    requestId: idColumn("request_id", "prq"),
    /** SHA-256 (hex) of the token of the link by which it can be paid. */
    tokenHash: text("token_hash"),
    expiresAt: instantColumn("expires_at"),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    index("order_change_of_order").on(table.orderId, table.createdAt.desc()),
    uniqueIndex("order_change_one_open").on(table.orderId).where(sql`${table.state} = 'awaiting_payment'`),
    uniqueIndex("order_change_request").on(table.requestId),
    uniqueIndex("order_change_token").on(table.tokenHash),
    index("order_change_expiry").on(table.expiresAt).where(sql`${table.state} = 'awaiting_payment'`),
    check("order_change_state", sql`${table.state} in ('awaiting_payment', 'applied', 'expired', 'cancelled')`),
  ],
);
