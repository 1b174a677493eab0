import { type Instant, problem, type SagaId, toTimestamp } from "@stoa/kernel";
import { and, asc, desc, eq, inArray, like, or, sql } from "drizzle-orm";
import { type Database, prefixPattern, type Transaction } from "../db/index.ts";
import { enqueue } from "../outbox/index.ts";
import { type SagaState, type SagaStepState, saga, sagaStep } from "../tables.ts";
import { sagaRun, WAKE_GRACE_MS } from "./start.ts";
import type { SagaRow, SagaStepRow } from "./store.ts";

const SAGAS_SHOWN_MAX = 50;

/** A saga as the dashboard shows it. */
export interface SagaView {
  readonly id: SagaId;
  readonly type: string;
  readonly key: string;
  readonly state: SagaState;
  readonly failure: { readonly code: string; readonly detail: string | null } | null;
  readonly attempts: number;
  readonly wakeAt: string | null;
  /** Why it does not go on just now, and when it looks again; null while it is at work, and at its end. */
  readonly waits: SagaWait | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly steps: readonly SagaStepView[];
}

export interface SagaWait {
  readonly step: string;
  /** What is waited for, such as `refund` or `shopper`; `failure` when the step could not be done and is tried again. */
  readonly for: string;
  /** What went wrong last, where something did. */
  readonly error: string | null;
  readonly until: string;
}

export interface SagaStepView {
  readonly name: string;
  readonly state: SagaStepState;
  readonly attempts: number;
  readonly output: unknown;
  readonly lastError: string | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

/** All sagas of one key (an order's id) and of its parts (`<key>/<part>`), oldest first, with their steps. */
export async function sagasOf(db: Database | Transaction, key: string): Promise<SagaView[]> {
  const isOf = or(eq(saga.key, key), like(saga.key, prefixPattern(`${key}/`)));
  return withSteps(db, await db.select().from(saga).where(isOf).orderBy(asc(saga.createdAt)).limit(SAGAS_SHOWN_MAX));
}

/** Where one saga stands; null when there is none. Read in the transaction, so that what it decides holds for this turn. */
export async function sagaStateOf(tx: Transaction, type: string, key: string): Promise<SagaState | null> {
  const [row] = await tx
    .select({ state: saga.state })
    .from(saga)
    .where(and(eq(saga.type, type), eq(saga.key, key)));
  return row?.state ?? null;
}

/** The same by its id. */
export async function stateOfSaga(db: Database, id: SagaId): Promise<SagaState | null> {
  const [row] = await db.select({ state: saga.state }).from(saga).where(eq(saga.id, id));
  return row?.state ?? null;
}

/** The sagas in these states that changed last, at most `limit`. */
export async function recentSagas(db: Database, states: readonly SagaState[], limit: number): Promise<SagaView[]> {
  const rows = await db
    .select()
    .from(saga)
    .where(inArray(saga.state, [...states]))
    .orderBy(desc(saga.updatedAt))
    .limit(limit);
  return withSteps(db, rows);
}

/** How many sagas wait for somebody to look. */
export function countStuckSagas(db: Database): Promise<number> {
  return db.$count(saga, eq(saga.state, "stuck"));
}

async function withSteps(db: Database | Transaction, rows: readonly (typeof saga.$inferSelect)[]): Promise<SagaView[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const steps = await db.select().from(sagaStep).where(inArray(sagaStep.sagaId, ids)).orderBy(asc(sagaStep.position));
  return rows.map((row) => ({
    id: row.id,
    type: row.type,
    key: row.key,
    state: row.state,
    failure: failureOf(row.failure),
    attempts: row.attempts,
    wakeAt: row.wakeAt === null ? null : toTimestamp(row.wakeAt),
    waits: waitOf(
      row,
      steps.filter((step) => step.sagaId === row.id),
    ),
    createdAt: toTimestamp(row.createdAt),
    updatedAt: toTimestamp(row.updatedAt),
    steps: steps
      .filter((step) => step.sagaId === row.id)
      .map(({ name, state, attempts, output, lastError, startedAt, finishedAt }) => ({
        name,
        state,
        attempts,
        output,
        lastError,
        startedAt: toTimestamp(startedAt),
        finishedAt: finishedAt === null ? null : toTimestamp(finishedAt),
      })),
  }));
}

function waitOf(row: SagaRow, steps: readonly SagaStepRow[]): SagaWait | null {
  // Under a lease it is at work, or its process has died and another takes it up.
  if (row.wakeAt === null || row.leaseUntil !== null) return null;
  const until = toTimestamp(row.wakeAt);
  const step = steps.findLast(({ state }) => state === "waiting" || state === "started" || state === "undoing");
  if (!step) return null;
  const { name, state, waitsFor, lastError: error } = step;
  if (state === "waiting") return { step: name, for: waitsFor ?? "news", error, until };
  return error === null ? null : { step: name, for: "failure", error, until };
}

function failureOf(stored: unknown): SagaView["failure"] {
  if (stored === null || typeof stored !== "object" || !("code" in stored)) return null;
  const members = "members" in stored && typeof stored.members === "object" ? stored.members : null;
  const detail = members && "detail" in members ? String(members.detail) : null;
  return { code: String(stored.code), detail };
}

/**
 * Lets a stuck saga try again where it stopped: forward behind its pivot, back when it was unwinding.
 * @throws problem `state_conflict` when it is not stuck.
 */
export async function retrySaga(tx: Transaction, now: Instant, id: SagaId): Promise<{ readonly key: string }> {
  // A saga that was on its way back has a step that is being undone, or one that refused.
  const wasUnwinding = sql`exists (select from ${sagaStep} where ${sagaStep.sagaId} = ${saga.id}
    and ${sagaStep.state} in ('undoing', 'refused', 'undone'))`;
  const [row] = await tx
    .update(saga)
    .set({
      state: sql`case when ${wasUnwinding} then 'unwinding' else 'running' end`,
      attempts: 0,
      leaseUntil: null,
      wakes: sql`${saga.wakes} + 1`,
      wakeAt: (now + WAKE_GRACE_MS) as Instant,
      updatedAt: now,
    })
    .where(and(eq(saga.id, id), eq(saga.state, "stuck")))
    .returning({ key: saga.key });
  if (!row) throw problem("state_conflict", { detail: "Only a stuck saga can be tried again." });
  await enqueue(tx, now, [sagaRun.of(row.key, { sagaId: id })]);
  return row;
}

/** Forgets the reasons, in somebody's words, that sagas of these keys were started with. */
export async function forgetReasons(tx: Transaction, keys: readonly string[]): Promise<void> {
  await tx
    .update(saga)
    .set({ input: sql`${saga.input} || '{"reason": null}'::jsonb` })
    .where(and(inArray(saga.key, [...keys]), sql`${saga.input} ->> 'reason' is not null`));
}
