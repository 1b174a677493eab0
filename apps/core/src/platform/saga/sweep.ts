import type { SagaId } from "@stoa/kernel";
import { and, inArray, isNull, lte, or } from "drizzle-orm";
import { saga } from "../tables.ts";
import { type RunResult, runSaga, type SagaEngineOptions } from "./engine.ts";
import { liveStates } from "./store.ts";

const SWEEP_BATCH = 50;
/**
 * A saga that asks a silent provider takes as long as its time-outs, and whatever is due behind it must not wait for that. Each holds
 * at most one connection to Postgres at a time, so these leave more than half of a core's pool (20) to shoppers.
 */
const SWEPT_AT_ONCE_MAX = 8;

export interface SweepOptions {
  /** How many sagas are run at once. */
  readonly atOnceMax?: number;
  /** Once it is aborted no further saga is begun; the sweep ends with those under way. */
  readonly stopping?: AbortSignal;
}

/**
 * Runs what should have been woken by now and was not: a lost delivery, a crashed core, a deadline. This is the saga's clock;
 * QStash only wakes it sooner. Any number of processes may sweep: the lease decides who works. A saga that throws is an error in the
 * answer and hinders no other.
 */
export async function sweepSagas(
  engine: SagaEngineOptions,
  { atOnceMax = SWEPT_AT_ONCE_MAX, stopping }: SweepOptions = {},
): Promise<ReadonlyMap<SagaId, RunResult | Error>> {
  const now = engine.clock.now();
  const due = await engine.db
    .select({ id: saga.id })
    .from(saga)
    .where(
      and(
        lte(saga.wakeAt, now),
        inArray(saga.state, [...liveStates]),
        or(isNull(saga.leaseUntil), lte(saga.leaseUntil, now)),
      ),
    )
    .orderBy(saga.wakeAt)
    .limit(SWEEP_BATCH);
  const results = new Map<SagaId, RunResult | Error>();
  const next = due.values();
  const takeTurns = async () => {
    for (const { id } of next) {
      if (stopping?.aborted) return;
      results.set(id, await runSaga(engine, id).catch(asError));
    }
  };
  await Promise.all(Array.from({ length: atOnceMax }, takeTurns));
  return results;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
