import type { Clock, SagaId } from "@stoa/kernel";
import { type Database, transact } from "../db/index.ts";
import { gate } from "../gates.ts";
import { giveWay, type RetryPolicy } from "./failure.ts";
import type { ErasedStep, Failure, SagaPlan } from "./plan.ts";
import type { Progress } from "./progress.ts";
import { claim, LostLease, readSteps, releaseLease, type SagaRow, type SagaStepRow } from "./store.ts";
import { type RemoteWork, stepContext, type TurnResult, turn } from "./turn.ts";

export interface SagaEngineOptions {
  readonly db: Database;
  readonly plans: ReadonlyMap<string, SagaPlan>;
  readonly clock: Clock;
  /** A number from 0 to 1 for the jitter of retries. */
  readonly random: () => number;
  /** Longer than any call outside takes; after a crash, the saga rests until it is over. */
  readonly leaseMs: number;
  readonly retry: RetryPolicy;
  readonly observe: SagaObserver;
}

/** What the engine tells logs and metrics. */
export interface SagaObserver {
  stepFailed(event: {
    type: string;
    step: string;
    key: string;
    sagaId: SagaId;
    attempts: number;
    error: unknown;
  }): void;
  /** One transaction of a saga has been committed. */
  turned(event: { type: string; durationMs: number }): void;
  rested(event: { type: string; state: string; key: string; sagaId: SagaId; ageMs: number }): void;
}

/** Why a run came to rest. `busy` covers a saga that has ended and one that somebody else works on. */
export type RunResult = Progress["state"] | "busy" | "lost";

/**
 * Runs a saga until it ends or has to wait. Every transaction moves it from one checkpoint to the next, so it may be killed
 * anywhere and run again; two runs at once do no harm, because the fence lets only the later one write.
 */
export async function runSaga(engine: SagaEngineOptions, id: SagaId): Promise<RunResult> {
  const row = await claim(engine.db, id, engine.clock.now(), engine.leaseMs);
  if (!row) return "busy";
  const plan = engine.plans.get(row.type);
  if (!plan) throw new Error(`no plan for saga type ${row.type}`);
  const steps = row.fence === 1 ? new Map<string, SagaStepRow>() : await readSteps(engine.db, id);
  await gate(`${row.type}:claimed`);
  const run = new SagaRun(engine, plan, row, openProgress(row, steps));
  try {
    return await run.advance();
  } catch (error) {
    if (!(error instanceof LostLease)) throw error;
    // Still our lease: an abort stood before the pivot, and the way back begins at once.
    return (await releaseLease(engine.db, row, engine.clock.now())) ? runSaga(engine, id) : "lost";
  }
}

/** Where a claimed saga stands. An abort from outside turns it round, unless it is past its pivot. */
function openProgress(row: SagaRow, steps: ReadonlyMap<string, SagaStepRow>): Progress {
  const isAborted = row.abort !== null && !row.isPastPivot && row.state !== "unwinding";
  return {
    state: isAborted ? "unwinding" : row.state === "waiting" ? "running" : row.state,
    // Both columns are only ever written with a Failure.
    failure: (isAborted ? row.abort : row.failure) as Failure | null,
    isPastPivot: row.isPastPivot,
    steps,
  };
}

class SagaRun {
  #answered: RemoteWork | null = null;
  // After an error the work of one transaction is done again piece by piece, so that the piece that fails is known.
  #unitsMax = Number.POSITIVE_INFINITY;

  constructor(
    readonly engine: SagaEngineOptions,
    readonly plan: SagaPlan,
    public row: SagaRow,
    public progress: Progress,
  ) {}

  /** One transaction after another, with the calls outside between them. */
  async advance(): Promise<RunResult> {
    for (;;) {
      const result = await this.#turn();
      if (result === "again") continue;
      if (result === "rest") return this.#rest();
      const { call } = result;
      try {
        const answer = await this.#call(call);
        this.#answered = { ...call, result: answer };
        await gate(`${this.row.type}:answered:${call.step.name}`);
      } catch (error) {
        if ((await this.#fail(call.step, error)) === "rest") return this.#rest();
      }
    }
  }

  async #turn(): Promise<{ readonly call: Omit<RemoteWork, "result"> } | "again" | "rest"> {
    const trace: { units: number; step: ErasedStep | null } = { units: 0, step: null };
    const { plan, row, progress } = this;
    let result: TurnResult;
    const startedAt = performance.now();
    try {
      const input = { plan, row, progress, answered: this.#answered, unitsMax: this.#unitsMax, trace };
      result = await transact(this.engine.db, (tx) => turn(this.engine, tx, input));
    } catch (error) {
      if (error instanceof LostLease || !trace.step) throw error;
      if (trace.units > 1) {
        this.#unitsMax = 1;
        return "again";
      }
      return this.#fail(trace.step, error);
    }
    this.engine.observe.turned({ type: row.type, durationMs: performance.now() - startedAt });
    this.progress = result.progress;
    this.row = { ...row, attempts: result.attempts, wakes: result.wakes, isPastPivot: result.progress.isPastPivot };
    this.#answered = null;
    await gate(`${row.type}:committed:${trace.step?.name ?? "end"}`);
    if (result.next.kind !== "again") return result.next.kind === "call" ? { call: result.next.call } : "rest";
    if (this.progress.state === "waiting") this.progress = { ...this.progress, state: "running" };
    return "again";
  }

  async #call({ kind, step, prepared }: Omit<RemoteWork, "result">): Promise<unknown> {
    const run = kind === "do" ? step.do : step.undo;
    if (run?.kind !== "remote") throw new Error(`step ${step.name} makes no call`);
    await gate(`${this.row.type}:calling:${step.name}`);
    return run.call({ ...stepContext(this.row, this.progress, step, this.engine.clock.now()), prepared });
  }

  async #fail(step: ErasedStep, error: unknown): Promise<"again" | "rest"> {
    const { plan, row, progress } = this;
    const given = await giveWay(this.engine, { plan, row, progress, step, error });
    this.progress = given.progress;
    this.row = { ...row, attempts: given.goOn ? 0 : given.attempts };
    this.#answered = null;
    this.engine.observe.stepFailed({
      type: row.type,
      step: step.name,
      key: row.key,
      sagaId: row.id,
      attempts: given.attempts,
      error,
    });
    return given.goOn ? "again" : "rest";
  }

  #rest(): RunResult {
    const { type, key, id: sagaId, createdAt } = this.row;
    const { state } = this.progress;
    this.engine.observe.rested({ type, state, key, sagaId, ageMs: this.engine.clock.now() - createdAt });
    return state;
  }
}
