import { type Id, type Instant, newId } from "@stoa/kernel";
import { errorMessage } from "@stoa/runtime";
import { and, asc, eq, isNull, lt, or, sql } from "drizzle-orm";
import { transact } from "../../../platform/db/index.ts";
import type { PaymentsDeps } from "../attempt.ts";
import type { ProviderName } from "../payment.ts";
import { reconciliationItem, reconciliationRun } from "../tables.ts";
import type { FoundMismatch } from "./reconcile.ts";

export type ReconciliationRunId = Id<"rcn">;
export type RunRow = typeof reconciliationRun.$inferSelect;

type Deps = Pick<PaymentsDeps, "db" | "clock">;

export interface NewRun {
  readonly provider: ProviderName;
  /** Payments begun in here are compared: from, and before until. */
  readonly from: Instant;
  readonly until: Instant;
  /** False only lists. */
  readonly repairs: boolean;
  /** Who asked: `nightly`, `cli`, or a staff member's id. */
  readonly trigger: string;
  /** A run of this name is made once; left out, each call is a run. */
  readonly name?: string | undefined;
}

/** Whoever carries a run has to reach its next mark within this time, or another one takes it up. */
const LEASE_MS = 10 * 60 * 1_000;
const AGAIN_MS = 2 * 60 * 1_000;
const FAILURES_MAX = 5;
const OPEN_MAX = 10;

/** Answers null when a run of this name has been made. Nobody carries it yet. */
export async function openRun({ db, clock }: Deps, input: NewRun): Promise<ReconciliationRunId | null> {
  const id = newId("rcn");
  const { provider, from: fromAt, until: untilAt, trigger, repairs, name = id } = input;
  const started = { state: "running" as const, startedAt: clock.now() };
  const values = { id, name, provider, fromAt, untilAt, trigger, repairs, ...started };
  const [row] = await db.insert(reconciliationRun).values(values).onConflictDoNothing().returning();
  return row?.id ?? null;
}

/** Runs that are not over and that nobody carries. */
export async function openRuns({ db, clock }: Deps): Promise<ReconciliationRunId[]> {
  const rows = await db
    .select({ id: reconciliationRun.id })
    .from(reconciliationRun)
    .where(and(eq(reconciliationRun.state, "running"), isFree(clock.now())))
    .orderBy(asc(reconciliationRun.startedAt))
    .limit(OPEN_MAX);
  return rows.map(({ id }) => id);
}

const isFree = (now: Instant) => or(isNull(reconciliationRun.leaseUntil), lt(reconciliationRun.leaseUntil, now));

/** Takes a run to carry it on; null when it is over or somebody else carries it. */
export async function claimRun({ db, clock }: Deps, id: ReconciliationRunId): Promise<RunRow | null> {
  const now = clock.now();
  const [row] = await db
    .update(reconciliationRun)
    .set({ leaseUntil: (now + LEASE_MS) as Instant })
    .where(and(eq(reconciliationRun.id, id), eq(reconciliationRun.state, "running"), isFree(now)))
    .returning();
  return row ?? null;
}

/** Somebody else carries the run. */
export class TakenOver extends Error {
  override readonly name = "TakenOver";
}

/** Whoever is still at a stretch keeps the run, however long that takes. @throws TakenOver */
export async function keepRun({ db, clock }: Deps, run: RunRow): Promise<RunRow> {
  const now = clock.now();
  if ((run.leaseUntil ?? 0) - now > LEASE_MS / 2) return run;
  const leaseUntil = (now + LEASE_MS) as Instant;
  const [row] = await db.update(reconciliationRun).set({ leaseUntil }).where(isOurs(run)).returning();
  if (!row) throw new TakenOver(`run ${run.id} is carried by another process`);
  return row;
}

/** What one stretch of time has come to. */
export interface Stretch {
  readonly until: Instant;
  readonly compared: number;
  readonly listed: number;
  readonly unmarked: number;
  /** Until when the provider's statement told of it; null where it has none. */
  readonly statementUntil: Instant | null;
  readonly items: readonly FoundMismatch[];
}

/**
 * Writes down a stretch with all that was found in it, in one transaction, so that a run that breaks off goes on behind it.
 * @throws TakenOver when somebody else carries the run by now; then nothing is written.
 */
export function markStretch({ db, clock }: Deps, run: RunRow, stretch: Stretch): Promise<RunRow> {
  const { until, compared, listed, unmarked, items } = stretch;
  const now = clock.now();
  const repaired = items.filter((item) => item.result === "repaired").length;
  return transact(db, async (tx) => {
    const [row] = await tx
      .update(reconciliationRun)
      .set({
        coveredUntil: until,
        leaseUntil: (now + LEASE_MS) as Instant,
        statementUntil: earlier(run.statementUntil, stretch.statementUntil),
        failures: 0,
        compared: sql`${reconciliationRun.compared} + ${compared}`,
        listed: sql`${reconciliationRun.listed} + ${listed}`,
        unmarked: sql`${reconciliationRun.unmarked} + ${unmarked}`,
        found: sql`${reconciliationRun.found} + ${items.length}`,
        repaired: sql`${reconciliationRun.repaired} + ${repaired}`,
      })
      .where(isOurs(run))
      .returning();
    if (!row) throw new TakenOver(`run ${run.id} is carried by another process`);
    if (items.length > 0) {
      await tx
        .insert(reconciliationItem)
        .values(items.map(({ isOurs: _, ...item }) => ({ ...item, runId: run.id, at: now })));
    }
    return row;
  });
}

/** A lease that is ours still: whoever takes a run over gives it another end. */
const isOurs = ({ id, leaseUntil }: RunRow) =>
  and(
    eq(reconciliationRun.id, id),
    eq(reconciliationRun.state, "running"),
    leaseUntil === null ? isNull(reconciliationRun.leaseUntil) : eq(reconciliationRun.leaseUntil, leaseUntil),
  );

/** The statement is complete up to where its least complete part is. */
function earlier(left: Instant | null, right: Instant | null): Instant | null {
  if (left === null || right === null) return left ?? right;
  return Math.min(left, right) as Instant;
}

/** Lets another turn take the run up at once. */
export async function leaveRun({ db }: Deps, run: RunRow): Promise<void> {
  await db.update(reconciliationRun).set({ leaseUntil: null }).where(isOurs(run));
}

export async function endRun({ db, clock }: Deps, run: RunRow): Promise<RunRow> {
  const end = { state: "done" as const, finishedAt: clock.now(), leaseUntil: null, error: null };
  const [row] = await db.update(reconciliationRun).set(end).where(isOurs(run)).returning();
  return row ?? run;
}

/** A turn has failed: it is tried again a little later, and after some of them the run is given up. */
export async function failTurn({ db, clock }: Deps, run: RunRow, error: unknown): Promise<void> {
  const now = clock.now();
  const text = errorMessage(error, 500);
  const isOver = run.failures + 1 >= FAILURES_MAX;
  await db
    .update(reconciliationRun)
    .set({
      failures: run.failures + 1,
      error: text,
      leaseUntil: (now + AGAIN_MS) as Instant,
      ...(isOver && { state: "failed" as const, finishedAt: now, leaseUntil: null }),
    })
    .where(isOurs(run));
}

const ITEMS_MAX = 5_000;

/** What a run has found so far, in order. */
export async function itemsOf({ db }: Deps, id: ReconciliationRunId): Promise<FoundMismatch[]> {
  const rows = await db
    .select()
    .from(reconciliationItem)
    .where(eq(reconciliationItem.runId, id))
    .orderBy(asc(reconciliationItem.seq))
    .limit(ITEMS_MAX);
  return rows.map(({ seq: _, runId: _run, at: _at, ...item }) => item);
}
