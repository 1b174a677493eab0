import { expect, setDefaultTimeout, test } from "bun:test";
import { exploreProcesses } from "./process-level.ts";

// Each seed starts core twice; with so many each trouble is met. Any number by `bun run faults --level process`.
const SEEDS = 11;

setDefaultTimeout(600_000);

test(`a core killed by kill -9 at a named gate, with its stores or Stripe in trouble, keeps every invariant (${SEEDS} seeds)`, async () => {
  const failed: string[] = [];
  let kills = 0;
  const seeds = Array.from({ length: SEEDS }, (_, index) => index + 1);
  await exploreProcesses(seeds, (report) => {
    kills += report.kills;
    if (report.breaches.length === 0) return;
    failed.push(
      `${report.breaches.join("; ")} after ${report.trace.join(", ")}: bun run faults --level process --seeds 1 --from ${report.seed}`,
    );
  });
  expect(failed).toEqual([]);
  expect(kills).toBeGreaterThan(0);
});
