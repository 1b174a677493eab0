import { type Instant, money, newId, type PaymentId, statesBefore, toUuid } from "@stoa/kernel";
import type { NextAction } from "@stoa/read-models";
import { and, eq, type SQL, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { type Database, prepared, type Transaction, type ValueOf } from "../../platform/db/index.ts";
import { type LedgerPosting, postingsFor } from "./ledger.ts";
import {
  type FactType,
  isOfDispute,
  matchingFacts,
  type OpenState,
  openStates,
  type PaymentFact,
  type PaymentStanding,
  type PaymentState,
  type ProviderName,
  paymentStates,
  standingOf,
} from "./payment.ts";
import { recordDisputes, recordRefunds } from "./record-claims.ts";
import { payment, paymentEvent } from "./tables.ts";

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
  /** What was new. */
  readonly told: readonly FactType[];
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
  const [locked] = await lockPayment(tx, { id: paymentId });
  if (!locked) throw new Error(`no payment ${paymentId}`);
  const { row } = locked;
  // Events that were read before the lock was ours are older than the row.
  const events = locked.hadToWait ? await readFacts(tx, paymentId) : locked.events.map(factOf);
  const expected = money(row.amount, row.currency);
  const matching = matchingFacts(news.facts, expected);
  const mismatched = news.facts.filter((fact) => !matching.includes(fact));
  const fresh = freshFacts(events, matching);
  const facts = [...events, ...fresh];
  const standing = standingOf(facts, openStateOf(row, news));
  const change = changeOf(row, news, standing, now);
  const written = await writeNews(tx, row, change, {
    events: fresh.map(eventOf),
    postings: freshPostings(row, { before: events, after: facts }),
  });
  await recordRefunds(tx, now, row, { fresh, all: facts });
  await recordDisputes(tx, now, row, { fresh, all: facts });
  const isChanged = fresh.length > 0 || written.state !== row.state;
  const told = fresh.filter((fact) => !isOfDispute(fact, facts)).map((fact) => fact.type);
  return { payment: written, isChanged, told, mismatched };
}

/** The row as it is once the lock is ours, and in the same statement its events as they were when it was asked for. */
const lockPayment = prepared((db, value: ValueOf<{ readonly id: PaymentId }>) => {
  const locked = alias(payment, "locked");
  const events = sql<EventRow[]>`(select coalesce(jsonb_agg(jsonb_build_object('type', e.type, 'reference', e.reference,
      'amount', e.amount, 'currency', e.currency, 'data', e.data) order by e.reference), '[]')
    from payments.payment_event e where e.payment_id = ${payment.id})`;
  // A row that was written meanwhile is another version of it.
  const hadToWait = sql<boolean>`${locked}.xmin <> ${payment}.xmin`;
  return db
    .select({ row: locked, events, hadToWait })
    .from(payment)
    .innerJoin(locked, eq(locked.id, payment.id))
    .where(eq(payment.id, value("id", payment.id)))
    .for("update", { of: locked });
});

const eventsOf = prepared((db, value: ValueOf<{ readonly paymentId: PaymentId }>) =>
  db
    .select()
    .from(paymentEvent)
    .where(eq(paymentEvent.paymentId, value("paymentId", paymentEvent.paymentId)))
    .orderBy(paymentEvent.reference),
);

/** The facts that a payment's events tell. */
export async function readFacts(db: Database | Transaction, paymentId: PaymentId): Promise<PaymentFact[]> {
  const rows = await eventsOf(db, { paymentId });
  return rows.map(factOf);
}

type EventRow = Pick<typeof paymentEvent.$inferSelect, "type" | "reference" | "amount" | "currency" | "data">;

function factOf({ type, reference, amount, currency, data }: EventRow): PaymentFact {
  return {
    // `data` is only ever written by `eventOf`.
    ...(data as Partial<PaymentFact>),
    type,
    reference,
    amount: amount === null || currency === null ? null : money(amount, currency),
  };
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

interface Books {
  readonly events: readonly ReturnType<typeof eventOf>[];
  readonly postings: readonly LedgerPosting[];
}

/** The payment as it now stands, its events and its bookings, in one statement: none of them is ever there without the others. */
async function writeNews(
  tx: Transaction,
  row: PaymentRow,
  change: Change,
  { events, postings }: Books,
): Promise<PaymentRow> {
  const entries = postings.flatMap(({ key, lines }) => lines.map((line, index) => ({ ...line, key, line: index })));
  const [written] = await updateWithBooks(tx, {
    ...change,
    id: row.id,
    provider: row.provider,
    events: JSON.stringify(events),
    postings: JSON.stringify(postings),
    entries: JSON.stringify(entries),
    from: [change.state, ...statesBefore(paymentStates, change.state)],
  });
  if (!written) throw new Error(`payment ${row.id} cannot go from ${row.state} to ${change.state}`);
  return written;
}

type Change = ReturnType<typeof changeOf>;

type UpdateWithBooks = Change & {
  readonly id: PaymentId;
  readonly provider: ProviderName;
  readonly from: readonly PaymentState[];
  /** Each of these three: rows as JSON. */
  readonly events: string;
  readonly postings: string;
  readonly entries: string;
};

const updateWithBooks = prepared((db, value: ValueOf<UpdateWithBooks>) => {
  const [id, at] = [value("id", payment.id), value("updatedAt", payment.updatedAt)];
  const told = db.$with("told", {}).as(sql`
    insert into payments.payment_event (id, payment_id, provider, reference, type, amount, currency, data, recorded_at)
    select e.id, ${id}::uuid, ${value("provider")}::text, e.reference, e.type, e.amount, e.currency, e.data, ${at}::timestamptz
    from jsonb_to_recordset(${value("events")}::jsonb)
      as e(id uuid, reference text, type text, amount bigint, currency text, data jsonb)`);
  const posted = db.$with("posted", {}).as(sql`
    insert into payments.ledger_posting (key, payment_id, posted_at)
    select p.key, ${id}::uuid, ${at}::timestamptz from jsonb_to_recordset(${value("postings")}::jsonb) as p(key text)`);
  const booked = db.$with("booked", {}).as(sql`
    insert into payments.ledger_entry (posting_key, line, account, currency, amount)
    select l.key, l.line, l.account, l.currency, l.amount from jsonb_to_recordset(${value("entries")}::jsonb)
      as l(key text, line int, account text, currency text, amount bigint)`);
  return db
    .with(told, posted, booked)
    .update(payment)
    .set(changed(value))
    .where(and(eq(payment.id, id), sql`${payment.state} = any(${value("from")})`))
    .returning();
});

function changed(value: ValueOf<Change>): Record<keyof Change, SQL> {
  return {
    state: value("state", payment.state),
    authorized: value("authorized", payment.authorized),
    captured: value("captured", payment.captured),
    refunded: value("refunded", payment.refunded),
    held: value("held", payment.held),
    authorizedUntil: value("authorizedUntil", payment.authorizedUntil),
    declineCode: value("declineCode", payment.declineCode),
    nextAction: value("nextAction", payment.nextAction),
    providerReference: value("providerReference", payment.providerReference),
    closedAt: value("closedAt", payment.closedAt),
    hasOpenCall: value("hasOpenCall", payment.hasOpenCall),
    captureFrom: value("captureFrom", payment.captureFrom),
    captureTo: value("captureTo", payment.captureTo),
    captureRound: value("captureRound", payment.captureRound),
    updatedAt: value("updatedAt", payment.updatedAt),
  };
}

/** A fact as a row of the payment's events. */
function eventOf(fact: PaymentFact) {
  return {
    id: toUuid(newId("evt")),
    reference: fact.reference,
    type: fact.type,
    amount: fact.amount?.amount ?? null,
    currency: fact.amount?.currency ?? null,
    data: Object.fromEntries(dataSchemaKeys.flatMap((key) => (fact[key] == null ? [] : [[key, fact[key]]]))),
  };
}

function freshPostings(
  row: PaymentRow,
  facts: { readonly before: readonly PaymentFact[]; readonly after: readonly PaymentFact[] },
): LedgerPosting[] {
  const booked = { paymentId: row.id, provider: row.provider, currency: row.currency };
  return postingsFor(booked, facts.before, facts.after);
}
