import { type Instant, toTimestamp } from "@stoa/kernel";
import type { PaymentEventDeps } from "../attempt.ts";
import { carryRun, type Reconciled } from "./reconcile.ts";
import { openRun, openRuns, type ReconciliationRunId } from "./run-row.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Captures at shipment, refunds and late news change what began days ago. */
const DAYS = 8;
/** After midnight, when the shop is quiet and PayPal's statement, which is up to three hours behind, tells of the whole day; UTC. */
const HOUR = 4;
/** A turn of the sweep; what is not done by then is taken up by the next. */
const TURN_MS = 5 * 60 * 1_000;

/**
 * Opens a run a day for each provider that keeps books, whichever process comes first, and carries on every run that nobody carries:
 * those of the night, those that staff have asked for and that took too long, and those whose process has died.
 * Answers the runs that came to their end now, and what failed.
 */
export async function reconcileNightly(deps: PaymentEventDeps): Promise<NightlyReconciliation> {
  const now = deps.clock.now();
  const midnight = (now - (now % DAY_MS)) as Instant;
  for (const provider of deps.providers.values()) {
    if (!provider.keepsBooks || now < midnight + HOUR * 60 * 60 * 1_000) continue;
    await openRun(deps, {
      provider: provider.name,
      from: (midnight - DAYS * DAY_MS) as Instant,
      until: midnight,
      repairs: true,
      trigger: "nightly",
      name: `nightly/${provider.name}/${toTimestamp(midnight).slice(0, 10)}`,
    });
  }
  const done: Reconciled[] = [];
  const failed: { runId: ReconciliationRunId; error: unknown }[] = [];
  for (const runId of await openRuns(deps)) {
    try {
      const run = await carryRun(deps, runId, TURN_MS);
      if (run?.state === "done") done.push(run);
    } catch (error) {
      failed.push({ runId, error });
    }
  }
  return { done, failed };
}

export interface NightlyReconciliation {
  readonly done: readonly Reconciled[];
  readonly failed: readonly { readonly runId: ReconciliationRunId; readonly error: unknown }[];
}
