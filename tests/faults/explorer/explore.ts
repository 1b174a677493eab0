import { openExplorableShop } from "@stoa/core/testing";
import type { Instant } from "@stoa/kernel";
import { openStores, verify } from "@stoa/verifier";
import { drizzle } from "drizzle-orm/postgres-js";
import { emptyDatabase, sagasAtWork, unfinished } from "./book-keeping.ts";
import { DeskStaff } from "./desk.ts";
import type { Scenario } from "./scenario.ts";
import { Shoppers } from "./shoppers.ts";
import { World, type WorldOptions } from "./world.ts";

export interface ExploreOptions extends Omit<WorldOptions, "startsAt"> {
  readonly scenario: Scenario;
  readonly databaseUrl: string;
}

export interface Explored {
  readonly seed: number;
  readonly breaches: readonly string[];
  readonly trace: readonly string[];
  readonly steps: number;
  readonly kills: number;
  /** See `Scheduler`: above one, a repetition may take its steps in another order. */
  readonly mostBlocked: number;
}

const STARTS_AT = Date.parse("2026-03-01T12:00:00Z");
const FAULTS_MS = 8_000;
/** Without hands, the shop is whole again within this time of the faults' end. */
const WHOLE_MS = 60_000;
const LOOK_EVERY_MS = 2_000;
const SETTLES_MS = 1_500;
const QUIET_MS = 5;
/** Past every deadline of an order that was left at the provider's page, and past what sweeps leave alone. */
const LATER_MS = [31 * 60_000, 6 * 60_000, 16 * 60_000];

/** Runs one seed from an empty shop to the verdict of the verifier. The same seed gives the same trace, unless several activities wait for one row at once. */
export async function explore(options: ExploreOptions): Promise<Explored> {
  const { scenario, own, databaseUrl, stripe, paypal } = options;
  await emptyDatabase(own);
  await openExplorableShop(drizzle(own), STARTS_AT as Instant, scenario);
  const world = new World({ ...options, startsAt: STARTS_AT });
  const { scheduler } = world;
  const shoppers = new Shoppers(world);
  const breaches: string[] = [];
  try {
    await shoppers.prepare(scenario);
    shoppers.enter();
    new DeskStaff(world, (name) => shoppers.orderOf(name)).enter(scenario.desk);
    await runUntil(world, STARTS_AT + FAULTS_MS);
    world.calm();
    breaches.push(...(await untilWhole(options, world)));
    // What nobody waits for, such as an event that is being applied, is under way still, and holds what a sweep needs.
    await runUntil(world, scheduler.now + SETTLES_MS);
    for (const laterMs of LATER_MS) {
      await untilQuiet(world);
      scheduler.skip(laterMs);
      await world.sweepAll();
      await runUntil(world, scheduler.now + SETTLES_MS);
    }
  } catch (error) {
    breaches.push(`the run ended in the middle: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    world.close();
  }
  await using stores = await openStores({ databaseUrl, stripeUrl: stripe.url, paypalUrl: paypal.url });
  const reports = await verify(stores, { mode: "settled", now: new Date(scheduler.now) });
  for (const { number, title, verdict, breaches: found } of reports) {
    if (verdict === "broken") breaches.push(...found.map((breach) => `invariant ${number} (${title}): ${breach}`));
  }
  breaches.push(...shoppers.complaints, ...world.queue.dead.map(({ type, key }) => `${type} of ${key} was given up`));
  breaches.push(...new Set(scheduler.wrongs));
  const { mostBlocked } = scheduler;
  const kills = scheduler.trace.filter((line) => line.includes(" kill ")).length;
  return { seed: scenario.seed, breaches, trace: scheduler.trace, steps: scheduler.steps, kills, mostBlocked };
}

async function runUntil(world: World, at: number): Promise<void> {
  let isOver = false;
  world.scheduler.at(at - world.scheduler.now, "until", () => {
    isOver = true;
  });
  await world.scheduler.run(() => !isOver);
}

/** Lets whatever is at work come to its end: a sweep beside the scheduler would wait for ever for a row that somebody at a gate holds. */
async function untilQuiet(world: World): Promise<void> {
  const { scheduler } = world;
  const limit = scheduler.now + WHOLE_MS;
  while (scheduler.standing().length > 0 && scheduler.now < limit) await runUntil(world, scheduler.now + QUIET_MS);
}

/** Lets the shop go on until everything has come to an end, and says what has not in time. */
async function untilWhole({ own }: ExploreOptions, world: World): Promise<string[]> {
  const { scheduler } = world;
  const limit = scheduler.now + WHOLE_MS;
  for (;;) {
    await runUntil(world, Math.min(limit, scheduler.now + LOOK_EVERY_MS));
    const left = await unfinished(own);
    if (left.orders + left.sagas + left.messages === 0) return [];
    if (scheduler.now < limit) continue;
    const what = `${left.orders} orders pending, ${left.sagas} sagas at work, ${left.messages} messages waiting`;
    return [`not whole ${WHOLE_MS / 1_000} s after the faults' end: ${what}`, ...(await sagasAtWork(own))];
  }
}
