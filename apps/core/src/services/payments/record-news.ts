import { type Instant, money, type PaymentId } from "@stoa/kernel";
import type { NextAction } from "@stoa/read-models";
import { and, eq, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { prepared, type Transaction, type ValueOf } from "../../platform/db/index.ts";
import { isOfDispute, isOverturned, toldAnew } from "./dispute-facts.ts";
import { type EndedAct, endedActs } from "./ended-acts.ts";
import { type LedgerPosting, postingsFor } from "./ledger.ts";
import {
  type FactType,
  matchingFacts,
  type OpenState,
  openStates,
  type PaymentFact,
  type PaymentStanding,
  standingOf,
} from "./payment.ts";
import { dataOf, type EventRow, eventOf, factOf, readFacts } from "./read-facts.ts";
import { recordDisputes, recordRefunds } from "./record-claims.ts";
import { payment, paymentEvent } from "./tables.ts";
import { type Change, writeNews } from "./write-news.ts";

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
  /** What the provider did with the capture that was under way, when these news are its answer to it. */
  readonly capture?: "answered" | "refused";
}

export interface Recorded {
  readonly payment: PaymentRow;
  /** Whether the news changed anything that the shop can see. */
  readonly isChanged: boolean;
  /** What was new. */
  readonly told: readonly FactType[];
  /** What somebody had begun and these news have ended; answered once, to whoever brings them. */
  readonly ended: readonly EndedAct[];
  /** Facts about another amount or currency than the order's; none of them was taken. */
  readonly mismatched: readonly PaymentFact[];
}

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
  const facts = [...events, ...freshFacts(events, matching)].map((fact) => asToldBy(fact, matching));
  const fresh = facts.slice(events.length);
  const anew = facts.filter((fact, at) => at < events.length && fact !== events[at]);
  await writeAnew(tx, row, anew);
  const changing = [...fresh, ...anew.filter((fact) => isOverturned(fact, events) && !isOverturned(fact, facts))];
  const standing = standingOf(facts, openStateOf(row, news));
  const change = changeOf(row, news, standing, now);
  const written = await writeNews(tx, row, change, {
    events: fresh.map(eventOf),
    postings: freshPostings(row, { before: events, after: facts }),
  });
  await recordRefunds(tx, now, row, { fresh, all: facts });
  await recordDisputes(tx, now, row, { fresh: [...fresh, ...anew], all: facts });
  const isChanged = changing.length > 0 || written.state !== row.state;
  const told = changing.filter((fact) => !isOfDispute(fact, facts) && !isOverturned(fact, facts));
  return {
    payment: written,
    isChanged,
    told: told.map(({ type }) => type),
    ended: endedActs(row, written),
    mismatched,
  };
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

function freshFacts(known: readonly PaymentFact[], told: readonly PaymentFact[]): PaymentFact[] {
  const seen = new Set(known.map(identityOf));
  return told.filter((fact) => {
    const isNew = !seen.has(identityOf(fact));
    seen.add(identityOf(fact));
    return isNew;
  });
}

/** A fact with every hour at which these tell it. */
const asToldBy = (fact: PaymentFact, told: readonly PaymentFact[]) =>
  told.reduce((known, one) => (identityOf(one) === identityOf(known) ? toldAnew(known, one) : known), fact);

/** Ends of disputes that are on record and were told again as of another hour. */
async function writeAnew(tx: Transaction, { id }: PaymentRow, anew: readonly PaymentFact[]): Promise<void> {
  for (const fact of anew) {
    const isIt = and(eq(paymentEvent.reference, fact.reference), eq(paymentEvent.type, fact.type));
    await tx
      .update(paymentEvent)
      .set({ data: dataOf(fact) })
      .where(and(eq(paymentEvent.paymentId, id), isIt));
  }
}

const identityOf = (fact: { readonly type: FactType; readonly reference: string }) => `${fact.type} ${fact.reference}`;

function openStateOf(row: PaymentRow, news: News): OpenState {
  const held = openStates.find((state) => state === row.state) ?? "pending";
  // "pending" only says that nothing has been heard.
  return news.open === undefined || news.open === "pending" ? held : news.open;
}

function changeOf(row: PaymentRow, news: News, standing: PaymentStanding, now: Instant): Change {
  const isOpen = openStates.some((state) => state === standing.state);
  return {
    ...standing,
    nextAction: standing.state === "requires_action" ? (news.nextAction ?? row.nextAction) : null,
    providerReference: row.providerReference ?? news.reference ?? null,
    closedAt: row.closedAt ?? (news.isClosed && !isOpen ? now : null),
    hasOpenCall: row.hasOpenCall && !news.endsCall,
    ...captureAfter(row, news, standing),
    letGoBy: standing.held > 0 ? row.letGoBy : null,
    updatedAt: now,
  };
}

/** A capture that is under way ends when its amount has been taken, when the provider has refused it, or finds nothing held any more. */
function captureAfter(row: PaymentRow, { capture }: News, standing: PaymentStanding) {
  const { captureFrom, captureTo, captureRound, captureBy } = row;
  const isRefused = capture === "refused" || (capture === "answered" && standing.held === 0);
  const isTaken = captureTo === null || standing.captured >= captureTo;
  if (!isTaken && !isRefused) return { captureFrom, captureTo, captureBy, captureRound };
  return { captureFrom: null, captureTo: null, captureBy: null, captureRound: captureRound + (isTaken ? 0 : 1) };
}

function freshPostings(
  row: PaymentRow,
  facts: { readonly before: readonly PaymentFact[]; readonly after: readonly PaymentFact[] },
): LedgerPosting[] {
  const booked = { paymentId: row.id, provider: row.provider, currency: row.currency };
  return postingsFor(booked, facts.before, facts.after);
}
