import { type Instant, problem, toTimestamp } from "@stoa/kernel";
import { type SQL, sql } from "drizzle-orm";
import { type Database, prepared, type Transaction, type ValueOf } from "../db/index.ts";
import { hashOf, IDEMPOTENCY_TTL_MS, type Replayable } from "./replayable.ts";

/** A key with the answer to its request, as `takesKey` writes them. */
export interface KeyWithAnswer {
  /** Null when the client sent none: there is then nothing to take. */
  readonly idempotencyKey: string | null;
  readonly keyScope: string;
  readonly requestHash: string;
  /** As JSON. */
  readonly answer: string;
  readonly keyFrom: string;
  readonly keyUntil: string;
}

export interface WriteRequest {
  readonly db: Database | Transaction;
  readonly now: Instant;
  /** See `ReplayableRequest`. */
  readonly scope: string;
  readonly key: string | null;
  readonly request: unknown;
}

export interface PlannedWrite<T> {
  readonly value: T;
  /** The one statement that writes everything, with the CTEs of `takesKey`; answers false when it wrote nothing. */
  readonly write: (key: KeyWithAnswer) => Promise<boolean>;
}

/**
 * As `replayable`, for work that only reads, and then writes all it does, the key and the answer too, in one statement: nothing is
 * held while it reads. A second call plans in vain, finds the key taken, and gets the first one's answer.
 * @throws problem `idempotency_key_reused` when the key came with another request within 24 hours.
 */
export async function replayableWrite<T>(
  request: WriteRequest,
  plan: () => Promise<PlannedWrite<T>>,
): Promise<Replayable<T>> {
  const { now, scope, key } = request;
  const requestHash = hashOf(request.request);
  try {
    const { value, write } = await plan();
    const answer = JSON.stringify({ value });
    const [keyFrom, keyUntil] = [toTimestamp(now), toTimestamp((now + IDEMPOTENCY_TTL_MS) as Instant)];
    const isWritten = await write({ idempotencyKey: key, keyScope: scope, requestHash, answer, keyFrom, keyUntil });
    if (isWritten) return { value, replayed: false };
  } catch (error) {
    // What could be done the first time may have become impossible since; its answer stands.
    const recalled = await recall<T>(request, requestHash);
    if (recalled) return recalled;
    throw error;
  }
  const recalled = await recall<T>(request, requestHash);
  if (!recalled) throw new Error(`${scope} wrote nothing`);
  return recalled;
}

async function recall<T>({ db, now, scope, key }: WriteRequest, requestHash: string): Promise<Replayable<T> | null> {
  if (key === null) return null;
  const [stored] = await answerOf(db, { scope, key, at: toTimestamp(now) });
  if (!stored) return null;
  if (stored.requestHash !== requestHash) throw problem("idempotency_key_reused");
  // The answer was written by the function above with the type it returns.
  return { value: (stored.answer as { value: T }).value, replayed: true };
}

const answerOf = prepared(
  (_, value: ValueOf<{ readonly scope: string; readonly key: string; readonly at: string }>) =>
    sql<{ requestHash: string; answer: unknown }>`
    select request_hash as "requestHash", answer from platform.idempotency_key
    where scope = ${value("scope")} and key = ${value("key")} and expires_at > ${value("at")}::timestamptz`,
);

/** CTEs that take the key; `granted` has one row if there is no key, or it was free. */
export function takesKey(value: ValueOf<KeyWithAnswer>): SQL {
  const key = sql`${value("idempotencyKey")}::text`;
  return sql`taken as (
      insert into platform.idempotency_key as k (scope, key, request_hash, answer, created_at, expires_at)
      select ${value("keyScope")}::text, ${key}, ${value("requestHash")}::text, ${value("answer")}::jsonb,
        ${value("keyFrom")}::timestamptz, ${value("keyUntil")}::timestamptz
      where ${key} is not null
      on conflict (scope, key) do update set request_hash = excluded.request_hash, answer = excluded.answer,
        created_at = excluded.created_at, expires_at = excluded.expires_at
      where k.expires_at <= excluded.created_at
      returning k.key
    ),
    granted as (select where ${key} is null or exists (select from taken))`;
}
