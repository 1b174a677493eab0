import { type Instant, type SagaId, toTimestamp, toUuid } from "@stoa/kernel";
import { and, eq, inArray, isNull, lte, or, type SQL, sql } from "drizzle-orm";
import type { Database, Transaction } from "../db/index.ts";
import { insertWaiting } from "../outbox/index.ts";
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
 * one statement, the last before the commit. Answers how often the saga has been woken by now. A wake-up that came since the claim overrules the wait that is being written, so that it cannot be forgotten.
 * @throws LostLease when a later lease was given out, or when an abort came in just before the pivot.
 */
export async function writeSaga(
  tx: Transaction,
  row: SagaRow,
  written: SagaWrite,
): Promise<{ readonly wakes: number }> {
  const { change, checkpoints } = written;
  const passesPivot = change.isPastPivot && !row.isPastPivot;
  const wakeAt = asTimestamp(change.wakeAt);
  const [answered] = await tx.execute<{ wakes: number }>(sql`
    with written as (
      update platform.saga set state = ${change.state}, failure = ${asJson(change.failure)},
        is_past_pivot = ${change.isPastPivot}, attempts = ${change.attempts}, updated_at = ${asTimestamp(change.updatedAt)},
        lease_until = ${asTimestamp(change.leaseUntil)},
        wake_at = case when ${change.state === "waiting"} and wakes <> ${row.wakes}
          then ${asTimestamp(change.updatedAt)} else ${wakeAt} end
      where id = ${toUuid(row.id)}::uuid and fence = ${row.fence} and (not ${passesPivot} or abort is null)
      returning id, wakes
    ), ${insertSteps(checkpoints)}, messages as (${insertWaiting(tx)})
    select wakes from written`);
  if (!answered) throw new LostLease(`saga ${row.id} was taken over or aborted`);
  return answered;
}

/** Writes a new saga whose first transaction this is, with its lease taken, its first checkpoints, and the transaction's messages. */
export async function insertBegunSaga(
  tx: Transaction,
  row: SagaRow,
  { change, checkpoints }: SagaWrite,
): Promise<void> {
  await tx.execute(sql`
    with written as (
      insert into platform.saga (id, type, key, state, input, failure, is_past_pivot, attempts, fence, lease_until, wake_at,
        deadline_at, created_at, updated_at)
      values (${toUuid(row.id)}::uuid, ${row.type}, ${row.key}, ${change.state}, ${asJson(row.input)},
        ${asJson(change.failure)}, ${change.isPastPivot}, ${change.attempts}, ${row.fence}, ${asTimestamp(change.leaseUntil)},
        ${asTimestamp(change.wakeAt)}, ${asTimestamp(row.deadlineAt)}, ${asTimestamp(row.createdAt)},
        ${asTimestamp(change.updatedAt)})
      returning id
    ), ${insertSteps(checkpoints)}, messages as (${insertWaiting(tx)})
    select from written`);
}

/** The checkpoints of the saga in `written`, as one JSON parameter: the statement stays the same for any number of them. */
function insertSteps(checkpoints: readonly Checkpoint[]): SQL {
  const rows = checkpoints.map(({ startedAt, finishedAt, output, ...rest }) => ({
    ...rest,
    output: output ?? null,
    startedAt: toTimestamp(startedAt),
    finishedAt: finishedAt === null ? null : toTimestamp(finishedAt),
  }));
  return sql`steps as (
      insert into platform.saga_step as s (saga_id, name, position, state, output, attempts, last_error, started_at, finished_at)
      select w.id, c.name, c.position, c.state, nullif(c.output, 'null'), c.attempts, c."lastError", c."startedAt", c."finishedAt"
      from written w, jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as c(name text, position int, state text, output jsonb,
        attempts int, "lastError" text, "startedAt" timestamptz, "finishedAt" timestamptz)
      on conflict (saga_id, name) do update set state = excluded.state, output = coalesce(excluded.output, s.output),
        attempts = excluded.attempts, last_error = excluded.last_error, finished_at = excluded.finished_at
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

function asTimestamp(instant: Instant | null): SQL {
  return sql`${instant === null ? null : toTimestamp(instant)}::timestamptz`;
}

function asJson(value: unknown): SQL {
  return sql`${value === null || value === undefined ? null : JSON.stringify(value)}::jsonb`;
}

export async function readSteps(db: Database, id: SagaId): Promise<Map<string, SagaStepRow>> {
  const rows = await db.select().from(sagaStep).where(eq(sagaStep.sagaId, id));
  return new Map(rows.map((row) => [row.name, row]));
}
