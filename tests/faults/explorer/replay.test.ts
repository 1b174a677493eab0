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

// Where two sessions wait for one row, Postgres wakes both and the faster one has it; no such seed stands here. Three of them pay with wallets.
test("the same seed takes the same steps in the same order, kills and lost answers included", async () => {
  for (const seed of [3, 5, 8, 12]) {
    const first = await run(seed);
    expect((await run(seed)).trace).toEqual(first.trace);
    expect(first.kills).toBeGreaterThan(0);
  }
});

test("another seed takes other steps", async () => {
  expect((await run(3)).trace).not.toEqual((await run(7)).trace);
});
