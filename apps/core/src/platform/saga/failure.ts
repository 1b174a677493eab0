import { type Instant, Problem } from "@stoa/kernel";
import { errorText } from "@stoa/runtime";
import { transact } from "../db/index.ts";
import { enqueue } from "../outbox/index.ts";
import type { SagaEngineOptions } from "./engine.ts";
import type { ErasedStep, Failure, SagaPlan } from "./plan.ts";
import { applyOutcome, begin, type Progress } from "./progress.ts";
import { sagaRun, WAKE_GRACE_MS } from "./start.ts";
import { type Checkpoint, type SagaRow, writeSaga } from "./store.ts";

/** How failures are retried before people or the undo are called. */
export interface RetryPolicy {
  readonly firstDelayMs: number;
  readonly delayMaxMs: number;
  /** Consecutive failures of one step before the saga unwinds, where it still can. */
  readonly attemptsBeforePivot: number;
  /** The same behind the pivot and in an undo; then the saga is stuck and shown. */
  readonly attemptsAfterPivot: number;
}

export const defaultRetryPolicy: RetryPolicy = {
  firstDelayMs: 500,
  delayMaxMs: 3_600_000,
  attemptsBeforePivot: 8,
  attemptsAfterPivot: 36,
};

/** Full jitter above half: spreads sagas that failed together, yet always waits a while. */
export function retryDelayMs(policy: RetryPolicy, attempts: number, random: number): number {
  const ceiling = Math.min(policy.delayMaxMs, policy.firstDelayMs * 2 ** Math.min(attempts - 1, 30));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}

export interface FailedUnit {
  readonly plan: SagaPlan;
  readonly row: SagaRow;
  readonly progress: Progress;
  readonly step: ErasedStep;
  readonly error: unknown;
}

export interface GivenWay {
  readonly progress: Progress;
  /** True when there is work to go on with at once: the way back. */
  readonly goOn: boolean;
  readonly attempts: number;
}

const ERROR_TEXT_MAX = 500;

/**
 * Records a failed step and decides what follows: a Problem before the pivot unwinds at once, anything else is retried
 * later, and what keeps failing unwinds (before the pivot) or is stuck (behind it, and in an undo).
 */
export async function giveWay(engine: SagaEngineOptions, failed: FailedUnit): Promise<GivenWay> {
  const { row } = failed;
  const now = engine.clock.now();
  const attempts = row.attempts + 1;
  const decision = decideFailure(engine, failed, attempts, now);
  const state = decision.progress.state;
  const delayMs = retryDelayMs(engine.retry, attempts, engine.random());
  const isRetry = !decision.goOn && state !== "stuck";
  const leaseEnd = (now + engine.leaseMs) as Instant;
  await transact(engine.db, async (tx) => {
    const change = {
      state,
      failure: decision.progress.failure,
      isPastPivot: decision.progress.isPastPivot,
      attempts: decision.goOn ? 0 : attempts,
      leaseUntil: decision.goOn ? leaseEnd : null,
      wakeAt: decision.goOn ? leaseEnd : isRetry ? ((now + delayMs + WAKE_GRACE_MS) as Instant) : null,
      updatedAt: now,
    };
    if (isRetry) {
      await enqueue(tx, now, [sagaRun.of(row.key, { sagaId: row.id }, { delaySeconds: Math.ceil(delayMs / 1_000) })]);
    }
    await writeSaga(tx, row, { change, checkpoints: failedCheckpoint(failed, decision.progress) });
  });
  return { ...decision, attempts };
}

function failedCheckpoint({ plan, step, error }: FailedUnit, progress: Progress): Checkpoint[] {
  const at = progress.steps.get(step.name);
  if (!at) return [];
  const position = plan.steps.findIndex((candidate) => candidate.name === step.name);
  return [{ ...at, name: step.name, position, lastError: errorText(error, ERROR_TEXT_MAX), finishedAt: null }];
}

function decideFailure(
  engine: SagaEngineOptions,
  { row, step, error, progress }: FailedUnit,
  attempts: number,
  now: Instant,
): Omit<GivenWay, "attempts"> {
  const isUnwinding = progress.state === "unwinding";
  const begun = begin(progress, step, isUnwinding ? "undoing" : "started", now);
  const canUnwind = !isUnwinding && !progress.isPastPivot;
  if (canUnwind && error instanceof Problem) {
    const failure: Failure = { code: error.code, members: error.members };
    return { progress: applyOutcome(begun, step, { kind: "refused", failure }), goOn: true };
  }
  const isOverdue = row.deadlineAt !== null && now >= row.deadlineAt;
  if (canUnwind && (attempts >= engine.retry.attemptsBeforePivot || isOverdue)) {
    // The step keeps its "started": whether it took effect is not known, so its undo has to look.
    const failure: Failure = {
      code: "service_unavailable",
      members: { detail: `${step.name} could not be completed` },
    };
    return { progress: { ...begun, state: "unwinding", failure }, goOn: true };
  }
  if (!canUnwind && attempts >= engine.retry.attemptsAfterPivot) {
    return { progress: { ...begun, state: "stuck" }, goOn: false };
  }
  return { progress: begun, goOn: false };
}
