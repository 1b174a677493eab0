import type { NextAction } from "@stoa/read-models";
import { sql } from "drizzle-orm";
import { boolean, check, index, integer, jsonb, text, uniqueIndex } from "drizzle-orm/pg-core";
import { amountColumn, currencyColumn, idColumn, instantColumn } from "../../platform/db/columns.ts";
import type { DescribedActor } from "../../platform/rpc/index.ts";
import type { FactType, PaymentState, ProviderName } from "./payment.ts";
import { payments } from "./schema.ts";

/** One attempt to be paid for an order, committed before its provider hears of it. Amounts are sums over its events. */
export const payment = payments.table(
  "payment",
  {
    id: idColumn("id", "pay").primaryKey(),
    orderId: idColumn("order_id", "ord").notNull(),
    attempt: integer("attempt").notNull(),
    /** The saga step's key; keys of calls to the provider are made from it. */
    key: text("key").notNull(),
    provider: text("provider").$type<ProviderName>().notNull(),
    /** The provider's id for the attempt, stored before anything can be charged on it. */
    providerReference: text("provider_reference"),
    /** The provider's token for the shopper's means; never a card number. */
    paymentMethod: text("payment_method"),
    /** The provider's token for the customer, where the means are theirs or shall become so. */
    providerCustomer: text("provider_customer"),
    /** The customer has asked to keep the means for later. */
    savesMethod: boolean("saves_method").notNull().default(false),
    returnUrl: text("return_url"),
    customerId: idColumn("customer_id", "cus"),
    /** The request that it pays; null for what checkout asked for. */
    requestId: idColumn("request_id", "prq"),
    state: text("state").$type<PaymentState>().notNull(),
    currency: currencyColumn().notNull(),
    amount: amountColumn("amount").notNull(),
    authorized: amountColumn("authorized").notNull().default(0),
    captured: amountColumn("captured").notNull().default(0),
    refunded: amountColumn("refunded").notNull().default(0),
    /** What the provider still holds and can be captured. */
    held: amountColumn("held").notNull().default(0),
    /** How much of it is to be captured in all, by what has been asked for so far. */
    captureTarget: amountColumn("capture_target").notNull().default(0),
    /** The capture that is under way: from what had been taken in all to what shall have been. One at a time. */
    captureFrom: amountColumn("capture_from"),
    captureTo: amountColumn("capture_to"),
    /** Captures that the provider refused; part of the next one's key. */
    captureRound: integer("capture_round").notNull().default(0),
    /** Who takes it by hand, for the order's timeline; null for what follows by itself. */
    captureBy: jsonb("capture_by").$type<DescribedActor>(),
    /** Who lets go of the rest by hand, until it is let go of. */
    letGoBy: jsonb("let_go_by").$type<DescribedActor>(),
    /** Refunds that are requested, pending or done, and what disputes took that are lost: what is promised can be promised once. */
    refundHeld: amountColumn("refund_held").notNull().default(0),
    /** What of it became store credit, or pays for an exchange, instead of going back: no refund can promise that. */
    credited: amountColumn("credited").notNull().default(0),
    /** What of it the shop gave back by its own hand, beside the provider; among what refunds have promised. */
    givenOutside: amountColumn("given_outside").notNull().default(0),
    nextAction: jsonb("next_action").$type<NextAction>(),
    declineCode: text("decline_code"),
    /** Calls about this attempt that were begun; 1 means that the provider cannot know it yet. */
    tries: integer("tries").notNull().default(0),
    /** A call was begun and its answer has not been written down. */
    hasOpenCall: boolean("has_open_call").notNull().default(false),
    captureStartedAt: instantColumn("capture_started_at"),
    authorizedUntil: instantColumn("authorized_until"),
    expiresAt: instantColumn("expires_at").notNull(),
    /** A confirmed order has been seen to want this money; nobody needs to look again. */
    wantedAt: instantColumn("wanted_at"),
    /** When an order that was still being placed was last asked whether it does. */
    fateAskedAt: instantColumn("fate_asked_at"),
    /** When somebody was told that the hold is about to end. */
    holdWarnedAt: instantColumn("hold_warned_at"),
    /** Nobody wants the money any more: whatever the provider holds has to be let go. */
    releaseRequestedAt: instantColumn("release_requested_at"),
    /** The provider can take nothing more on this attempt. */
    closedAt: instantColumn("closed_at"),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("payment_key").on(table.key),
    uniqueIndex("payment_attempt").on(table.orderId, table.attempt),
    uniqueIndex("payment_reference").on(table.provider, table.providerReference),
    index("payment_open")
      .on(table.expiresAt)
      .where(sql`${table.state} in ('pending', 'requires_action', 'processing')`),
    index("payment_held").on(table.authorizedUntil).where(sql`${table.held} > 0`),
    index("payment_of_request").on(table.requestId).where(sql`${table.requestId} is not null`),
    index("payment_release")
      .on(table.releaseRequestedAt)
      .where(sql`${table.releaseRequestedAt} is not null and ${table.closedAt} is null`),
    index("payment_capturing").on(table.updatedAt).where(sql`${table.captureTo} is not null`),
    index("payment_letting_go").on(table.updatedAt).where(sql`${table.letGoBy} is not null`),
    index("payment_unclaimed")
      .on(table.updatedAt)
      .where(
        sql`${table.wantedAt} is null and ${table.releaseRequestedAt} is null and (${table.held} > 0 or ${table.state} = 'captured')`,
      ),
    check("payment_provider", sql`${table.provider} in ('stripe', 'paypal', 'manual')`),
    check(
      "payment_state",
      sql`${table.state} in ('pending', 'requires_action', 'processing', 'authorized', 'captured', 'failed', 'cancelled', 'voided', 'expired')`,
    ),
    check("payment_amount", sql`${table.amount} >= 0`),
    check(
      "payment_sums",
      sql`0 <= ${table.refunded} and ${table.refunded} <= ${table.captured} and ${table.captured} <= ${table.authorized}`,
    ),
    check("payment_held_rest", sql`${table.held} in (0, ${table.authorized} - ${table.captured})`),
    check("payment_capture_target", sql`0 <= ${table.captureTarget} and ${table.captureTarget} <= ${table.amount}`),
    check("payment_refund_held", sql`0 <= ${table.refundHeld} and ${table.refundHeld} <= ${table.captured}`),
    check("payment_given_outside", sql`0 <= ${table.givenOutside}`),
    check(
      "payment_credited",
      sql`0 <= ${table.credited} and ${table.refundHeld} + ${table.credited} <= ${table.captured}`,
    ),
  ],
);

export type PaymentRequestState = "open" | "paid" | "cancelled" | "expired";

/** Money that is asked for an order beside what its checkout paid: for an edit, a draft, an exchange. */
export const paymentRequest = payments.table(
  "payment_request",
  {
    id: idColumn("id", "prq").primaryKey(),
    orderId: idColumn("order_id", "ord").notNull(),
    /** What it is asked for; the same cause is the same request. */
    cause: text("cause").notNull(),
    state: text("state").$type<PaymentRequestState>().notNull(),
    amount: amountColumn("amount").notNull(),
    currency: currencyColumn().notNull(),
    /** How often somebody has begun to pay it; names the key of the attempt. */
    attempts: integer("attempts").notNull().default(0),
    expiresAt: instantColumn("expires_at").notNull(),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("payment_request_cause").on(table.cause),
    index("payment_request_order").on(table.orderId),
    index("payment_request_open").on(table.expiresAt).where(sql`${table.state} = 'open'`),
    check("payment_request_state", sql`${table.state} in ('open', 'paid', 'cancelled', 'expired')`),
    check("payment_request_amount", sql`${table.amount} > 0`),
  ],
);

/** Who has asked to capture how much of an order, once a cause. */
export const captureRequest = payments.table(
  "capture_request",
  {
    cause: text("cause").primaryKey(),
    orderId: idColumn("order_id", "ord").notNull(),
    amount: amountColumn("amount").notNull(),
    currency: currencyColumn().notNull(),
    createdAt: instantColumn("created_at").notNull(),
  },
  (table) => [
    index("capture_request_order").on(table.orderId),
    check("capture_request_amount", sql`${table.amount} >= 0`),
  ],
);

/** What providers have said about money; append-only, and the source of every amount above. */
export const paymentEvent = payments.table(
  "payment_event",
  {
    id: idColumn("id", "evt").primaryKey(),
    paymentId: idColumn("payment_id", "pay")
      .notNull()
      .references(() => payment.id),
    provider: text("provider").$type<ProviderName>().notNull(),
    reference: text("reference").notNull(),
    type: text("type").$type<FactType>().notNull(),
    amount: amountColumn("amount"),
    currency: currencyColumn(),
    /** The fact's other members: until, declineCode, refundId, reason. */
    data: jsonb("data").notNull(),
    recordedAt: instantColumn("recorded_at").notNull(),
  },
  (table) => [
    uniqueIndex("payment_event_once").on(table.provider, table.reference, table.type),
    index("payment_event_payment").on(table.paymentId),
    check(
      "payment_event_type",
      sql`${table.type} in ('authorized', 'captured', 'released', 'voided', 'expired', 'failed', 'refunded', 'refund_failed', 'disputed', 'dispute_answered', 'dispute_won', 'dispute_lost')`,
    ),
  ],
);
