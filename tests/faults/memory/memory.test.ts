import { expect, setDefaultTimeout, test } from "bun:test";
import type { SeedReport } from "../explorer/postgres-level.ts";
import { exploreInMemory } from "./memory-level.ts";

setDefaultTimeout(300_000);

const SEEDS = 1_000;

async function reports(from: number, count: number): Promise<SeedReport[]> {
  const all: SeedReport[] = [];
  const seeds = Array.from({ length: count }, (_, index) => from + index);
  await exploreInMemory(seeds, (report) => void all.push(report));
  return all;
}

test(`the engine's decisions keep every promise under the faults of ${SEEDS} seeds`, async () => {
  const all = await reports(1, SEEDS);
  const failed = all.filter(({ breaches }) => breaches.length > 0);
  const replay = (seed: number) => `bun run faults --level memory --seeds 1 --from ${seed} --trace`;
  expect(failed.map(({ seed, breaches }) => `${breaches.join("; ")}: ${replay(seed)}`)).toEqual([]);
  expect(all.reduce((kills, report) => kills + report.kills, 0)).toBeGreaterThan(SEEDS / 4);
});

test("the same seeds take the same steps", async () => {
  const traces = async () => (await reports(40, 20)).map(({ trace }) => trace);
  expect(await traces()).toEqual(await traces());
});
