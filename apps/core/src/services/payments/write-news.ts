import { type PaymentId, statesBefore } from "@stoa/kernel";
import { and, eq, sql } from "drizzle-orm";
import { prepared, type Transaction, type ValueOf } from "../../platform/db/index.ts";
import type { LedgerPosting } from "./ledger.ts";
import { type PaymentState, type ProviderName, paymentStates } from "./payment.ts";
import type { eventOf } from "./read-facts.ts";
import type { PaymentRow } from "./record-news.ts";
import { payment } from "./tables.ts";

export interface Books {
  readonly events: readonly ReturnType<typeof eventOf>[];
  readonly postings: readonly LedgerPosting[];
}

/** The payment as it now stands, its events and its bookings, in one statement: none of them is ever there without the others. */
export async function writeNews(
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

/** All of a payment that news can change. */
const changing = [
  "state",
  "authorized",
  "captured",
  "refunded",
  "held",
  "authorizedUntil",
  "declineCode",
  "nextAction",
  "providerReference",
  "closedAt",
  "hasOpenCall",
  "captureFrom",
  "captureTo",
  "captureRound",
  "captureBy",
  "letGoBy",
  "updatedAt",
] as const;
export type Change = Pick<PaymentRow, (typeof changing)[number]>;

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
    .set(Object.fromEntries(changing.map((name) => [name, value(name, payment[name])])))
    .where(and(eq(payment.id, id), sql`${payment.state} = any(${value("from")})`))
    .returning();
});
