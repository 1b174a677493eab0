import type { Instant } from "@stoa/kernel";
import type { SagaState, SagaStepState } from "../tables.ts";
import type { ErasedStep, Failure, Outcome, SagaPlan } from "./plan.ts";

/** How far a saga has come, as a value: a transaction that is rolled back leaves the old one as it was. */
export interface Progress {
  readonly state: SagaState;
  readonly failure: Failure | null;
  readonly isPastPivot: boolean;
  readonly steps: ReadonlyMap<string, StepProgress>;
}

export interface StepProgress {
  readonly state: SagaStepState;
  readonly output: unknown;
  readonly attempts: number;
  /** Of a step that waits. */
  readonly waitsFor?: string | null;
  readonly startedAt: Instant;
}

/** The next thing to do: a step forward, a step back, or nothing because the saga has ended. */
export type Unit =
  | { readonly kind: "do" | "undo"; readonly step: ErasedStep }
  | { readonly kind: "end"; readonly state: "done" | "unwound" };

/** Steps back undo in reverse what may have happened; a refused step has left nothing. */
export function nextUnit(plan: SagaPlan, progress: Progress): Unit {
  if (progress.state === "unwinding") {
    const step = plan.steps.findLast((candidate) => {
      const state = progress.steps.get(candidate.name)?.state ?? (candidate.isStart ? "done" : undefined);
      return (
        candidate.undo !== null &&
        (state === "started" || state === "waiting" || state === "done" || state === "undoing")
      );
    });
    return step ? { kind: "undo", step } : { kind: "end", state: "unwound" };
  }
  const step = plan.steps.find((candidate) => progress.steps.get(candidate.name)?.state !== "done");
  return step ? { kind: "do", step } : { kind: "end", state: "done" };
}

/** What the steps have answered that have taken effect, by their names. */
export function outputsOf(progress: Progress): Record<string, unknown> {
  const outputs: Record<string, unknown> = {};
  for (const [name, step] of progress.steps)
    if (step.state === "done" || step.state === "undoing") outputs[name] = step.output;
  return outputs;
}

/** A step is about to be done, which counts as a try, or undone. */
export function begin(progress: Progress, step: ErasedStep, state: "started" | "undoing", now: Instant): Progress {
  const before = progress.steps.get(step.name);
  return withStep(progress, step.name, {
    state,
    output: before?.output ?? null,
    attempts: (before?.attempts ?? 0) + (state === "started" ? 1 : 0),
    startedAt: before?.startedAt ?? now,
  });
}

/** What a step's outcome makes of the saga. A refusal behind the pivot cannot unwind: people have to look. */
export function applyOutcome(progress: Progress, step: ErasedStep, outcome: Outcome<unknown>): Progress {
  const before = progress.steps.get(step.name);
  if (!before) throw new Error(`step ${step.name} ended without having begun`);
  switch (outcome.kind) {
    case "done":
      return {
        ...withStep(progress, step.name, { ...before, state: "done", output: outcome.output ?? null }),
        state: "running",
        isPastPivot: progress.isPastPivot || step.isPivot,
      };
    case "waiting":
      return {
        ...withStep(progress, step.name, { ...before, state: "waiting", waitsFor: outcome.why }),
        state: "waiting",
      };
    case "refused":
      if (step.afterPivot) return { ...progress, state: "stuck", failure: outcome.failure };
      return {
        ...withStep(progress, step.name, { ...before, state: "refused" }),
        state: "unwinding",
        failure: outcome.failure,
      };
  }
}

/** A step has been taken back. */
export function applyUndone(progress: Progress, step: ErasedStep): Progress {
  const before = progress.steps.get(step.name);
  if (!before) throw new Error(`step ${step.name} was undone without having begun`);
  return withStep(progress, step.name, { ...before, state: "undone" });
}

function withStep(progress: Progress, name: string, step: StepProgress): Progress {
  return { ...progress, steps: new Map(progress.steps).set(name, step) };
}
