import type { SagaId } from "@stoa/kernel";
import { and, isNull, lte, or } from "drizzle-orm";
import { saga } from "../tables.ts";
import { type RunResult, runSaga, type SagaEngineOptions } from "./engine.ts";

const SWEEP_BATCH = 50;

/**
 * Runs what should have been woken by now and was not: a lost delivery, a crashed core, a deadline. This is the saga's clock;
 * QStash only wakes it sooner. Any number of processes may sweep: the lease decides who works.
 */
export async function sweepSagas(engine: SagaEngineOptions): Promise<ReadonlyMap<SagaId, RunResult | Error>> {
  const now = engine.clock.now();
  const due = await engine.db
    .select({ id: saga.id })
    .from(saga)
    .where(and(lte(saga.wakeAt, now), or(isNull(saga.leaseUntil), lte(saga.leaseUntil, now))))
    .orderBy(saga.wakeAt)
    .limit(SWEEP_BATCH);
  const results = new Map<SagaId, RunResult | Error>();
  for (const { id } of due) {
    try {
      results.set(id, await runSaga(engine, id));
    } catch (error) {
      results.set(id, error instanceof Error ? error : new Error(String(error)));
    }
  }
  return results;
}
