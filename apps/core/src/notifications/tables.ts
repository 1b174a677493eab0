import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, pgSchema, text, uniqueIndex } from "drizzle-orm/pg-core";
import { idColumn, instantColumn } from "../platform/db/index.ts";
import type { MailKind, MailState } from "./kinds.ts";

export const notifications = pgSchema("notifications");

/** What a mail is about beside its order: ids, and for account mails the link, which goes when the mail has left. */
export interface MailData {
  readonly fulfilmentId?: string;
  readonly refundId?: string;
  readonly returnId?: string;
  readonly returnState?: string;
  readonly requestId?: string;
  readonly url?: string;
  readonly sku?: string;
  readonly available?: number;
  readonly threshold?: number;
}

/**
 * A mail that is owed or was sent. It holds no address, no name and no text: who gets it and what it says is looked up when it is
 * sent, so whoever has been erased since leaves nothing here.
 */
export const email = notifications.table(
  "email",
  {
    id: idColumn("id", "eml").primaryKey(),
    kind: text("kind").$type<MailKind>().notNull(),
    /** The fact that owes the mail, such as a refund's id. */
    cause: text("cause").notNull(),
    orderId: idColumn("order_id", "ord"),
    customerId: idColumn("customer_id", "cus"),
    /** The account an account mail is for. */
    userId: text("user_id"),
    data: jsonb("data").$type<MailData>().notNull(),
    /** The mail that staff sent again by this one. */
    resendOf: idColumn("resend_of", "eml"),
    /** Name of the member of staff who asked for it. */
    requestedBy: text("requested_by"),
    state: text("state").$type<MailState>().notNull(),
    attempts: integer("attempts").notNull().default(0),
    availableAt: instantColumn("available_at").notNull(),
    claimedUntil: instantColumn("claimed_until"),
    /** What the mail server said when it took it, without addresses. */
    receipt: text("receipt"),
    /** What went wrong last, without addresses. */
    lastError: text("last_error"),
    createdAt: instantColumn("created_at").notNull(),
    sentAt: instantColumn("sent_at"),
  },
  (table) => [
    uniqueIndex("email_once_per_cause").on(table.kind, table.cause),
    index("email_due").on(table.availableAt).where(sql`${table.state} in ('queued', 'failed')`),
    index("email_of_order").on(table.orderId, table.createdAt),
    index("email_of_customer").on(table.customerId, table.createdAt),
    index("email_of_user").on(table.userId, table.createdAt),
    index("email_by_state").on(table.state, table.createdAt.desc()),
    check("email_state", sql`${table.state} in ('queued', 'failed', 'sent', 'dead')`),
    check("email_sent", sql`(${table.state} = 'sent') = (${table.sentAt} is not null)`),
    check(
      "email_about",
      sql`(${table.kind} = 'low_stock' or ${table.orderId} is not null or ${table.userId} is not null or ${table.kind} = 'payment_requested') and (${table.kind} <> 'low_stock' or (${table.orderId} is null and ${table.userId} is null)) and not (${table.orderId} is not null and ${table.userId} is not null)`,
    ),
  ],
);

export type EmailRow = typeof email.$inferSelect;
