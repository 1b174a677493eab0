import type { Instant, SagaId } from "@stoa/kernel";
import { and, eq, inArray, isNull, lte, or, sql } from "drizzle-orm";
import type { Database, Transaction } from "../db/index.ts";
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

/**
 * Writes the saga's row under its fence, and answers how often it has been woken by now. A wake-up that came since the claim
 * overrules the wait that is being written, so that it cannot be forgotten.
 * @throws LostLease when a later lease was given out, or when an abort came in just before the pivot.
 */
export async function writeSaga(
  tx: Transaction,
  row: SagaRow,
  change: SagaChange,
): Promise<{ readonly wakes: number }> {
  const passesPivot = change.isPastPivot && !row.isPastPivot;
  const wakeAt =
    change.state === "waiting" && change.wakeAt !== null
      ? sql`case when ${saga.wakes} = ${row.wakes} then ${asTimestamp(change.wakeAt)} else ${asTimestamp(change.updatedAt)} end`
      : change.wakeAt;
  const [written] = await tx
    .update(saga)
    .set({ ...change, wakeAt })
    .where(and(eq(saga.id, row.id), eq(saga.fence, row.fence), passesPivot ? isNull(saga.abort) : undefined))
    .returning({ wakes: saga.wakes });
  if (!written) throw new LostLease(`saga ${row.id} was taken over or aborted`);
  return written;
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

function asTimestamp(instant: Instant) {
  return sql`${new Date(instant).toISOString()}::timestamptz`;
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

/** Writes the checkpoints of one transaction in one statement. */
export async function writeCheckpoints(tx: Transaction, id: SagaId, checkpoints: readonly Checkpoint[]): Promise<void> {
  if (checkpoints.length === 0) return;
  await tx
    .insert(sagaStep)
    .values(checkpoints.map((checkpoint) => ({ sagaId: id, lastError: null, output: null, ...checkpoint })))
    .onConflictDoUpdate({
      target: [sagaStep.sagaId, sagaStep.name],
      set: {
        state: sql`excluded.state`,
        output: sql`coalesce(excluded.output, ${sagaStep.output})`,
        attempts: sql`excluded.attempts`,
        lastError: sql`excluded.last_error`,
        finishedAt: sql`excluded.finished_at`,
      },
    });
}

export async function readSteps(db: Database, id: SagaId): Promise<Map<string, SagaStepRow>> {
  const rows = await db.select().from(sagaStep).where(eq(sagaStep.sagaId, id));
  return new Map(rows.map((row) => [row.name, row]));
}
