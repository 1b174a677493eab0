import { cutPage, money, type OrderId, type Page, toTimestamp } from "@stoa/kernel";
import { and, asc, desc, eq, inArray, sql } from "drizzle-orm";
import { type Database, isBehind } from "../../platform/db/index.ts";
import type { ProviderName } from "./payment.ts";
import { dispute, type EventResult, payment, paymentEvent, providerCall, providerEvent, refund } from "./tables.ts";

const CALLS_SHOWN_MAX = 200;

/** Everything that the dashboard shows about how an order was paid, newest attempt first. */
export async function paymentDetails(db: Database, orderId: OrderId) {
  const rows = await db.select().from(payment).where(eq(payment.orderId, orderId)).orderBy(desc(payment.attempt));
  const ids = rows.map((row) => row.id);
  if (ids.length === 0) return [];
  const [events, refunds, disputes, calls] = await Promise.all([
    db.select().from(paymentEvent).where(inArray(paymentEvent.paymentId, ids)).orderBy(asc(paymentEvent.recordedAt)),
    db.select().from(refund).where(inArray(refund.paymentId, ids)).orderBy(asc(refund.createdAt)),
    db.select().from(dispute).where(inArray(dispute.paymentId, ids)).orderBy(asc(dispute.openedAt)),
    db
      .select()
      .from(providerCall)
      .where(inArray(providerCall.paymentId, ids))
      .orderBy(desc(providerCall.seq))
      .limit(CALLS_SHOWN_MAX),
  ]);
  const of = <T extends { readonly paymentId: string | null }>(all: readonly T[], id: string) =>
    all.filter((one) => one.paymentId === id);
  return rows.map((row) => ({
    id: row.id,
    attempt: row.attempt,
    provider: row.provider,
    providerReference: row.providerReference,
    state: row.state,
    amount: money(row.amount, row.currency),
    authorized: money(row.authorized, row.currency),
    captured: money(row.captured, row.currency),
    refunded: money(row.refunded, row.currency),
    credited: money(row.credited, row.currency),
    declineCode: row.declineCode,
    authorizedUntil: row.authorizedUntil && toTimestamp(row.authorizedUntil),
    createdAt: toTimestamp(row.createdAt),
    events: of(events, row.id).map(shownEvent),
    refunds: of(refunds, row.id).map(shownRefund),
    disputes: of(disputes, row.id).map(shownDispute),
    calls: of(calls, row.id).map(shownCall),
  }));
}

function shownEvent({ type, reference, amount, currency, recordedAt }: typeof paymentEvent.$inferSelect) {
  const told = amount === null || currency === null ? null : money(amount, currency);
  return { type, reference, amount: told, at: toTimestamp(recordedAt) };
}

function shownRefund({ id, state, amount, currency, reason, createdAt }: typeof refund.$inferSelect) {
  return { id, state, amount: money(amount, currency), reason, at: toTimestamp(createdAt) };
}

function shownDispute(row: typeof dispute.$inferSelect) {
  const { reference, state, amount, currency, reason, evidence, dueAt, openedAt } = row;
  return {
    ...{ reference, state, amount: money(amount, currency), reason, evidence },
    dueAt: dueAt && toTimestamp(dueAt),
    at: toTimestamp(openedAt),
  };
}

function shownCall({ operation, key, outcome, status, code, latencyMs, at }: typeof providerCall.$inferSelect) {
  return { operation, key, outcome, status, code, latencyMs, at: toTimestamp(at) };
}

export interface EventFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly provider?: ProviderName | undefined;
  /** `waiting`: not dealt with yet. */
  readonly result?: EventResult | "waiting" | undefined;
}

export interface InboxEntry {
  readonly id: string;
  readonly provider: ProviderName;
  readonly eventId: string;
  readonly type: string;
  readonly verdict: string;
  readonly result: EventResult | null;
  readonly error: string | null;
  readonly attempts: number;
  readonly paymentId: string | null;
  readonly orderId: string | null;
  readonly receivedAt: string;
  readonly appliedAt: string | null;
}

/** The inbox of provider events, newest first, without their bodies. @throws problem `validation_failed` for a strange cursor. */
export async function listProviderEvents(db: Database, filter: EventFilter): Promise<Page<InboxEntry>> {
  const { provider, result, limit } = filter;
  const matching = and(
    provider && eq(providerEvent.provider, provider),
    result === "waiting" ? sql`${providerEvent.appliedAt} is null` : result && eq(providerEvent.result, result),
  );
  const [rows, [counted]] = await Promise.all([
    db
      .select({ event: providerEvent, orderId: payment.orderId })
      .from(providerEvent)
      .leftJoin(payment, eq(payment.id, providerEvent.paymentId))
      .where(
        and(matching, isBehind(filter.cursor, { at: providerEvent.receivedAt, id: providerEvent.id, prefix: "evt" })),
      )
      .orderBy(desc(providerEvent.receivedAt), desc(providerEvent.id))
      .limit(limit + 1),
    db.select({ total: sql<string>`count(*)` }).from(providerEvent).where(matching),
  ]);
  const { shown, nextCursor } = cutPage(rows, limit, ({ event }) => [event.receivedAt, event.id]);
  return {
    items: shown.map(({ event, orderId }) => ({
      id: event.id,
      provider: event.provider,
      eventId: event.eventId,
      type: event.type,
      verdict: event.verdict,
      result: event.result,
      error: event.error,
      attempts: event.attempts,
      paymentId: event.paymentId,
      orderId,
      receivedAt: toTimestamp(event.receivedAt),
      appliedAt: event.appliedAt && toTimestamp(event.appliedAt),
    })),
    nextCursor,
    total: Number(counted?.total ?? 0),
  };
}
