import type { NextAction } from "@stoa/read-models";
import { sql } from "drizzle-orm";
import {
  bigserial,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { amountColumn, currencyColumn, idColumn, instantColumn } from "../../platform/db/columns.ts";
import type { DescribedActor } from "../../platform/rpc/index.ts";
import { giftCard } from "./credits/tables.ts";
import type { DisputeState } from "./dispute-facts.ts";
import type { LedgerAccountKind } from "./ledger.ts";
import type { FactType, PaymentState, ProviderName, RefundState, RefundTo } from "./payment.ts";
import type { MismatchKind } from "./reconcile/mismatch.ts";
import type { RepairAction } from "./reconcile/repair.ts";
import { payments } from "./schema.ts";

export * from "./credits/tables.ts";
export * from "./saved/tables.ts";
export { payments };

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

/** How an event's origin was proved. */
export type EventVerdict = "signature_valid" | "provider_confirmed";
export type EventResult = "applied" | "ignored" | "unmatched" | "mismatch" | "failed";

/** The inbox of provider webhooks: stored first, answered, then applied. */
export const providerEvent = payments.table(
  "provider_event",
  {
    id: idColumn("id", "evt").primaryKey(),
    provider: text("provider").$type<ProviderName>().notNull(),
    eventId: text("event_id").notNull(),
    type: text("type").notNull(),
    rawBody: text("raw_body").notNull(),
    verdict: text("verdict").$type<EventVerdict>().notNull(),
    paymentId: idColumn("payment_id", "pay"),
    result: text("result").$type<EventResult>(),
    error: text("error"),
    attempts: integer("attempts").notNull().default(0),
    receivedAt: instantColumn("received_at").notNull(),
    /** When the sweep tries to apply it, if nobody has by then. */
    retryAt: instantColumn("retry_at").notNull(),
    /** When it was dealt with for good; its result says how. */
    appliedAt: instantColumn("applied_at"),
  },
  (table) => [
    uniqueIndex("provider_event_once").on(table.provider, table.eventId),
    index("provider_event_unapplied").on(table.retryAt).where(sql`${table.appliedAt} is null`),
    index("provider_event_recent").on(table.receivedAt),
    check("provider_event_verdict", sql`${table.verdict} in ('signature_valid', 'provider_confirmed')`),
    check("provider_event_result", sql`${table.result} in ('applied', 'ignored', 'unmatched', 'mismatch', 'failed')`),
  ],
);

export type CallOutcome = "ok" | "declined" | "rejected" | "unknown" | "not_sent";

/** Every call to a provider. Written in batches beside the work; nothing is decided from it. */
export const providerCall = payments.table(
  "provider_call",
  {
    seq: bigserial("seq", { mode: "number" }).primaryKey(),
    paymentId: idColumn("payment_id", "pay"),
    provider: text("provider").$type<ProviderName>().notNull(),
    operation: text("operation").notNull(),
    key: text("key"),
    outcome: text("outcome").$type<CallOutcome>().notNull(),
    status: integer("status"),
    code: text("code"),
    latencyMs: integer("latency_ms").notNull(),
    at: instantColumn("at").notNull(),
  },
  (table) => [
    index("provider_call_payment").on(table.paymentId),
    index("provider_call_recent").on(table.at),
    check("provider_call_outcome", sql`${table.outcome} in ('ok', 'declined', 'rejected', 'unknown', 'not_sent')`),
  ],
);

export const ledgerAccount = payments.table(
  "ledger_account",
  { code: text("code").primaryKey(), kind: text("kind").$type<LedgerAccountKind>().notNull() },
  (table) => [check("ledger_account_kind", sql`${table.kind} in ('memo', 'asset', 'liability', 'income', 'expense')`)],
);

/** What belongs together in the ledger. Each posting is about one payment, or about one gift card. */
export const ledgerPosting = payments.table(
  "ledger_posting",
  {
    key: text("key").primaryKey(),
    paymentId: idColumn("payment_id", "pay").references(() => payment.id),
    giftCardId: idColumn("gift_card_id", "gft").references(() => giftCard.id),
    postedAt: instantColumn("posted_at").notNull(),
  },
  (table) => [
    index("ledger_posting_payment").on(table.paymentId),
    index("ledger_posting_gift_card").on(table.giftCardId).where(sql`${table.giftCardId} is not null`),
    check("ledger_posting_subject", sql`(${table.paymentId} is null) <> (${table.giftCardId} is null)`),
  ],
);

/** A debit is positive, a credit negative. A deferred trigger refuses a posting whose entries do not add up to zero. */
export const ledgerEntry = payments.table(
  "ledger_entry",
  {
    postingKey: text("posting_key").notNull(),
    line: integer("line").notNull(),
    account: text("account").notNull(),
    currency: currencyColumn().notNull(),
    amount: amountColumn("amount").notNull(),
  },
  (table) => [
    primaryKey({ name: "ledger_entry_pkey", columns: [table.postingKey, table.line] }),
    foreignKey({ name: "ledger_entry_posting", columns: [table.postingKey], foreignColumns: [ledgerPosting.key] }),
    foreignKey({ name: "ledger_entry_account", columns: [table.account], foreignColumns: [ledgerAccount.code] }),
    index("ledger_entry_account_balance").on(table.account, table.currency),
  ],
);

/** A comparison of our books with a provider's own. */
export const reconciliationRun = payments.table(
  "reconciliation_run",
  {
    id: idColumn("id", "rcn").primaryKey(),
    /** A run of one name is made once; the nightly ones are named by their day. */
    name: text("name").notNull(),
    provider: text("provider").$type<ProviderName>().notNull(),
    fromAt: instantColumn("from_at").notNull(),
    untilAt: instantColumn("until_at").notNull(),
    /** Who asked: `nightly`, `cli`, or a staff member's id. */
    trigger: text("trigger").notNull(),
    /** False only lists. */
    repairs: boolean("repairs").notNull().default(true),
    state: text("state").$type<"running" | "done" | "failed">().notNull(),
    /** Everything before this has been compared; a run that broke off goes on from here. */
    coveredUntil: instantColumn("covered_until"),
    /** Until when somebody is at it. */
    leaseUntil: instantColumn("lease_until"),
    /** Turns that failed, one after another. */
    failures: integer("failures").notNull().default(0),
    /** Until when the provider's statement told of what it did; later movements are for the next run. */
    statementUntil: instantColumn("statement_until"),
    /** Lines of the provider's statement, and those among them that bear no mark of ours. */
    listed: integer("listed").notNull().default(0),
    unmarked: integer("unmarked").notNull().default(0),
    compared: integer("compared").notNull().default(0),
    found: integer("found").notNull().default(0),
    repaired: integer("repaired").notNull().default(0),
    error: text("error"),
    startedAt: instantColumn("started_at").notNull(),
    finishedAt: instantColumn("finished_at"),
  },
  (table) => [
    uniqueIndex("reconciliation_run_name").on(table.name),
    index("reconciliation_run_recent").on(table.startedAt),
    index("reconciliation_run_open").on(table.leaseUntil).where(sql`${table.state} = 'running'`),
    check("reconciliation_run_state", sql`${table.state} in ('running', 'done', 'failed')`),
  ],
);

/** What did not agree, and what was done about it. */
export const reconciliationItem = payments.table(
  "reconciliation_item",
  {
    seq: bigserial("seq", { mode: "number" }).primaryKey(),
    runId: idColumn("run_id", "rcn")
      .notNull()
      .references(() => reconciliationRun.id),
    kind: text("kind").$type<MismatchKind>().notNull(),
    reference: text("reference"),
    paymentId: idColumn("payment_id", "pay"),
    orderId: idColumn("order_id", "ord"),
    ours: jsonb("ours"),
    theirs: jsonb("theirs"),
    action: text("action").$type<RepairAction>(),
    result: text("result").$type<"repaired" | "listed" | "failed">().notNull(),
    note: text("note"),
    at: instantColumn("at").notNull(),
  },
  (table) => [
    index("reconciliation_item_run").on(table.runId),
    check(
      "reconciliation_item_kind",
      sql`${table.kind} in ('missing_here', 'missing_there', 'amount_differs', 'state_differs', 'duplicate_charge')`,
    ),
    check("reconciliation_item_result", sql`${table.result} in ('repaired', 'listed', 'failed')`),
  ],
);
