import {
  applyOutcome,
  applyUndone,
  begin,
  type ErasedStep,
  nextUnit,
  type Outcome,
  type Progress,
} from "@stoa/core/testing";
import type { Instant } from "@stoa/kernel";
import type { SagaRow, Tables } from "./books.ts";
import { type Answered, act, ask, type Call, type EngineOptions, plans, prepare, settle } from "./steps.ts";

class LostLease extends Error {}

const LEASE_MS = 45_000;
const RETRY_MS = 500;
const TRIES_MAX = 8;
const live = new Set<string>(["running", "waiting", "unwinding"]);

/** Starts a saga in the caller's transaction, with the message that wakes it. */
export function start(tables: Tables, type: SagaRow["type"], order: string, now: number): void {
  const id = `${type} ${order}`;
  tables.sagas[id] = {
    ...{ order, type, state: "running", failure: null, abort: null, isPastPivot: false, attempts: 0, fence: 0 },
    ...{ leaseUntil: 0, wakeAt: now + 3_000, steps: {} },
  };
  tell(tables, id);
}

export function tell(tables: Tables, saga: string): void {
  tables.outbox.push({ id: `m${tables.outbox.length}`, saga, sent: false });
}

/** The engine's loop around its own decisions: which step is next, what an outcome makes of the saga, what is undone. */
export async function run(engine: EngineOptions, id: string): Promise<void> {
  const { books, bank, now, before } = engine;
  await before("claim");
  const fence = books.transact(({ sagas }) => {
    const row = sagas[id];
    if (!row || !live.has(row.state) || row.leaseUntil > now()) return null;
    row.fence += 1;
    row.leaseUntil = now() + LEASE_MS;
    row.wakeAt = row.leaseUntil;
    return row.fence;
  });
  if (fence === null) return;
  let answered: Answered | null = null;
  for (;;) {
    await before("turn");
    let call: Call | null;
    try {
      const settled: Answered | null = answered;
      call = books.transact((tables): Call | null => turn(tables, id, { fence, answered: settled, now: now() }));
    } catch (error) {
      if (!(error instanceof LostLease)) throw error;
      return;
    }
    await before("turned");
    if (!call) return;
    answered = null;
    try {
      answered = { ...call, answer: await ask(bank, books.tables.sagas[id], call, engine) };
    } catch (error) {
      await before("fail");
      if (!books.transact((tables) => fail(tables, id, { fence, step: call.step, now: now(), error }))) return;
    }
  }
}

interface Turning {
  readonly fence: number;
  readonly answered: Answered | null;
  readonly now: number;
}

/** One transaction: settles what was answered and goes on to the next call, or to the end. */
function turn(tables: Tables, id: string, { fence, answered, now }: Turning): Call | null {
  const row = tables.sagas[id];
  const order = row && tables.orders[row.order];
  if (!row || !order || row.fence !== fence) throw new LostLease();
  const plan = plans[row.type];
  let progress = openProgress(row);
  const outcome = answered && settle(tables, order, answered, now);
  if (answered && outcome) progress = leave(progress, answered, outcome);
  if (outcome?.kind === "waiting" && progress.state === "waiting") {
    write(row, progress, { leaseUntil: 0, wakeAt: outcome.until });
    return null;
  }
  for (;;) {
    const unit = nextUnit(plan, progress);
    if (unit.kind === "end") {
      write(row, { ...progress, state: unit.state }, { leaseUntil: 0, wakeAt: null });
      return null;
    }
    const { step, kind } = unit;
    progress = begin(progress, step, kind === "do" ? "started" : "undoing", now as Instant);
    if (step.kind === "remote") {
      write(row, progress, { leaseUntil: now + LEASE_MS, wakeAt: now + LEASE_MS });
      return { step, kind, prepared: prepare(order, row, step, kind) };
    }
    progress = leave(progress, { step, kind }, act(tables, { order, row, step, kind }));
  }
}

function openProgress(row: SagaRow): Progress {
  const isAborted = row.abort !== null && !row.isPastPivot && row.state !== "unwinding";
  return {
    state: isAborted ? "unwinding" : row.state === "waiting" ? "running" : row.state,
    failure: isAborted ? row.abort : row.failure,
    isPastPivot: row.isPastPivot,
    steps: new Map(Object.entries(row.steps)),
  };
}

function leave(progress: Progress, { step, kind }: Pick<Call, "step" | "kind">, outcome: Outcome<null>): Progress {
  return kind === "undo" ? applyUndone(progress, step) : applyOutcome(progress, step, outcome);
}

function write(row: SagaRow, progress: Progress, rest: Pick<SagaRow, "leaseUntil" | "wakeAt">): void {
  // The pivot and an abort meet here: one of them wins.
  if (progress.isPastPivot && !row.isPastPivot && row.abort !== null) throw new LostLease();
  const { state, failure, isPastPivot, steps } = progress;
  Object.assign(row, { ...rest, state, failure, isPastPivot, steps: Object.fromEntries(steps), attempts: 0 });
}

interface Failing {
  readonly fence: number;
  readonly step: ErasedStep;
  readonly now: number;
  readonly error: unknown;
}

/** A failed call is tried again later; before the pivot it unwinds in the end. Answers whether there is work to go on with. */
function fail(tables: Tables, id: string, { fence, step, now, error }: Failing): boolean {
  const row = tables.sagas[id];
  if (!row || row.fence !== fence) return false;
  if (!(error instanceof Error)) throw error;
  const attempts = row.attempts + 1;
  if (attempts >= TRIES_MAX && !row.isPastPivot && row.state !== "unwinding") {
    row.state = "unwinding";
    row.failure = { code: "service_unavailable", members: { detail: step.name } };
    row.attempts = 0;
    return true;
  }
  row.attempts = attempts;
  row.leaseUntil = 0;
  row.wakeAt = now + RETRY_MS * 2 ** Math.min(attempts, 5);
  return false;
}
