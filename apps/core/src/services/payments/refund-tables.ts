import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import { amountColumn, currencyColumn, idColumn, instantColumn } from "../../platform/db/columns.ts";
import type { DescribedActor } from "../../platform/rpc/index.ts";
import type { DisputeState } from "./dispute-facts.ts";
import type { ProviderName, RefundState, RefundTo } from "./payment.ts";
import { payment } from "./payment-tables.ts";
import { payments } from "./schema.ts";

/** Money to go back for an order, once a cause; `refund` holds its parts, one for each capture that they come from. */
export const refundRequest = payments.table(
  "refund_request",
  {
    id: idColumn("id", "ref").primaryKey(),
    orderId: idColumn("order_id", "ord").notNull(),
    cause: text("cause").notNull(),
    /** Lowered where less is left by the time it is tried again, even to nothing. */
    amount: amountColumn("amount").notNull(),
    currency: currencyColumn().notNull(),
    /** The part of it that gift cards and store credit got back; the rest is refunds at providers. */
    creditAmount: amountColumn("credit_amount").notNull().default(0),
    /** What the shopper gets: the money back where it came from, or credit in its place. */
    refundTo: text("refund_to").$type<RefundTo>().notNull().default("original"),
    reason: text("reason"),
    /** Who gives it by hand; null for what follows by itself. */
    askedBy: jsonb("asked_by").$type<DescribedActor>(),
    createdAt: instantColumn("created_at").notNull(),
  },
  (table) => [
    uniqueIndex("refund_request_cause").on(table.cause),
    index("refund_request_order").on(table.orderId),
    check("refund_request_amount", sql`${table.amount} >= 0`),
    check("refund_request_to", sql`${table.refundTo} in ('original', 'store_credit', 'exchange')`),
    check("refund_request_credit", sql`0 <= ${table.creditAmount} and ${table.creditAmount} <= ${table.amount}`),
  ],
);

export const refund = payments.table(
  "refund",
  {
    id: idColumn("id", "ref").primaryKey(),
    /** Null for what was begun at the provider's own desk. */
    requestId: idColumn("request_id", "ref").references(() => refundRequest.id),
    /** The capture that it comes from, where the provider refunds captures and not payments. */
    captureReference: text("capture_reference"),
    paymentId: idColumn("payment_id", "pay")
      .notNull()
      .references(() => payment.id),
    key: text("key").notNull(),
    providerReference: text("provider_reference"),
    state: text("state").$type<RefundState>().notNull(),
    amount: amountColumn("amount").notNull(),
    currency: currencyColumn().notNull(),
    reason: text("reason"),
    tries: integer("tries").notNull().default(0),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("refund_key").on(table.key),
    index("refund_payment").on(table.paymentId),
    index("refund_of_request").on(table.requestId),
    index("refund_open").on(table.updatedAt).where(sql`${table.state} in ('requested', 'pending')`),
    check("refund_state", sql`${table.state} in ('requested', 'pending', 'succeeded', 'failed')`),
    check("refund_amount", sql`${table.amount} > 0`),
  ],
);

export const dispute = payments.table(
  "dispute",
  {
    provider: text("provider").$type<ProviderName>().notNull(),
    reference: text("reference").notNull(),
    paymentId: idColumn("payment_id", "pay")
      .notNull()
      .references(() => payment.id),
    state: text("state").$type<DisputeState>().notNull(),
    amount: amountColumn("amount").notNull(),
    currency: currencyColumn().notNull(),
    reason: text("reason"),
    /** What the shop has said to it. */
    evidence: text("evidence"),
    /** Until when the provider takes evidence, where it says so. */
    dueAt: instantColumn("due_at"),
    openedAt: instantColumn("opened_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    primaryKey({ name: "dispute_pkey", columns: [table.provider, table.reference] }),
    index("dispute_payment").on(table.paymentId),
    index("dispute_recent").on(table.openedAt),
    index("dispute_open").on(table.dueAt, table.openedAt).where(sql`${table.state} in ('opened', 'evidence_sent')`),
    check("dispute_state", sql`${table.state} in ('opened', 'evidence_sent', 'won', 'lost')`),
  ],
);
