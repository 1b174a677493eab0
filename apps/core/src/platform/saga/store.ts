import { type Instant, type SagaId, toTimestamp, toUuid } from "@stoa/kernel";
import { and, eq, inArray, isNull, lte, or, type Placeholder, type SQL, sql } from "drizzle-orm";
import { type Database, prepared, type Transaction, type ValueOf } from "../db/index.ts";
import { insertMessages, takeWaiting } from "../outbox/index.ts";
import { type SagaState, type SagaStepState, saga, sagaStep } from "../tables.ts";

export type SagaRow = typeof saga.$inferSelect;
export type SagaStepRow = typeof sagaStep.$inferSelect;

/** The lease was taken by someone else in the meantime; whatever this run was about to write is rolled back. */
export class LostLease extends Error {
  override readonly name = "LostLease";
}

export const liveStates = ["running", "waiting", "unwinding"] as const satisfies readonly SagaState[];

/** Takes the lease and a new fence, or answers null when the saga has ended or somebody else works on it. */
export async function claim(db: Database, id: SagaId, now: Instant, leaseMs: number): Promise<SagaRow | null> {
  const [row] = await db
    .update(saga)
    .set({
      fence: sql`${saga.fence} + 1`,
      leaseUntil: (now + leaseMs) as Instant,
      wakeAt: (now + leaseMs) as Instant,
      updatedAt: now,
    })
    .where(
      and(
        eq(saga.id, id),
        inArray(saga.state, [...liveStates]),
        or(isNull(saga.leaseUntil), lte(saga.leaseUntil, now)),
      ),
    )
    .returning();
  return row ?? null;
}

export interface SagaChange {
  readonly state: SagaState;
  readonly failure: unknown;
  readonly attempts: number;
  readonly isPastPivot: boolean;
  readonly leaseUntil: Instant | null;
  readonly wakeAt: Instant | null;
  readonly updatedAt: Instant;
}

export interface Checkpoint {
  readonly name: string;
  readonly position: number;
  readonly state: SagaStepState;
  readonly output?: unknown;
  readonly attempts: number;
  readonly lastError?: string | null;
  readonly waitsFor?: string | null;
  readonly startedAt: Instant;
  readonly finishedAt: Instant | null;
}

/** What one transaction leaves of a saga. */
export interface SagaWrite {
  readonly change: SagaChange;
  readonly checkpoints: readonly Checkpoint[];
}

/**
 * Writes a saga's row under its fence together with the checkpoints of one transaction and the messages that it has to say, all in
 * one statement, the last before the commit. Answers how often the saga has been woken by now. A wake-up that came since the claim
 * overrules the wait that is being written, so that it cannot be forgotten.
 * @throws LostLease when a later lease was given out, or when an abort came in just before the pivot.
 */
export async function writeSaga(
  tx: Transaction,
  row: SagaRow,
  written: SagaWrite,
): Promise<{ readonly wakes: number }> {
  const { change, checkpoints } = written;
  const passesPivot = change.isPastPivot && !row.isPastPivot;
  const [answered] = await updateSaga(tx, {
    ...changed(change),
    id: toUuid(row.id),
    fence: row.fence,
    wakes: row.wakes,
    isWaiting: change.state === "waiting",
    passesPivot,
    steps: stepRows(checkpoints),
    messages: takeWaiting(tx),
  });
  if (!answered) throw new LostLease(`saga ${row.id} was taken over or aborted`);
  return answered;
}

/** A change as the statements below take it: times in RFC 3339, JSON as text. */
function changed({ state, failure, attempts, isPastPivot, leaseUntil, wakeAt, updatedAt }: SagaChange) {
  return {
    state,
    failure: asJson(failure),
    isPastPivot,
    attempts,
    leaseUntil: asTimestamp(leaseUntil),
    wakeAt: asTimestamp(wakeAt),
    updatedAt: toTimestamp(updatedAt),
  };
}

interface SagaUpdate extends ReturnType<typeof changed> {
  readonly id: string;
  readonly fence: number;
  readonly wakes: number;
  readonly isWaiting: boolean;
  readonly passesPivot: boolean;
  readonly steps: string;
  readonly messages: string;
}

const updateSaga = prepared(
  (_, value: ValueOf<SagaUpdate>) => sql<{ wakes: number }>`
    with written as (
      update platform.saga set state = ${value("state")}, failure = ${value("failure")}::jsonb,
        is_past_pivot = ${value("isPastPivot")}, attempts = ${value("attempts")},
        updated_at = ${value("updatedAt")}::timestamptz, lease_until = ${value("leaseUntil")}::timestamptz,
        wake_at = case when ${value("isWaiting")}::boolean and wakes <> ${value("wakes")}
          then ${value("updatedAt")}::timestamptz else ${value("wakeAt")}::timestamptz end
      where id = ${value("id")}::uuid and fence = ${value("fence")}
        and (not ${value("passesPivot")}::boolean or abort is null)
      returning id, wakes
    ), ${insertSteps(value("steps"))}, messages as (${insertMessages(value("messages"))})
    select wakes from written`,
);

/** Writes a new saga whose first transaction this is, with its lease taken, its first checkpoints, and the transaction's messages. */
export async function insertBegunSaga(
  tx: Transaction,
  row: SagaRow,
  { change, checkpoints }: SagaWrite,
): Promise<void> {
  await insertSaga(tx, {
    ...changed(change),
    id: toUuid(row.id),
    type: row.type,
    key: row.key,
    input: asJson(row.input),
    fence: row.fence,
    deadlineAt: asTimestamp(row.deadlineAt),
    createdAt: toTimestamp(row.createdAt),
    steps: stepRows(checkpoints),
    messages: takeWaiting(tx),
  });
}

interface SagaInsert extends ReturnType<typeof changed> {
  readonly id: string;
  readonly type: string;
  readonly key: string;
  readonly input: string | null;
  readonly fence: number;
  readonly deadlineAt: string | null;
  readonly createdAt: string;
  readonly steps: string;
  readonly messages: string;
}

const insertSaga = prepared(
  (_, value: ValueOf<SagaInsert>) => sql`
    with written as (
      insert into platform.saga (id, type, key, state, input, failure, is_past_pivot, attempts, fence, lease_until, wake_at,
        deadline_at, created_at, updated_at)
      values (${value("id")}::uuid, ${value("type")}, ${value("key")}, ${value("state")}, ${value("input")}::jsonb,
        ${value("failure")}::jsonb, ${value("isPastPivot")}, ${value("attempts")}, ${value("fence")},
        ${value("leaseUntil")}::timestamptz, ${value("wakeAt")}::timestamptz, ${value("deadlineAt")}::timestamptz,
        ${value("createdAt")}::timestamptz, ${value("updatedAt")}::timestamptz)
      returning id
    ), ${insertSteps(value("steps"))}, messages as (${insertMessages(value("messages"))})
    select from written`,
);

/** Checkpoints as one JSON parameter: the statement stays the same for any number of them. */
function stepRows(checkpoints: readonly Checkpoint[]): string {
  const rows = checkpoints.map(({ startedAt, finishedAt, output, ...rest }) => ({
    ...rest,
    output: output ?? null,
    startedAt: toTimestamp(startedAt),
    finishedAt: finishedAt === null ? null : toTimestamp(finishedAt),
  }));
  return JSON.stringify(rows);
}

/** Writes such rows for the saga in `written`. */
function insertSteps(rows: Placeholder): SQL {
  return sql`steps as (
      insert into platform.saga_step as s (saga_id, name, position, state, output, attempts, last_error, waits_for, started_at, finished_at)
      select w.id, c.name, c.position, c.state, nullif(c.output, 'null'), c.attempts, c."lastError", c."waitsFor", c."startedAt",
        c."finishedAt"
      from written w, jsonb_to_recordset(${rows}::jsonb) as c(name text, position int, state text, output jsonb,
        attempts int, "lastError" text, "waitsFor" text, "startedAt" timestamptz, "finishedAt" timestamptz)
      on conflict (saga_id, name) do update set state = excluded.state, output = coalesce(excluded.output, s.output),
        attempts = excluded.attempts, last_error = excluded.last_error, waits_for = excluded.waits_for,
        finished_at = excluded.finished_at
    )`;
}

/** Gives back a lease that is still ours. Answers false when somebody else holds it by now. */
export async function releaseLease(db: Database, row: SagaRow, now: Instant): Promise<boolean> {
  const released = await db
    .update(saga)
    .set({ leaseUntil: null, wakeAt: now })
    .where(and(eq(saga.id, row.id), eq(saga.fence, row.fence), inArray(saga.state, [...liveStates])))
    .returning({ id: saga.id });
  return released.length > 0;
}

const asTimestamp = (instant: Instant | null) => (instant === null ? null : toTimestamp(instant));

const asJson = (value: unknown) => (value === null || value === undefined ? null : JSON.stringify(value));

/** The checkpoints of a saga, by the names of its steps. */
export async function readSteps(db: Database, id: SagaId): Promise<Map<string, SagaStepRow>> {
  const rows = await db.select().from(sagaStep).where(eq(sagaStep.sagaId, id));
  return new Map(rows.map((row) => [row.name, row]));
}
