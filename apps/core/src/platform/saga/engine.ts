import type { Clock, SagaId } from "@stoa/kernel";
import { type Database, type Transaction, transact } from "../db/index.ts";
import { gate } from "../gates.ts";
import { giveWay, type RetryPolicy } from "./failure.ts";
import type { ErasedStep, Failure, SagaPlan } from "./plan.ts";
import type { Progress } from "./progress.ts";
import { newSaga, type StartSaga } from "./start.ts";
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
  const plan = planOf(engine, row.type);
  const steps = row.fence === 1 ? new Map<string, SagaStepRow>() : await readSteps(engine.db, id);
  await gate(`${row.type}:claimed`);
  const run = new SagaRun(engine, plan, row, openProgress(row, steps));
  return unlessLost(engine, row, () => run.advance());
}

/** A saga that was begun in the transaction that started it, and holds its lease. */
export interface BegunSaga {
  readonly id: SagaId;
  /** To be called once that transaction has been committed: makes the call that its first turn has prepared, and goes on. */
  goOn(): Promise<RunResult>;
}

/** The first turn of a saga failed inside the transaction that starts it, which cannot be committed any more. */
export class FirstTurnFailed extends Error {
  override readonly name = "FirstTurnFailed";
}

/**
 * Starts a saga as `startSaga` does, and runs its first turn in the same transaction; no message is needed to wake it. Should this
 * process end before the saga does, the sweeper takes over when the lease is over.
 * @throws FirstTurnFailed for whatever the turn throws; start it with `startSaga` then, and the engine deals with the failure.
 */
export async function beginSaga<I>(
  engine: SagaEngineOptions,
  tx: Transaction,
  start: StartSaga<I>,
): Promise<BegunSaga> {
  const plan = planOf(engine, start.saga.type);
  const row = { ...newSaga(engine.clock.now(), start), fence: 1 };
  const progress = openProgress(row, new Map());
  const trace = { units: 0, step: null };
  const input = { plan, row, progress, answered: null, unitsMax: Number.POSITIVE_INFINITY, isFirst: true, trace };
  const result = await turn(engine, tx, input).catch((cause: unknown) => {
    throw new FirstTurnFailed(`the first turn of ${row.type} failed`, { cause });
  });
  const run = new SagaRun(engine, plan, row, progress);
  return { id: row.id, goOn: () => unlessLost(engine, row, () => run.advance(result)) };
}

function planOf(engine: SagaEngineOptions, type: string): SagaPlan {
  const plan = engine.plans.get(type);
  if (!plan) throw new Error(`no plan for saga type ${type}`);
  return plan;
}

async function unlessLost(engine: SagaEngineOptions, row: SagaRow, run: () => Promise<RunResult>): Promise<RunResult> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof LostLease)) throw error;
    // Still our lease: an abort stood before the pivot, and the way back begins at once.
    return (await releaseLease(engine.db, row, engine.clock.now())) ? runSaga(engine, row.id) : "lost";
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

/** What follows a transaction: a call outside, another transaction, or rest. */
type TurnEnd = { readonly call: Omit<RemoteWork, "result"> } | "again" | "rest";

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

  /** One transaction after another, with the calls outside between them. @param first the result of one that is committed. */
  async advance(first?: TurnResult): Promise<RunResult> {
    let result = first ? await this.#committed(first) : await this.#turn();
    for (; ; result = await this.#turn()) {
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

  async #turn(): Promise<TurnEnd> {
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
    return this.#committed(result, trace.step);
  }

  async #committed(result: TurnResult, step: ErasedStep | null = null): Promise<TurnEnd> {
    const { row } = this;
    this.progress = result.progress;
    this.row = { ...row, attempts: result.attempts, wakes: result.wakes, isPastPivot: result.progress.isPastPivot };
    this.#answered = null;
    await gate(`${row.type}:committed:${step?.name ?? "end"}`);
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
