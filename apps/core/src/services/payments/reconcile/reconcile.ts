import type { Instant } from "@stoa/kernel";
import { errorMessage } from "@stoa/runtime";
import type { PaymentEventDeps } from "../attempt.ts";
import type { ProviderName } from "../payment.ts";
import { TooMuchListed } from "../providers/provider-books.ts";
import { tokenBucket } from "../providers/token-bucket.ts";
import { type Comparing, compareStretch, countRows, type StretchOfTime } from "./compare-stretch.ts";
import type { Mismatch } from "./mismatch.ts";
import { type RepairAction, repair } from "./repair.ts";
import {
  claimRun,
  endRun,
  failTurn,
  itemsOf,
  keepRun,
  leaveRun,
  markStretch,
  type NewRun,
  openRun,
  type ReconciliationRunId,
  type RunRow,
  type Stretch,
  TakenOver,
} from "./run-row.ts";

export interface Reconcile extends NewRun {
  /** How long it may take until it is left to the sweep, in milliseconds; left out, until it is done. */
  readonly budgetMs?: number | undefined;
}

/** How a run stands. */
export interface Reconciled {
  readonly runId: ReconciliationRunId;
  readonly provider: ProviderName;
  /** `running`: the sweep carries it on. */
  readonly state: RunRow["state"];
  readonly compared: number;
  readonly found: number;
  readonly repaired: number;
  /** Lines of the provider's statement, and those that bear no mark of ours. */
  readonly listed: number;
  readonly unmarked: number;
  /** Until when the provider's statement told of what it did; null where it has none. */
  readonly statementUntil: Instant | null;
  readonly items: readonly FoundMismatch[];
}

export interface FoundMismatch extends Mismatch {
  readonly action: RepairAction | null;
  readonly result: "repaired" | "listed" | "failed";
  readonly note: string | null;
}

/** A run goes through its range in stretches of at most this length and so many payments, and is marked behind each of them. */
const STRETCH_MS = 24 * 60 * 60 * 1_000;
const PAYMENTS_MAX = 2_000;
const STRETCH_MS_MIN = 60 * 1_000;
/** Calls to a provider for comparing leave room for those of shoppers. */
const CALLS_PER_SECOND = 20;

/**
 * Compares what a provider's own books say about payments with ours, lists what does not agree, and repairs what can be repaired
 * without a person. Answers null when a run of this name has been made.
 * @throws what the provider's calls throw; the sweep takes the run up again.
 */
export async function reconcile(deps: PaymentEventDeps, input: Reconcile): Promise<Reconciled | null> {
  const runId = await openRun(deps, input);
  if (runId === null) return null;
  const carried = await carryRun(deps, runId, input.budgetMs);
  if (!carried) throw new Error(`run ${runId} was taken over by another process`);
  return carried;
}

/** Carries a run on from where it stands. Answers null when it is over, or when somebody else carries it. */
export async function carryRun(
  deps: PaymentEventDeps,
  id: ReconciliationRunId,
  budgetMs = Number.POSITIVE_INFINITY,
): Promise<Reconciled | null> {
  const claimed = await claimRun(deps, id);
  if (!claimed) return null;
  let run = claimed;
  const stopsAt = performance.now() + budgetMs;
  try {
    const provider = deps.providers.get(run.provider);
    if (!provider) throw new Error(`payment provider ${run.provider} has no credentials`);
    const wait = pacer();
    const pace = async () => {
      await wait();
      run = await keepRun(deps, run);
    };
    while (startOf(run) < run.untilAt && performance.now() < stopsAt) {
      const stretch = await goOn({ deps, provider, pace }, run);
      run = await markStretch(deps, run, stretch);
    }
  } catch (error) {
    if (error instanceof TakenOver) return null;
    await failTurn(deps, run, error);
    throw error;
  }
  if (startOf(run) >= run.untilAt) run = await endRun(deps, run);
  else await leaveRun(deps, run);
  return viewOf(run, await itemsOf(deps, id));
}

const pacer = () =>
  tokenBucket({
    perSecond: CALLS_PER_SECOND,
    burst: CALLS_PER_SECOND,
    waitMaxMs: Number.POSITIVE_INFINITY,
    nowMs: () => performance.now(),
    sleep: Bun.sleep,
  });

const startOf = (run: RunRow) => run.coveredUntil ?? run.fromAt;

/** The next stretch: compared, and mended as far as that goes. */
async function goOn(comparing: Comparing, run: RunRow): Promise<Stretch> {
  let stretch = await nextStretch(comparing, run);
  for (;;) {
    try {
      const { mismatches, ...counts } = await compareStretch(comparing, stretch);
      const items: FoundMismatch[] = [];
      for (const mismatch of mismatches) items.push(await deal(comparing, { mismatch, run }));
      return { until: stretch.until, ...counts, items };
    } catch (error) {
      if (!(error instanceof TooMuchListed) || lengthOf(stretch) <= STRETCH_MS_MIN) throw error;
      stretch = halfOf(stretch);
    }
  }
}

async function nextStretch({ deps, provider }: Comparing, run: RunRow): Promise<StretchOfTime> {
  const from = startOf(run);
  let stretch: StretchOfTime = { from, until: Math.min(run.untilAt, from + STRETCH_MS) as Instant };
  while (lengthOf(stretch) > STRETCH_MS_MIN && (await countRows(deps, provider.name, stretch)) > PAYMENTS_MAX) {
    stretch = halfOf(stretch);
  }
  return stretch;
}

const lengthOf = ({ from, until }: StretchOfTime) => until - from;
const halfOf = ({ from, until }: StretchOfTime): StretchOfTime => ({
  from,
  until: (from + Math.ceil((until - from) / 2)) as Instant,
});

interface Deal {
  readonly mismatch: Mismatch;
  readonly run: RunRow;
}

/** One that cannot be repaired is listed all the same, and does not keep the others from being dealt with. */
async function deal({ deps, provider, pace }: Comparing, { mismatch, run }: Deal): Promise<FoundMismatch> {
  const listed: FoundMismatch = { ...mismatch, action: null, result: "listed", note: null };
  if (!run.repairs) return listed;
  await pace();
  try {
    const done = await repair(deps, provider, { mismatch, trigger: run.trigger, runId: run.id });
    if (!done) return listed;
    return { ...listed, action: done.action, result: done.isRepaired ? "repaired" : "failed", note: done.note };
  } catch (error) {
    const note = errorMessage(error, 500);
    return { ...listed, result: "failed", note };
  }
}

function viewOf(run: RunRow, items: readonly FoundMismatch[]): Reconciled {
  const { id: runId, provider, state, compared, found, repaired, listed, unmarked, statementUntil } = run;
  return { runId, provider, state, compared, found, repaired, listed, unmarked, statementUntil, items };
}
