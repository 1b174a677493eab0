import { fromUuid, type Id, type Instant, isId, newId, toTimestamp, toUuid } from "@stoa/kernel";
import { errorMessage } from "@stoa/runtime";
import { and, asc, eq, isNull, lte, or, sql } from "drizzle-orm";
import { prepared, type Transaction, transact, type ValueOf } from "../../platform/db/index.ts";
import { announceNews } from "./announce-news.ts";
import type { PaymentEventDeps, PaymentsDeps, VerbContext } from "./attempt.ts";
import type { ProviderName } from "./payment.ts";
import type { ParsedEvent, PaymentProvider } from "./providers/provider.ts";
import { recordNews } from "./record-news.ts";
import { dropMethod, keepLateMethod } from "./saved/saved-methods.ts";
import { type EventResult, type EventVerdict, payment, paymentEvent, providerEvent } from "./tables.ts";

export type ProviderEventId = Id<"evt">;

export interface ReceivedEvent {
  readonly provider: ProviderName;
  readonly rawBody: string;
  /** How its origin was proved; what was not proved does not come here. */
  readonly verdict: EventVerdict;
}

/** Whoever stored an event applies it; the sweep takes over after this. */
const FIRST_RETRY_MS = 10_000;
const RETRY_MAX_MS = 60 * 60 * 1_000;
const RETRY_FIRST_MS = 5_000;
/** Providers repeat their own events for three days; what nobody could place by then stays as it is. */
const GIVE_UP_MS = 3 * 24 * 60 * 60 * 1_000;
const SWEEP_BATCH = 50;
const ERROR_LENGTH_MAX = 500;

/** Stores a proved event; answers null when it is there already. @throws when the body is not an event of this provider. */
export function storeProviderEvent(deps: PaymentsDeps, event: ReceivedEvent): Promise<ProviderEventId | null> {
  return insertEvent(deps, event, noOldNews);
}

/**
 * The same, but an event that tells nothing which the payment's events do not hold already is dealt with by the same statement:
 * most say what our own call has been answered. Answers the id of one that is left to apply, else null.
 */
export function takeProviderEvent(deps: PaymentsDeps, event: ReceivedEvent): Promise<ProviderEventId | null> {
  return insertEvent(deps, event, oldNews(parsedOrNull(readerOf(deps, event.provider), event.rawBody)));
}

async function insertEvent(deps: PaymentsDeps, event: ReceivedEvent, known: OldNews): Promise<ProviderEventId | null> {
  const now = deps.clock.now();
  const { provider } = event;
  const { eventId, type } = readerOf(deps, provider).identifyEvent(event.rawBody);
  const [stored] = await insert(deps.db, {
    ...known,
    id: toUuid(newId("evt")),
    provider,
    eventId,
    type,
    rawBody: event.rawBody,
    verdict: event.verdict,
    at: toTimestamp(now),
    retryAt: toTimestamp((now + FIRST_RETRY_MS) as Instant),
  });
  return stored && !stored.isOver ? fromUuid("evt", stored.id) : null;
}

interface InsertEvent extends OldNews {
  readonly id: string;
  readonly provider: ProviderName;
  readonly eventId: string;
  readonly type: string;
  readonly rawBody: string;
  readonly verdict: EventVerdict;
  readonly at: string;
  readonly retryAt: string;
}

/** `known` is a row for an event that adds nothing to what is known, and none for every other. */
const insert = prepared((_, value: ValueOf<InsertEvent>) => {
  const [provider, at] = [sql`${value("provider")}::text`, sql`${value("at")}::timestamptz`];
  return sql<{ id: string; isOver: boolean }>`
    with known as (
      select null::uuid as payment_id, 'ignored' as result where ${value("isAboutNothing")}::boolean
      union all
      select p.id, 'applied' from payments.payment p
      where p.id = ${value("paymentId")}::uuid and p.provider = ${provider} and p.provider_reference = ${value("reference")}
        and not exists (
          select from jsonb_to_recordset(${value("facts")}::jsonb) as f(type text, reference text, amount bigint)
          where not exists (
            select from payments.payment_event e
            where e.provider = ${provider} and e.reference = f.reference and e.type = f.type and e.payment_id = p.id
              and e.amount is not distinct from f.amount
          )
        )
    )
    insert into payments.provider_event
      (id, provider, event_id, type, raw_body, verdict, payment_id, result, attempts, received_at, retry_at, applied_at)
    select ${value("id")}::uuid, ${provider}, ${value("eventId")}, ${value("type")}, ${value("rawBody")}, ${value("verdict")},
      (select payment_id from known), (select result from known), (select count(*) from known), ${at},
      ${value("retryAt")}::timestamptz, (select ${at} from known)
    on conflict do nothing
    returning id, applied_at is not null as "isOver"`;
});

/** One that cannot be read is stored all the same; applying it says what is wrong with it. */
function parsedOrNull(reader: PaymentProvider, rawBody: string): ParsedEvent | null {
  try {
    return reader.parseEvent(rawBody);
  } catch {
    return null;
  }
}

/** What an event tells, to be compared with what is known. Without a payment it counts as news. */
interface OldNews {
  readonly isAboutNothing: boolean;
  /** A uuid. */
  readonly paymentId: string | null;
  readonly reference: string | null;
  /** As JSON. */
  readonly facts: string;
}

const noOldNews: OldNews = { isAboutNothing: false, paymentId: null, reference: null, facts: "[]" };

function oldNews(event: ParsedEvent | null): OldNews {
  if (event && !event.about) return { ...noOldNews, isAboutNothing: event.removedMethod === undefined };
  const { paymentId, reference } = event?.about ?? {};
  if (!event || event.facts.length === 0 || !isId("pay", paymentId) || !reference) return noOldNews;
  const facts = event.facts.map(({ type, reference, amount }) => ({ type, reference, amount: amount?.amount ?? null }));
  return { ...noOldNews, paymentId: toUuid(paymentId), reference, facts: JSON.stringify(facts) };
}

/**
 * Applies a stored event in a transaction of its own. Doing so again, or in another order than others, ends alike.
 * Answers null when somebody else has dealt with it or does so right now.
 */
export async function applyProviderEvent(deps: PaymentEventDeps, id: ProviderEventId): Promise<EventResult | null> {
  try {
    return await transact(deps.db, async (tx) => {
      const [row] = await tx
        .select()
        .from(providerEvent)
        .where(and(eq(providerEvent.id, id), isNull(providerEvent.appliedAt)))
        .for("update", { skipLocked: true });
      if (!row) return null;
      const context = { tx, now: deps.clock.now() };
      const applied = await apply(deps, context, row.provider, readerOf(deps, row.provider).parseEvent(row.rawBody));
      await markEvent(context, row, { ...applied, error: null });
      return applied.result;
    });
  } catch (error) {
    await transact(deps.db, async (tx) => {
      const [row] = await tx.select().from(providerEvent).where(eq(providerEvent.id, id)).for("update");
      const text = errorMessage(error, ERROR_LENGTH_MAX);
      if (row) await markEvent({ tx, now: deps.clock.now() }, row, { result: "failed", paymentId: null, error: text });
    });
    return "failed";
  }
}

/** The sweep: applies what nobody has applied, and tries again what could not be placed. Answers how many it looked at. */
export async function applyProviderEvents(deps: PaymentEventDeps): Promise<number> {
  const due = await deps.db
    .select({ id: providerEvent.id })
    .from(providerEvent)
    .where(and(isNull(providerEvent.appliedAt), lte(providerEvent.retryAt, deps.clock.now())))
    .orderBy(asc(providerEvent.retryAt))
    .limit(SWEEP_BATCH);
  for (const { id } of due) await applyProviderEvent(deps, id);
  return due.length;
}

type EventRow = typeof providerEvent.$inferSelect;
type Applied = Pick<EventRow, "paymentId"> & { readonly result: EventResult };

async function apply(
  deps: PaymentEventDeps,
  context: VerbContext,
  provider: ProviderName,
  event: ParsedEvent,
): Promise<Applied> {
  if (event.removedMethod) {
    await dropMethod(context, { provider, reference: event.removedMethod });
    return { result: "applied", paymentId: null };
  }
  if (!event.about) return { result: "ignored", paymentId: null };
  const match = await findPayment(context.tx, provider, event.about);
  if (!match) return { result: "unmatched", paymentId: null };
  const { facts, about } = event;
  await deps.lockOrder(context.tx, match.orderId);
  const recorded = await recordNews(context, match.id, { facts, reference: about.reference });
  const { id: paymentId, state } = recorded.payment;
  if (event.method) await keepLateMethod(context, recorded.payment, event.method);
  // An event without facts may still be what a waiting order waits for, such as a shopper's approval.
  const isAwaited = facts.length === 0 && (state === "requires_action" || state === "processing");
  if (recorded.isChanged || isAwaited) await announceNews(deps, context, recorded.payment, recorded);
  return { result: recorded.mismatched.length > 0 ? "mismatch" : "applied", paymentId };
}

/** The payment that an event is about. One that names our payment but another object at the provider is about none. */
async function findPayment(tx: Transaction, provider: ProviderName, about: NonNullable<ParsedEvent["about"]>) {
  const { paymentId, reference, factReference } = about;
  const byId = isId("pay", paymentId) ? eq(payment.id, paymentId) : undefined;
  const byReference = reference === null ? undefined : eq(payment.providerReference, reference);
  const named = byId || byReference ? or(byId, byReference) : undefined;
  const found = named
    ? await tx
        .select()
        .from(payment)
        .where(and(eq(payment.provider, provider), named))
    : [];
  if (found.length > 0) {
    const [one] = found;
    const isOther = reference !== null && one?.providerReference != null && one.providerReference !== reference;
    return found.length === 1 && one && !isOther ? one : null;
  }
  if (!factReference) return null;
  const [event] = await tx
    .select({ id: payment.id, orderId: payment.orderId })
    .from(paymentEvent)
    .innerJoin(payment, eq(payment.id, paymentEvent.paymentId))
    .where(and(eq(paymentEvent.provider, provider), eq(paymentEvent.reference, factReference)))
    .limit(1);
  return event ?? null;
}

async function markEvent(
  { tx, now }: VerbContext,
  row: EventRow,
  { result, paymentId, error }: Applied & { readonly error: string | null },
): Promise<void> {
  const mayHelp = result === "unmatched" || result === "failed";
  const isOver = !mayHelp || now - row.receivedAt > GIVE_UP_MS;
  const delayMs = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(row.attempts, 20));
  await tx
    .update(providerEvent)
    .set({
      result,
      paymentId,
      error,
      attempts: row.attempts + 1,
      retryAt: (now + delayMs) as Instant,
      appliedAt: isOver ? now : null,
    })
    .where(eq(providerEvent.id, row.id));
}

function readerOf(deps: PaymentsDeps, provider: ProviderName) {
  const found = deps.providers.get(provider);
  if (!found) throw new Error(`payment provider ${provider} has no credentials`);
  return found;
}
