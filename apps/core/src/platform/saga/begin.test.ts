import { expect, test } from "bun:test";
import { resolve } from "node:path";
import { fixedClock, fromUuid, newId, type SagaId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { databaseForFile, movableClock } from "../../testing/index.ts";
import { transact } from "../db/index.ts";
import { abortSaga, beginSaga, FirstTurnFailed, runSaga, SagaCarrier, type SagaEngineOptions } from "./index.ts";
import { crashAt, recordGates } from "./testing/crash.ts";
import { booksOf, createShop, LEASE_MS, sweepUntilQuiet, testEngine, testPlan } from "./testing/shop.ts";

const database = await databaseForFile();
await createShop(database.db);

const finished = {
  state: "done",
  effects: ["confirmed:1", "promotion:1", "stock:1"],
  charge: "captured",
  attempt: "captured",
};

async function begin(engine: SagaEngineOptions, key: string = newId("ord")) {
  const start = { saga: testPlan(engine.db, {}), key, input: { order: key } };
  return { key, saga: await transact(engine.db, (tx) => beginSaga(engine, tx, start)) };
}

async function sagaIdOf(key: string): Promise<SagaId | null> {
  const [row] = await database.db.execute<{ id: string }>(sql`select id from platform.saga where key = ${key}`);
  return row ? fromUuid("saga", row.id) : null;
}

test("a saga that is begun commits its first turn with its start, and needs no message to end", async () => {
  const engine = testEngine(database.db, fixedClock("2026-03-01T12:00:00Z"));
  const { key, saga } = await begin(engine);
  expect(await booksOf(database.db, saga.id)).toEqual({
    state: "running",
    effects: ["promotion:1", "stock:1"],
    charge: null,
    attempt: "open",
  });
  expect(await saga.goOn()).toBe("done");
  expect(await booksOf(database.db, saga.id)).toEqual(finished);
  expect(await database.db.execute(sql`select id from platform.outbox where key = ${key}`)).toBeEmpty();
});

test("a first turn that fails leaves neither the saga nor anything it did", async () => {
  const engine = testEngine(database.db, fixedClock("2026-03-01T12:00:00Z"), { throwing: new Map([["promotion", 1]]) });
  const key = newId("ord");
  expect(begin(engine, key)).rejects.toBeInstanceOf(FirstTurnFailed);
  await begin(engine, key);
  expect(await database.db.execute(sql`select id from platform.saga where key = ${key}`)).toHaveLength(1);
});

test("a step that refuses in the first turn unwinds in the very transaction", async () => {
  const engine = testEngine(database.db, fixedClock("2026-03-01T12:00:00Z"), { refuse: "promotion" });
  const { saga } = await begin(engine);
  expect(await saga.goOn()).toBe("unwound");
  expect(await booksOf(database.db, saga.id)).toMatchObject({ state: "unwound", effects: [], charge: null });
});

test("nobody else runs a begun saga before its lease is over, and then its own process writes nothing more", async () => {
  const clock = fixedClock("2026-03-01T12:00:00Z");
  const engine = testEngine(database.db, clock);
  const { saga } = await begin(engine);
  expect(await runSaga(engine, saga.id)).toBe("busy");
  clock.advance(LEASE_MS + 1);
  expect(await runSaga(engine, saga.id)).toBe("done");
  expect(await saga.goOn()).toBe("lost");
  expect(await booksOf(database.db, saga.id)).toEqual(finished);
});

test("an abort between the start and what follows turns the saga round", async () => {
  const engine = testEngine(database.db, fixedClock("2026-03-01T12:00:00Z"));
  const { key, saga } = await begin(engine);
  const failure = { code: "state_conflict", members: { detail: "cancelled" } } as const;
  await transact(engine.db, (tx) => abortSaga(tx, engine.clock.now(), { type: "test-order", key, failure }));
  expect(await saga.goOn()).toBe("unwound");
  expect(await booksOf(database.db, saga.id)).toMatchObject({ effects: [], charge: "voided" });
});

test("a crash at any point behind the start ends as if there had been none", async () => {
  const clock = movableClock();
  const engine = testEngine(database.db, clock);
  const whole = await begin(engine);
  const gates = await recordGates(() => whole.saga.goOn());
  expect(gates.length).toBeGreaterThanOrEqual(6);
  for (let point = 0; point < gates.length; point += 1) {
    const { saga } = await begin(engine);
    await crashAt(point, () => saga.goOn());
    await sweepUntilQuiet(engine, clock);
    expect([gates[point], await booksOf(database.db, saga.id)]).toEqual([gates[point], finished]);
  }
}, 60_000);

test("kill -9 at any point behind the start loses nothing and doubles nothing", async () => {
  const clock = movableClock();
  const engine = testEngine(database.db, clock);
  const whole = await begin(engine);
  const gates = await recordGates(() => whole.saga.goOn());
  for (let gate = 0; gate < gates.length; gate += 1) {
    const key = newId("ord");
    const script = resolve(import.meta.dir, "testing/begun-victim.ts");
    const victim = Bun.spawn([process.execPath, script, database.url, key, `${gate}`], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    await victim.exited;
    expect(victim.signalCode).toBe("SIGKILL");
    const id = await sagaIdOf(key);
    if (!id) throw new Error("the saga was lost");
    await sweepUntilQuiet(engine, clock);
    expect([gates[gate], await booksOf(database.db, id)]).toEqual([gates[gate], finished]);
  }
}, 120_000);

test("a carrier has room for so many, tells of what threw, and rests when all have ended", async () => {
  const engine = testEngine(database.db, fixedClock("2026-03-01T12:00:00Z"));
  const failures: unknown[] = [];
  const carrier = new SagaCarrier({ engine, atOnceMax: 2, failed: (_, error) => failures.push(error) });
  const [one, other] = [await begin(engine), await begin(engine)];
  carrier.carry(one.saga);
  expect(carrier.hasRoom).toBe(true);
  carrier.carry({ id: other.saga.id, goOn: () => Promise.reject(new Error("away")) });
  expect(carrier.hasRoom).toBe(false);
  await carrier.idle();
  expect(carrier.hasRoom).toBe(true);
  expect(failures).toEqual([new Error("away")]);
  expect(await booksOf(database.db, one.saga.id)).toEqual(finished);
});
