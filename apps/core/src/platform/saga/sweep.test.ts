import { afterEach, expect, test } from "bun:test";
import { fixedClock } from "@stoa/kernel";
import { inArray, sql } from "drizzle-orm";
import { databaseForFile } from "../../testing/index.ts";
import { saga } from "../tables.ts";
import { type SagaEngineOptions, sweepSagas } from "./index.ts";
import { GATE } from "./testing/crash.ts";
import { booksOf, createShop, startTestSaga, sweepUntilQuiet, testEngine } from "./testing/shop.ts";

const database = await databaseForFile();
await createShop(database.db);
afterEach(() => void Reflect.deleteProperty(globalThis, GATE));

/** So many sagas that are due, and nothing else that is. */
async function due(count: number) {
  const clock = fixedClock("2026-03-01T12:00:00Z");
  const engine = testEngine(database.db, clock);
  await sweepUntilQuiet(engine, clock);
  const ids = [];
  for (let index = 0; index < count; index += 1) ids.push((await startTestSaga(engine)).id);
  clock.advance(120_000);
  return { engine, ids };
}

async function statesOf(engine: SagaEngineOptions, ids: Awaited<ReturnType<typeof due>>["ids"]): Promise<string[]> {
  return Promise.all(ids.map(async (id) => (await booksOf(engine.db, id)).state));
}

test("a saga whose provider does not answer keeps none of those that are due behind it", async () => {
  const { engine, ids } = await due(4);
  const answered = Promise.withResolvers<void>();
  let stalled = 0;
  let wentOn = 0;
  Reflect.set(globalThis, GATE, (name: string) => {
    if (name === "test-order:answered:captured" && ++wentOn === ids.length - 1) answered.resolve();
    if (name !== "test-order:answered:payment" || ++stalled > 1) return undefined;
    return answered.promise;
  });
  const results = await sweepSagas(engine);
  expect(ids.map((id) => results.get(id))).toEqual(ids.map(() => "done"));
});

test("no more than eight are run at once, and all of them get their turn", async () => {
  const { engine, ids } = await due(20);
  const full = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  Reflect.set(globalThis, GATE, async (name: string) => {
    if (name === "test-order:answered:captured") running -= 1;
    if (name !== "test-order:claimed") return;
    running += 1;
    most = Math.max(most, running);
    if (running === 8) {
      // A ninth would come by meanwhile.
      for (let statement = 0; statement < 5; statement += 1) await engine.db.execute(sql`select 1`);
      full.resolve();
    }
    await full.promise;
  });
  expect((await sweepSagas(engine)).size).toBe(20);
  expect(most).toBe(8);
  expect(new Set(await statesOf(engine, ids))).toEqual(new Set(["done"]));
});

test("a saga that cannot be run is told of, and the others are run", async () => {
  const { engine, ids } = await due(3);
  let claimed = 0;
  Reflect.set(globalThis, GATE, (name: string) => {
    if (name === "test-order:claimed" && ++claimed === 1) throw new Error("nobody knows this saga");
  });
  const results = await sweepSagas(engine);
  const ends = ids.map((id) => results.get(id));
  expect(ends.filter((end) => end instanceof Error)).toHaveLength(1);
  expect(ends.filter((end) => end === "done")).toHaveLength(2);
});

test("when the process is to end, what is under way is finished and nothing more is begun", async () => {
  const { engine, ids } = await due(6);
  const stopping = new AbortController();
  Reflect.set(globalThis, GATE, (name: string) => {
    if (name === "test-order:claimed") stopping.abort();
  });
  const results = await sweepSagas(engine, { atOnceMax: 2, stopping: stopping.signal });
  expect([...results.values()]).toEqual(["done", "done"]);
  const states = await statesOf(engine, ids);
  expect(states.filter((state) => state === "done")).toHaveLength(2);
  expect((await sweepSagas(engine)).size).toBe(4);
});

test("sagas that somebody has ended by hand, and left a wake-up on, take no turn from those that are due", async () => {
  const { engine, ids } = await due(50);
  await engine.db.update(saga).set({ state: "done" }).where(inArray(saga.id, ids));
  const late = await startTestSaga(engine);
  const clock = fixedClock("2026-03-01T12:10:00Z");
  const results = await sweepSagas({ ...engine, clock });
  expect(results.get(late.id)).toBe("done");
  expect(ids.filter((id) => results.has(id))).toEqual([]);
  await engine.db.update(saga).set({ wakeAt: null }).where(inArray(saga.id, ids));
});
