import { fromUuid, type Id, type Instant, isId, newId, toTimestamp, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { prepared, type ValueOf } from "../../platform/db/index.ts";
import type { PaymentsDeps } from "./attempt.ts";
import type { ProviderName } from "./payment.ts";
import type { PaymentProvider } from "./providers/provider.ts";
import type { ParsedEvent } from "./providers/provider-event.ts";
import type { EventVerdict } from "./tables.ts";

export type ProviderEventId = Id<"evt">;

export interface ReceivedEvent {
  readonly provider: ProviderName;
  readonly rawBody: string;
  /** How its origin was proved; what was not proved does not come here. */
  readonly verdict: EventVerdict;
}

/** Whoever stored an event applies it; the sweep takes over after this. */
const FIRST_RETRY_MS = 10_000;

/** An event that is stored and left to apply. */
export interface TakenEvent {
  readonly id: ProviderEventId;
  /** A call of ours about the payment is out, and what it is answered most likely tells the same. */
  readonly isAnswerDue: boolean;
  readonly told: Told;
}

/** Stores a proved event; answers null when it is there already. @throws when the body is not an event of this provider. */
export async function storeProviderEvent(deps: PaymentsDeps, event: ReceivedEvent): Promise<ProviderEventId | null> {
  return (await insertEvent(deps, event, nothingTold(event.provider)))?.id ?? null;
}

/**
 * The same, but an event that tells nothing which the payment's events do not hold already is dealt with by the same statement:
 * most say what our own call has been answered. Answers one that is left to apply, else null.
 */
export function takeProviderEvent(deps: PaymentsDeps, event: ReceivedEvent): Promise<TakenEvent | null> {
  return insertEvent(deps, event, toldBy(event.provider, parsedOrNull(readerOf(deps, event.provider), event.rawBody)));
}

/**
 * Deals with a stored event that tells nothing new by now, without a wait for whoever is at its order. Answers whether it did; if not,
 * the event is left to apply.
 */
export async function settleKnownEvent(
  { db, clock }: Pick<PaymentsDeps, "db" | "clock">,
  { id, told }: TakenEvent,
): Promise<boolean> {
  const [settled] = await settle(db, { ...told, id: toUuid(id), at: toTimestamp(clock.now()) });
  return settled !== undefined;
}

async function insertEvent(deps: PaymentsDeps, event: ReceivedEvent, told: Told): Promise<TakenEvent | null> {
  const now = deps.clock.now();
  const { eventId, type } = readerOf(deps, event.provider).identifyEvent(event.rawBody);
  const [stored] = await insert(deps.db, {
    ...told,
    id: toUuid(newId("evt")),
    eventId,
    type,
    rawBody: event.rawBody,
    verdict: event.verdict,
    at: toTimestamp(now),
    retryAt: toTimestamp((now + FIRST_RETRY_MS) as Instant),
  });
  if (!stored || stored.isOver) return null;
  return { id: fromUuid("evt", stored.id), isAnswerDue: stored.isAnswerDue, told };
}

interface SettleEvent extends Told {
  readonly id: string;
  readonly at: string;
}

interface InsertEvent extends SettleEvent {
  readonly eventId: string;
  readonly type: string;
  readonly rawBody: string;
  readonly verdict: EventVerdict;
  readonly retryAt: string;
}

/** The payment that holds all of what is told already; no row for one that does not. */
const knowing = (value: ValueOf<Told>) => sql`
  select p.id from payments.payment p
  where p.id = ${value("paymentId")}::uuid and p.provider = ${value("provider")}::text
    and p.provider_reference = ${value("reference")}
    and not exists (
      select from jsonb_to_recordset(${value("facts")}::jsonb) as f(type text, reference text, amount bigint)
      where not exists (
        select from payments.payment_event e
        where e.provider = p.provider and e.reference = f.reference and e.type = f.type and e.payment_id = p.id
          and e.amount is not distinct from f.amount
      )
    )`;

/** `known` is a row for an event that adds nothing to what is known, and none for every other. */
const insert = prepared((_, value: ValueOf<InsertEvent>) => {
  const at = sql`${value("at")}::timestamptz`;
  return sql<{ id: string; isOver: boolean; isAnswerDue: boolean }>`
    with known as (
      select null::uuid as payment_id, 'ignored' as result where ${value("isAboutNothing")}::boolean
      union all
      select k.id, 'applied' from (${knowing(value)}) k
    )
    insert into payments.provider_event
      (id, provider, event_id, type, raw_body, verdict, payment_id, result, attempts, received_at, retry_at, applied_at)
    select ${value("id")}::uuid, ${value("provider")}::text, ${value("eventId")}, ${value("type")}, ${value("rawBody")},
      ${value("verdict")}, (select payment_id from known), (select result from known), (select count(*) from known), ${at},
      ${value("retryAt")}::timestamptz, (select ${at} from known)
    on conflict do nothing
    returning id, applied_at is not null as "isOver", exists (
      select from payments.payment p
      where p.id = ${value("paymentId")}::uuid and (p.has_open_call or p.capture_to is not null)
    ) as "isAnswerDue"`;
});

const settle = prepared((_, value: ValueOf<SettleEvent>) => {
  return sql<{ id: string }>`
    update payments.provider_event e
    set payment_id = known.id, result = 'applied', attempts = e.attempts + 1, applied_at = ${value("at")}::timestamptz
    from (${knowing(value)}) known
    where e.id = ${value("id")}::uuid and e.applied_at is null
    returning e.id`;
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
interface Told {
  readonly provider: ProviderName;
  readonly isAboutNothing: boolean;
  /** A uuid. */
  readonly paymentId: string | null;
  readonly reference: string | null;
  /** As JSON. */
  readonly facts: string;
}

const nothingTold = (provider: ProviderName): Told => {
  return { provider, isAboutNothing: false, paymentId: null, reference: null, facts: "[]" };
};

function toldBy(provider: ProviderName, event: ParsedEvent | null): Told {
  const nothing = nothingTold(provider);
  if (event && !event.about) return { ...nothing, isAboutNothing: event.removedMethod === undefined };
  const { paymentId, reference } = event?.about ?? {};
  if (!event || event.facts.length === 0 || !isId("pay", paymentId) || !reference) return nothing;
  const facts = event.facts.map(({ type, reference, amount }) => ({ type, reference, amount: amount?.amount ?? null }));
  return { ...nothing, paymentId: toUuid(paymentId), reference, facts: JSON.stringify(facts) };
}

/** Whoever reads the provider's events. @throws when the provider has no credentials. */
export function readerOf(deps: PaymentsDeps, provider: ProviderName) {
  const found = deps.providers.get(provider);
  if (!found) throw new Error(`payment provider ${provider} has no credentials`);
  return found;
}
