import type { Instant, ProblemCode, ProblemMembers, SagaId } from "@stoa/kernel";
import type { Transaction } from "../db/index.ts";

/** What a step finds when it runs. `outputs` are those of the steps before it, by name. */
export interface StepContext<I, Outputs> {
  readonly sagaId: SagaId;
  /** `<saga id>/<step>`: the idempotency key for every call outside. */
  readonly key: string;
  readonly input: I;
  readonly outputs: Outputs;
  readonly now: Instant;
  /** When the plan as a whole must have settled; null when it has no end. */
  readonly deadlineAt: Instant | null;
  /** 1 on the first run of this step. */
  readonly attempt: number;
  /** Whether a step has ended in the transaction that is running: what it has written, nobody else can have changed since. */
  readonly endedJustNow: (step: string) => boolean;
}

export interface Failure {
  readonly code: ProblemCode;
  readonly members: ProblemMembers;
}

/** How a step ends. A thrown error is retried; a thrown Problem rolls the step's transaction back and counts as `refused`. */
export type Outcome<O> =
  | { readonly kind: "done"; readonly output: O }
  | { readonly kind: "refused"; readonly failure: Failure }
  | { readonly kind: "waiting"; readonly until: Instant; readonly why: string };

export const done = <O>(output: O): Outcome<O> => ({ kind: "done", output });
export const refused = (code: ProblemCode, members: ProblemMembers = {}): Outcome<never> => ({
  kind: "refused",
  failure: { code, members },
});
/** @param why what is waited for, in a word or two for people to be told: `refund`, `shopper`. */
export const waiting = (until: Instant, why: string): Outcome<never> => ({ kind: "waiting", until, why });

/** A step that only touches Postgres: it commits together with its checkpoint. */
export interface LocalStep<I, Outputs, O> {
  do(step: StepContext<I, Outputs> & { readonly tx: Transaction }): Promise<Outcome<O>>;
  /** Must accept that `do` never happened, and being run twice. */
  undo?(step: UndoContext<I, Outputs>): Promise<void>;
}

export type UndoContext<I, Outputs> = StepContext<I, Outputs> & { readonly tx: Transaction; readonly failure: Failure };

/** A call outside between two transactions: what is needed to undo it is committed before it is made. */
export interface RemoteCall<Context, Prepared, Result, Settled> {
  /** Commits the attempt, and gives the call what it needs. */
  prepare(step: Context & { readonly tx: Transaction }): Promise<Prepared>;
  /** Outside any transaction. Uses `key`; after an unknown outcome it asks before it acts. */
  call(step: Context & { readonly prepared: Prepared }): Promise<Result>;
  settle(
    step: Context & { readonly tx: Transaction; readonly prepared: Prepared; readonly result: Result },
  ): Promise<Settled>;
}

export interface RemoteStep<I, Outputs, O, Prepared, Result, UndoPrepared, UndoResult> {
  readonly do: RemoteCall<StepContext<I, Outputs>, Prepared, Result, Outcome<O>>;
  readonly undo?: RemoteCall<StepContext<I, Outputs> & { readonly failure: Failure }, UndoPrepared, UndoResult, void>;
}

/** A step as the engine sees it, after the builder has checked its types. */
export interface ErasedStep {
  readonly name: string;
  readonly kind: "local" | "remote";
  /** From here there is no way back: this step and all later ones are retried until done. */
  readonly isPivot: boolean;
  readonly afterPivot: boolean;
  /** Its effect was committed together with the saga itself, so its undo is owed even when no step has run yet. */
  readonly isStart: boolean;
  readonly do: ErasedRun;
  readonly undo: ErasedRun | null;
}

export type ErasedRun =
  | { readonly kind: "local"; run(context: ErasedContext & { readonly tx: Transaction }): Promise<unknown> }
  | {
      readonly kind: "remote";
      prepare(context: ErasedContext & { readonly tx: Transaction }): Promise<unknown>;
      call(context: ErasedContext & { readonly prepared: unknown }): Promise<unknown>;
      settle(
        context: ErasedContext & { readonly tx: Transaction; readonly prepared: unknown; readonly result: unknown },
      ): Promise<unknown>;
    };

export type ErasedContext = StepContext<never, never> & { readonly failure: Failure };

/** A kind of saga by name; enough to start one, wherever its plan is built. */
export interface SagaType<I> {
  readonly type: string;
  /** Only to tie the input's type to the name. */
  readonly __input?: (input: I) => void;
}

export interface SagaPlan<I = never> extends SagaType<I> {
  readonly steps: readonly ErasedStep[];
}

/** Builds a plan that reads top to bottom; each step knows the outputs of those above it. */
export class SagaBuilder<I, Outputs> implements SagaPlan<I> {
  constructor(
    readonly type: string,
    readonly steps: readonly ErasedStep[] = [],
  ) {}

  /**
   * What the transaction that starts the saga has done already; only its way back is told. An abort may come before the first
   * turn, and must find it.
   */
  start<N extends string>(
    name: N,
    step: Required<Pick<LocalStep<I, Outputs, null>, "undo">>,
  ): SagaBuilder<I, Outputs & Record<N, null>> {
    if (this.steps.length > 0) throw new Error(`${name} is not the first step of ${this.type}`);
    return this.#add<N, null>({
      name,
      kind: "local",
      isPivot: false,
      isStart: true,
      do: { kind: "local", run: async () => done(null) },
      undo: { kind: "local", run: erase(step.undo.bind(step)) },
    });
  }

  step<N extends string, O>(name: N, step: LocalStep<I, Outputs, O>): SagaBuilder<I, Outputs & Record<N, O>> {
    const undo = step.undo?.bind(step);
    return this.#add<N, O>({
      name,
      kind: "local",
      isPivot: false,
      do: { kind: "local", run: erase(step.do.bind(step)) },
      undo: undo ? { kind: "local", run: erase(undo) } : null,
    });
  }

  /** A local step after which the saga can only go forward. */
  pivot<N extends string, O>(
    name: N,
    step: Omit<LocalStep<I, Outputs, O>, "undo">,
  ): SagaBuilder<I, Outputs & Record<N, O>> {
    return this.#add<N, O>({
      name,
      kind: "local",
      isPivot: true,
      do: { kind: "local", run: erase(step.do.bind(step)) },
      undo: null,
    });
  }

  remote<N extends string, O, P, R, UP, UR>(
    name: N,
    step: RemoteStep<I, Outputs, O, P, R, UP, UR>,
  ): SagaBuilder<I, Outputs & Record<N, O>> {
    return this.#add<N, O>({
      name,
      kind: "remote",
      isPivot: false,
      do: eraseRemote(step.do),
      undo: step.undo ? eraseRemote(step.undo) : null,
    });
  }

  #add<N extends string, O>(
    step: Omit<ErasedStep, "afterPivot" | "isStart"> & { readonly isStart?: true },
  ): SagaBuilder<I, Outputs & Record<N, O>> {
    if (this.steps.some((known) => known.name === step.name))
      throw new Error(`step ${step.name} stands twice in ${this.type}`);
    const afterPivot = this.steps.some((known) => known.isPivot);
    return new SagaBuilder(this.type, [...this.steps, { isStart: false, ...step, afterPivot }]);
  }
}

/** `saga<Input>("place-order").step(…).remote(…).pivot(…)` */
export function saga<I>(type: string): SagaBuilder<I, Record<never, never>> {
  return new SagaBuilder(type);
}

// The engine stores inputs and outputs as JSON and hands each step what the builder promised it, so the types hold by construction.
function erase<C>(run: (context: C) => Promise<unknown>): (context: never) => Promise<unknown> {
  return run as (context: never) => Promise<unknown>;
}

function eraseRemote<C, P, R, S>(call: RemoteCall<C, P, R, S>): ErasedRun {
  return {
    kind: "remote",
    prepare: erase(call.prepare.bind(call)),
    call: erase(call.call.bind(call)),
    settle: erase(call.settle.bind(call)),
  };
}
