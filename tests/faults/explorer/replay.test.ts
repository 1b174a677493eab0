import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { explore } from "./explore.ts";
import { type Laboratory, openLaboratory } from "./laboratory.ts";
import { drawScenario } from "./scenario.ts";

setDefaultTimeout(120_000);

let lab: Laboratory;
beforeAll(async () => {
  lab = await openLaboratory(process.env.TEST_DATABASE_URL ?? "", `stoa_replay_${process.pid}`);
});
afterAll(() => lab[Symbol.asyncDispose]());

async function run(seed: number) {
  const [stripe, paypal] = await Promise.all([lab.provider(), lab.paypal()]);
  try {
    return await explore({ ...lab, scenario: drawScenario(seed), stripe, paypal });
  } finally {
    await Promise.all([stripe.stop(), paypal.stop()]);
  }
}

const REPLAYED = 4;
const SEEDS_MAX = 60;

test("the same seed takes the same steps in the same order, kills and lost answers included", async () => {
  let replayed = 0;
  for (let seed = 1; replayed < REPLAYED; seed += 1) {
    expect(seed).toBeLessThanOrEqual(SEEDS_MAX);
    const first = await run(seed);
    // Where two sessions wait for one row, Postgres wakes both, and the faster one has it.
    if (first.mostBlocked > 1 || first.kills === 0) continue;
    expect((await run(seed)).trace).toEqual(first.trace);
    replayed += 1;
  }
});

test("another seed takes other steps", async () => {
  expect((await run(3)).trace).not.toEqual((await run(7)).trace);
});
