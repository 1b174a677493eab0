import { sql } from "drizzle-orm";
import { bigserial, check, index, integer, text, uniqueIndex } from "drizzle-orm/pg-core";
import { idColumn, instantColumn } from "../../platform/db/columns.ts";
import type { ProviderName } from "./payment.ts";
import { payments } from "./schema.ts";

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
