import { type Instant, money, newId, type PaymentId, statesBefore } from "@stoa/kernel";
import type { NextAction } from "@stoa/read-models";
import { and, eq, inArray } from "drizzle-orm";
import type { Database, Transaction } from "../../platform/db/index.ts";
import { postingsFor } from "./ledger.ts";
import {
  type FactType,
  matchingFacts,
  type OpenState,
  openStates,
  type PaymentFact,
  type PaymentStanding,
  paymentStates,
  standingOf,
} from "./payment.ts";
import { recordDisputes, recordRefunds } from "./record-claims.ts";
import { ledgerEntry, ledgerPosting, payment, paymentEvent } from "./tables.ts";

export type PaymentRow = typeof payment.$inferSelect;

export interface News {
  readonly facts: readonly PaymentFact[];
  /** What holds as long as no fact decides; left out, what held before. */
  readonly open?: OpenState;
  readonly nextAction?: NextAction | null;
  readonly reference?: string | null;
  readonly isClosed?: boolean;
  /** True when these news are the answer to our own call. */
  readonly endsCall?: boolean;
  /** True when the provider has refused the capture that was under way. */
  readonly endsCapture?: boolean;
}

export interface Recorded {
  readonly payment: PaymentRow;
  /** Whether the news changed anything that the shop can see. */
  readonly isChanged: boolean;
  /** Facts about another amount or currency than the order's; none of them was taken. */
  readonly mismatched: readonly PaymentFact[];
}

const dataSchemaKeys = ["until", "declineCode", "refundId", "isTotal", "captureReference", "reason"] as const;

/**
 * Writes what a provider said: events, the state that they add up to, and the ledger, in the caller's transaction.
 * The payment's row is locked first, so news of one payment are taken one after another; any order and any repetition of the same
 * news end alike.
 * @throws when the payment does not exist.
 */
export async function recordNews(
  { tx, now }: { readonly tx: Transaction; readonly now: Instant },
  paymentId: PaymentId,
  news: News,
): Promise<Recorded> {
  const [row] = await tx.select().from(payment).where(eq(payment.id, paymentId)).for("update");
  if (!row) throw new Error(`no payment ${paymentId}`);
  // Only now: what was read before the lock was ours could be older than the row.
  const events = await readFacts(tx, paymentId);
  const expected = money(row.amount, row.currency);
  const matching = matchingFacts(news.facts, expected);
  const mismatched = news.facts.filter((fact) => !matching.includes(fact));
  const fresh = freshFacts(events, matching);
  const facts = [...events, ...fresh];
  const standing = standingOf(facts, openStateOf(row, news));
  const change = changeOf(row, news, standing, now);
  const [written] = await Promise.all([
    updatePayment(tx, row, change),
    insertFacts(tx, row, now, fresh),
    post(tx, row, now, { before: events, after: facts }),
  ]);
  await Promise.all([recordRefunds(tx, now, row, fresh), recordDisputes(tx, now, row, fresh)]);
  return { payment: written, isChanged: fresh.length > 0 || written.state !== row.state, mismatched };
}

/** The facts that a payment's events tell. */
export async function readFacts(db: Database | Transaction, paymentId: PaymentId): Promise<PaymentFact[]> {
  const rows = await db
    .select()
    .from(paymentEvent)
    .where(eq(paymentEvent.paymentId, paymentId))
    .orderBy(paymentEvent.reference);
  return rows.map(({ type, reference, amount, currency, data }) => ({
    // `data` is only ever written by insertFacts.
    ...(data as Partial<PaymentFact>),
    type,
    reference,
    amount: amount === null || currency === null ? null : money(amount, currency),
  }));
}

function freshFacts(known: readonly PaymentFact[], told: readonly PaymentFact[]): PaymentFact[] {
  const seen = new Set(known.map(identityOf));
  return told.filter((fact) => {
    const isNew = !seen.has(identityOf(fact));
    seen.add(identityOf(fact));
    return isNew;
  });
}

const identityOf = (fact: { readonly type: FactType; readonly reference: string }) => `${fact.type} ${fact.reference}`;

function openStateOf(row: PaymentRow, news: News): OpenState {
  const held = openStates.find((state) => state === row.state) ?? "pending";
  // "pending" only says that nothing has been heard.
  return news.open === undefined || news.open === "pending" ? held : news.open;
}

function changeOf(row: PaymentRow, news: News, standing: PaymentStanding, now: Instant) {
  const isOpen = openStates.some((state) => state === standing.state);
  return {
    ...standing,
    nextAction: standing.state === "requires_action" ? (news.nextAction ?? row.nextAction) : null,
    providerReference: row.providerReference ?? news.reference ?? null,
    closedAt: row.closedAt ?? (news.isClosed && !isOpen ? now : null),
    hasOpenCall: row.hasOpenCall && !news.endsCall,
    ...captureAfter(row, news, standing),
    updatedAt: now,
  };
}

/** A capture that is under way ends when its amount has been taken, or the provider has refused it. */
function captureAfter({ captureFrom, captureTo, captureRound }: PaymentRow, news: News, standing: PaymentStanding) {
  const isOver = captureTo === null || news.endsCapture === true || standing.captured >= captureTo;
  return isOver
    ? { captureFrom: null, captureTo: null, captureRound: captureRound + (news.endsCapture ? 1 : 0) }
    : { captureFrom, captureTo, captureRound };
}

async function updatePayment(
  tx: Transaction,
  row: PaymentRow,
  change: ReturnType<typeof changeOf>,
): Promise<PaymentRow> {
  const from = [change.state, ...statesBefore(paymentStates, change.state)];
  const [written] = await tx
    .update(payment)
    .set(change)
    .where(and(eq(payment.id, row.id), inArray(payment.state, from)))
    .returning();
  if (!written) throw new Error(`payment ${row.id} cannot go from ${row.state} to ${change.state}`);
  return written;
}

async function insertFacts(
  tx: Transaction,
  row: PaymentRow,
  now: Instant,
  facts: readonly PaymentFact[],
): Promise<void> {
  if (facts.length === 0) return;
  await tx.insert(paymentEvent).values(
    facts.map((fact) => ({
      id: newId("evt"),
      paymentId: row.id,
      provider: row.provider,
      reference: fact.reference,
      type: fact.type,
      amount: fact.amount?.amount ?? null,
      currency: fact.amount?.currency ?? null,
      data: Object.fromEntries(dataSchemaKeys.flatMap((key) => (fact[key] == null ? [] : [[key, fact[key]]]))),
      recordedAt: now,
    })),
  );
}

async function post(
  tx: Transaction,
  row: PaymentRow,
  now: Instant,
  facts: { readonly before: readonly PaymentFact[]; readonly after: readonly PaymentFact[] },
): Promise<void> {
  const booked = { paymentId: row.id, provider: row.provider, currency: row.currency };
  const postings = postingsFor(booked, facts.before, facts.after);
  if (postings.length === 0) return;
  await tx.insert(ledgerPosting).values(postings.map(({ key }) => ({ key, paymentId: row.id, postedAt: now })));
  await tx
    .insert(ledgerEntry)
    .values(postings.flatMap(({ key, lines }) => lines.map((entry, line) => ({ ...entry, postingKey: key, line }))));
}
