import type { Instant } from "@stoa/kernel";
import type { Transaction } from "../db/index.ts";
import type { SagaEngineOptions } from "./engine.ts";
import type { ErasedContext, ErasedRun, ErasedStep, Failure, Outcome, SagaPlan } from "./plan.ts";
import { applyOutcome, applyUndone, begin, nextUnit, outputsOf, type Progress } from "./progress.ts";
import { insertBegunSaga, type SagaRow, type SagaWrite, writeSaga } from "./store.ts";

/** A remote step between its two transactions. */
export interface RemoteWork {
  readonly kind: "do" | "undo";
  readonly step: ErasedStep;
  readonly prepared: unknown;
  readonly result: unknown;
}

export interface TurnInput {
  readonly plan: SagaPlan;
  readonly row: SagaRow;
  readonly progress: Progress;
  /** A call outside has been answered: this turn settles it first. */
  readonly answered: RemoteWork | null;
  readonly unitsMax: number;
  /** The saga is not written yet: this turn stands in the transaction that starts it. */
  readonly isFirst?: boolean;
  /** Says, when the turn throws, how much it had done and what it was at. */
  readonly trace: { units: number; step: ErasedStep | null };
}

export type TurnNext =
  | { readonly kind: "call"; readonly call: Omit<RemoteWork, "result"> }
  | { readonly kind: "again" }
  | { readonly kind: "rest" };

export interface TurnResult {
  readonly progress: Progress;
  readonly next: TurnNext;
  /** How often the saga has been woken from outside by now. */
  readonly wakes: number;
  readonly attempts: number;
}

/**
 * One transaction of a saga: settles what was answered, then goes on with every local step until a call outside,
 * a wait or the end; the checkpoints and the saga's row are written last, under the fence.
 */
export async function turn(engine: SagaEngineOptions, tx: Transaction, input: TurnInput): Promise<TurnResult> {
  const now = engine.clock.now();
  const walk = new Walk(engine, tx, now, input);
  await walk.settleAnswered();
  const next = await walk.goOn();
  const { progress } = walk;
  // Preparing a call is no success yet: only a step that came to its end starts the count of failures anew.
  const attempts = walk.hasCompleted ? 0 : input.row.attempts;
  const change = restingRow(engine, { now, progress, next, until: walk.until, attempts });
  const { wakes } = await write(tx, input, { change, checkpoints: walk.checkpoints() });
  const wokenOnTheWay = progress.state === "waiting" && wakes !== input.row.wakes;
  return { progress, next: wokenOnTheWay ? { kind: "again" } : next, wakes, attempts };
}

async function write(tx: Transaction, { row, isFirst }: TurnInput, written: SagaWrite): Promise<{ wakes: number }> {
  if (!isFirst) return writeSaga(tx, row, written);
  await insertBegunSaga(tx, row, written);
  return { wakes: row.wakes };
}

class Walk {
  progress: Progress;
  until: Instant | null = null;
  hasCompleted = false;
  readonly #touched = new Set<string>();
  readonly #ended = new Set<string>();
  /** By a clock of their own: the turn's stands still, and a step would have taken no time. */
  readonly #leftAt = new Map<string, Instant>();

  constructor(
    readonly engine: SagaEngineOptions,
    readonly tx: Transaction,
    readonly now: Instant,
    readonly input: TurnInput,
  ) {
    this.progress = input.progress;
  }

  async settleAnswered(): Promise<void> {
    const { answered } = this.input;
    if (!answered) return;
    const run = runOf(answered.step, answered.kind);
    if (run.kind !== "remote") throw new Error("only a call outside can be answered");
    this.#enter(answered.step);
    const { prepared, result } = answered;
    const settled = await run.settle({ ...this.#context(answered.step), tx: this.tx, prepared, result });
    this.#leave(answered.step, answered.kind, settled);
  }

  async goOn(): Promise<TurnNext> {
    for (;;) {
      const unit = nextUnit(this.input.plan, this.progress);
      if (this.progress.state === "waiting" || this.progress.state === "stuck") return { kind: "rest" };
      if (unit.kind === "end") {
        this.progress = { ...this.progress, state: unit.state };
        return { kind: "rest" };
      }
      if (this.input.trace.units >= this.input.unitsMax) return { kind: "again" };
      const { step } = unit;
      this.#enter(step);
      const as = unit.kind === "do" ? "started" : "undoing";
      this.progress = begin(this.progress, step, as, this.engine.clock.now());
      this.#touched.add(step.name);
      const run = runOf(step, unit.kind);
      const context = { ...this.#context(step), tx: this.tx };
      if (run.kind === "remote") {
        return { kind: "call", call: { kind: unit.kind, step, prepared: await run.prepare(context) } };
      }
      this.#leave(step, unit.kind, await run.run(context));
    }
  }

  checkpoints() {
    return [...this.#touched].map((name) => {
      const step = this.progress.steps.get(name);
      if (!step) throw new Error(`no progress of step ${name}`);
      const { state, output, attempts, startedAt, waitsFor = null } = step;
      const position = this.input.plan.steps.findIndex((candidate) => candidate.name === name);
      const finishedAt = this.#leftAt.get(name) ?? this.now;
      const isOver = state === "done" || state === "refused" || state === "undone";
      return { name, position, state, output, attempts, waitsFor, startedAt, finishedAt: isOver ? finishedAt : null };
    });
  }

  #enter(step: ErasedStep): void {
    this.input.trace.units += 1;
    this.input.trace.step = step;
  }

  #leave(step: ErasedStep, kind: "do" | "undo", settled: unknown): void {
    this.#touched.add(step.name);
    this.#leftAt.set(step.name, this.engine.clock.now());
    this.hasCompleted = true;
    if (kind === "undo") {
      this.progress = applyUndone(this.progress, step);
      return;
    }
    // The builder's types promise an outcome from every forward step.
    const outcome = settled as Outcome<unknown>;
    this.progress = applyOutcome(this.progress, step, outcome);
    if (outcome.kind === "waiting") this.until = outcome.until;
    if (outcome.kind === "done") this.#ended.add(step.name);
  }

  #context(step: ErasedStep): ErasedContext {
    const context = stepContext(this.input.row, this.progress, step, this.now);
    return { ...context, endedJustNow: (name) => this.#ended.has(name) };
  }
}

/** What every part of a step is handed, whichever side of the call it stands on. */
export function stepContext(row: SagaRow, progress: Progress, step: ErasedStep, now: Instant): ErasedContext {
  return {
    sagaId: row.id,
    key: `${row.id}/${step.name}`,
    // The row was written by startSaga with the plan's own input type, the outputs by its own steps.
    input: row.input as never,
    outputs: outputsOf(progress) as never,
    now,
    deadlineAt: row.deadlineAt,
    attempt: progress.steps.get(step.name)?.attempts ?? 1,
    endedJustNow: () => false,
    failure: progress.failure ?? ({ code: "internal_error", members: {} } satisfies Failure),
  };
}

function runOf(step: ErasedStep, kind: "do" | "undo"): ErasedRun {
  const run = kind === "do" ? step.do : step.undo;
  if (!run) throw new Error(`step ${step.name} has no ${kind}`);
  return run;
}

interface Resting {
  readonly now: Instant;
  readonly progress: Progress;
  readonly next: TurnNext;
  readonly until: Instant | null;
  readonly attempts: number;
}

function restingRow(engine: SagaEngineOptions, { now, progress, next, until, attempts }: Resting) {
  const { state, failure, isPastPivot } = progress;
  const common = { state, failure, isPastPivot, attempts, updatedAt: now };
  // Still at work: the lease runs on, and should this process die, the sweeper comes when it is over.
  const leaseEnd = (now + engine.leaseMs) as Instant;
  if (next.kind !== "rest") return { ...common, leaseUntil: leaseEnd, wakeAt: leaseEnd };
  return { ...common, leaseUntil: null, wakeAt: state === "waiting" ? until : null };
}
