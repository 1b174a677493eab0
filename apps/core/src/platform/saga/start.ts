import { type Instant, idSchema, newId, type SagaId } from "@stoa/kernel";
import { and, eq, inArray, isNotNull, isNull, or, sql } from "drizzle-orm";
import { z } from "zod";
import type { Transaction } from "../db/index.ts";
import { defineMessage, enqueue } from "../outbox/index.ts";
import { saga } from "../tables.ts";
import type { Failure, SagaType } from "./plan.ts";
import { liveStates, type SagaRow } from "./store.ts";

/** Wakes a saga; carried by QStash. Running an ended or a busy one does nothing. */
export const sagaRun = defineMessage("queue", "saga.run", z.object({ sagaId: idSchema("saga") }));

/** How long after a promised delivery the sweeper steps in for it. */
export const WAKE_GRACE_MS = 3_000;

export interface StartSaga<I> {
  readonly saga: SagaType<I>;
  /** One saga per (type, key), e.g. the order's id. */
  readonly key: string;
  readonly input: I;
  readonly deadlineAt?: Instant | null;
}

/** Puts a saga and the message that wakes it into the caller's transaction. */
export async function startSaga<I>(tx: Transaction, now: Instant, start: StartSaga<I>): Promise<SagaId> {
  const row = newSaga(now, start);
  await tx.insert(saga).values(row);
  await enqueue(tx, now, [sagaRun.of(start.key, { sagaId: row.id })]);
  return row.id;
}

/** A saga before anybody has worked on it. */
export function newSaga<I>(now: Instant, start: StartSaga<I>): SagaRow {
  return {
    id: newId("saga"),
    type: start.saga.type,
    key: start.key,
    state: "running",
    input: start.input,
    failure: null,
    abort: null,
    isPastPivot: false,
    attempts: 0,
    fence: 0,
    wakes: 0,
    leaseUntil: null,
    wakeAt: (now + WAKE_GRACE_MS) as Instant,
    deadlineAt: start.deadlineAt ?? null,
    createdAt: now,
    updatedAt: now,
  };
}

/** Something a waiting saga waits for has happened: wakes it now. Harmless when it does not wait. */
export async function wakeSaga(tx: Transaction, now: Instant, type: string, key: string): Promise<void> {
  const woken = await tx
    .update(saga)
    .set({ wakes: sql`${saga.wakes} + 1`, wakeAt: soon(now) })
    .where(and(eq(saga.type, type), eq(saga.key, key), inArray(saga.state, [...liveStates])))
    .returning({ id: saga.id });
  await enqueue(
    tx,
    now,
    woken.map((row) => sagaRun.of(key, { sagaId: row.id })),
  );
}

/**
 * Makes a saga unwind with the given failure, if it still can: answers false when it has passed its pivot, has ended,
 * or is unwinding already. The pivot and this statement meet at the same row, so exactly one of them wins.
 */
export async function abortSaga(
  tx: Transaction,
  now: Instant,
  target: { readonly type: string; readonly key: string; readonly failure: Failure },
): Promise<boolean> {
  const aborted = await tx
    .update(saga)
    .set({ abort: target.failure, wakes: sql`${saga.wakes} + 1`, wakeAt: soon(now) })
    .where(
      and(
        eq(saga.type, target.type),
        eq(saga.key, target.key),
        eq(saga.isPastPivot, false),
        isNull(saga.abort),
        inArray(saga.state, ["running", "waiting"]),
      ),
    )
    .returning({ id: saga.id });
  await enqueue(
    tx,
    now,
    aborted.map((row) => sagaRun.of(target.key, { sagaId: row.id })),
  );
  return aborted.length > 0;
}

/** Whether a saga takes back what it has done, or is about to. */
export async function isUnwinding(
  tx: Transaction,
  target: { readonly type: string; readonly key: string },
): Promise<boolean> {
  const isBack = or(isNotNull(saga.abort), eq(saga.state, "unwinding"));
  const found = await tx
    .select({ id: saga.id })
    .from(saga)
    .where(and(eq(saga.type, target.type), eq(saga.key, target.key), eq(saga.isPastPivot, false), isBack));
  return found.length > 0;
}

function soon(now: Instant) {
  return sql`least(${saga.wakeAt}, ${new Date(now + WAKE_GRACE_MS).toISOString()}::timestamptz)`;
}
