import { expect, setDefaultTimeout, test } from "bun:test";
import { exploreOnPostgres } from "./postgres-level.ts";

// As many as the time of a test run allows; any number by `bun run faults`.
const SEEDS = 100;
const FROM = 1;

// A hundred seeds take minutes, and more where others work as well; only what hangs is to fail by it.
setDefaultTimeout(1_200_000);

test(`checkouts on a real Postgres keep every invariant under the faults of ${SEEDS} seeds`, async () => {
  const failed: string[] = [];
  let kills = 0;
  const seeds = Array.from({ length: SEEDS }, (_, index) => FROM + index);
  await exploreOnPostgres(process.env.TEST_DATABASE_URL ?? "", seeds, (report) => {
    kills += report.kills;
    if (report.breaches.length === 0) return;
    failed.push(
      `${report.breaches.join("; ")}: bun run faults --level postgres --seeds 1 --from ${report.seed} --trace`,
    );
  });
  expect(failed).toEqual([]);
  expect(kills).toBeGreaterThan(SEEDS);
});
