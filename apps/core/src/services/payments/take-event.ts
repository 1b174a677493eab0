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

/** Whoever reads the provider's events. @throws when the provider has no credentials. */
export function readerOf(deps: PaymentsDeps, provider: ProviderName) {
  const found = deps.providers.get(provider);
  if (!found) throw new Error(`payment provider ${provider} has no credentials`);
  return found;
}
