import type { Outputs } from "../../trpc.ts";

export type Saga = Outputs["orders"]["staff"]["get"]["sagas"][number];
export type SagaStep = Saga["steps"][number];
export type SagaWait = NonNullable<Saga["waits"]>;

/** Milliseconds from a step's start to its end; null while it has not ended. */
export function durationOf({ startedAt, finishedAt }: SagaStep): number | null {
  return finishedAt === null ? null : Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt));
}

export function hasOutput({ output }: SagaStep): boolean {
  return output !== null && output !== undefined;
}

/** Whether it may still change by itself. */
export function isMoving({ state }: Saga): boolean {
  return state === "running" || state === "waiting" || state === "unwinding";
}
