import { type Instant, toTimestamp } from "@stoa/kernel";
import type { PaymentEventDeps } from "../attempt.ts";
import { type Reconciled, reconcile } from "./reconcile.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Captures at shipment, refunds and late news change what began days ago. */
const DAYS = 8;
/** After midnight, when the shop is quiet; UTC. */
const HOUR = 2;

/** Runs once a day for each provider that keeps books, whichever process comes first. Answers the runs made now. */
export async function reconcileNightly(deps: PaymentEventDeps): Promise<Reconciled[]> {
  const now = deps.clock.now();
  const midnight = (now - (now % DAY_MS)) as Instant;
  if (now < midnight + HOUR * 60 * 60 * 1_000) return [];
  const done: Reconciled[] = [];
  for (const provider of deps.providers.values()) {
    if (!provider.keepsBooks) continue;
    const run = await reconcile(deps, {
      provider: provider.name,
      from: (midnight - DAYS * DAY_MS) as Instant,
      until: midnight,
      repairs: true,
      trigger: "nightly",
      name: `nightly/${provider.name}/${toTimestamp(midnight).slice(0, 10)}`,
    });
    if (run) done.push(run);
  }
  return done;
}
