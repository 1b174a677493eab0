import { describe, expect, test } from "bun:test";
import { fixedClock, type Instant, type SagaId, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { databaseForFile } from "../../testing/index.ts";
import { transact } from "../db/index.ts";
import { abortSaga, runSaga, type SagaEngineOptions, sweepSagas, wakeSaga } from "./index.ts";
import { crashAt, GATE, recordGates } from "./testing/crash.ts";
import {
  booksOf,
  createShop,
  LEASE_MS,
  startTestSaga,
  stepNames,
  sweepUntilQuiet,
  testEngine,
} from "./testing/shop.ts";

const database = await databaseForFile();
await createShop(database.db);

const finished = {
  state: "done",
  effects: ["confirmed:1", "promotion:1", "stock:1"],
  charge: "captured",
  attempt: "captured",
};
const refusable = ["stock", "promotion", "payment"] as const;

async function aSaga(behaviour: Parameters<typeof testEngine>[2] = {}) {
  const clock = fixedClock("2026-03-01T12:00:00Z");
  const engine = testEngine(database.db, clock, behaviour);
  return { clock, engine, ...(await startTestSaga(engine)) };
}

describe("a saga", () => {
  test("runs every step once and in order", async () => {
    const { engine, id } = await aSaga();
    expect(await runSaga(engine, id)).toBe("done");
    expect(await booksOf(database.db, id)).toEqual(finished);
    const steps = await database.db.execute(
      sql`select name from platform.saga_step where saga_id = ${toUuid(id)} order by finished_at, position`,
    );
    expect(steps.map((step) => step.name)).toEqual([...stepNames]);
  });

  test("says of each step how long it took, though steps share a transaction", async () => {
    const clock = fixedClock("2026-03-01T12:00:00Z");
    const ticking = {
      now() {
        clock.advance(7);
        return clock.now();
      },
    };
    const engine = testEngine(database.db, ticking);
    const { id } = await startTestSaga(engine);
    await runSaga(engine, id);
    const took = await database.db.execute<{ ms: number }>(
      sql`select (extract(epoch from finished_at - started_at) * 1000)::int as ms from platform.saga_step
        where saga_id = ${toUuid(id)} order by position`,
    );
    expect(took.map(({ ms }) => ms > 0)).toEqual(stepNames.map(() => true));
  });

  test("that has ended does nothing when run again", async () => {
    const { engine, id } = await aSaga();
    await runSaga(engine, id);
    expect(await runSaga(engine, id)).toBe("busy");
    expect(await booksOf(database.db, id)).toEqual(finished);
  });

  test("run by two at once takes effect once", async () => {
    const { engine, id } = await aSaga();
    const results = await Promise.all([runSaga(engine, id), runSaga(engine, id), runSaga(engine, id)]);
    expect(results.sort()).toEqual(["busy", "busy", "done"]);
    expect(await booksOf(database.db, id)).toEqual(finished);
  });

  test("taken over from a slow run leaves that run's writes undone", async () => {
    const { engine, id, clock } = await aSaga();
    const stalled = Promise.withResolvers<void>();
    const atGate = Promise.withResolvers<void>();
    Reflect.set(globalThis, GATE, (name: string) => {
      if (name !== "test-order:answered:payment") return undefined;
      Reflect.deleteProperty(globalThis, GATE);
      atGate.resolve();
      return stalled.promise;
    });
    const slow = runSaga(engine, id);
    await atGate.promise;
    clock.advance(LEASE_MS + 1);
    expect(await runSaga(engine, id)).toBe("done");
    stalled.resolve();
    expect(await slow).toBe("lost");
    expect(await booksOf(database.db, id)).toEqual(finished);
  });

  for (const refuse of refusable) {
    test(`refused at ${refuse} leaves nothing behind`, async () => {
      const { engine, id } = await aSaga({ refuse });
      expect(await runSaga(engine, id)).toBe("unwound");
      const books = await booksOf(database.db, id);
      expect(books).toMatchObject({ state: "unwound", effects: [] });
      expect(books.charge === null || books.charge === "voided").toBe(true);
    });
  }

  for (const step of refusable) {
    test(`whose ${step} keeps failing unwinds, and nothing is held`, async () => {
      const { engine, id, clock } = await aSaga({ throwing: new Map([[step, 99]]) });
      await runSaga(engine, id);
      await sweepUntilQuiet(engine, clock);
      expect(await booksOf(database.db, id)).toMatchObject({ state: "unwound", effects: [] });
    });

    test(`whose ${step} fails twice goes on where it stopped`, async () => {
      const { engine, id, clock } = await aSaga({ throwing: new Map([[step, 2]]) });
      await runSaga(engine, id);
      await sweepUntilQuiet(engine, clock);
      expect(await booksOf(database.db, id)).toEqual(finished);
    });
  }

  test("whose authorisation was made but never answered voids it when it gives up", async () => {
    const { engine, id, clock } = await aSaga({ throwing: new Map([["payment:answer", 99]]) });
    await runSaga(engine, id);
    await sweepUntilQuiet(engine, clock);
    expect(await booksOf(database.db, id)).toMatchObject({ state: "unwound", effects: [], charge: "voided" });
  });

  test("whose capture keeps failing is stuck, shown, and never unwound", async () => {
    const { engine, id, clock } = await aSaga({ throwing: new Map([["captured", 99]]) });
    await runSaga(engine, id);
    await sweepUntilQuiet(engine, clock);
    const books = await booksOf(database.db, id);
    expect(books).toMatchObject({ state: "stuck", charge: "authorized" });
    expect(books.effects).toContain("confirmed:1");
  });

  test("whose undo keeps failing is stuck and keeps what it could not give back", async () => {
    const { engine, id, clock } = await aSaga({ refuse: "payment", throwing: new Map([["undo:stock", 99]]) });
    await runSaga(engine, id);
    await sweepUntilQuiet(engine, clock);
    expect(await booksOf(database.db, id)).toMatchObject({ state: "stuck", effects: ["stock:1"] });
  });
});

describe("a crash", () => {
  test("between any two steps, and at any pair of points, ends as if there had been none", async () => {
    const happy = await aSaga();
    const gates = await recordGates(() => runSaga(happy.engine, happy.id));
    expect(gates.length).toBeGreaterThanOrEqual(7);
    for (let first = 0; first < gates.length; first += 1) {
      for (let second = -1; second < gates.length; second += 1) {
        const { engine, id, clock } = await aSaga();
        expect(await crashAt(first, () => runSaga(engine, id))).toBe("crashed");
        clock.advance(LEASE_MS + 1);
        if (second >= 0) await crashAt(second, () => sweepSagas(engine));
        await sweepUntilQuiet(engine, clock);
        expect([gates[first], second, await booksOf(database.db, id)]).toEqual([gates[first], second, finished]);
      }
    }
  }, 120_000);

  for (const refuse of refusable) {
    test(`anywhere on the way back from ${refuse} runs each undo again and leaves nothing`, async () => {
      const once = await aSaga({ refuse });
      const gates = await recordGates(() => runSaga(once.engine, once.id));
      for (let point = 0; point < gates.length; point += 1) {
        const { engine, id, clock } = await aSaga({ refuse });
        await crashAt(point, () => runSaga(engine, id));
        await sweepUntilQuiet(engine, clock);
        const books = await booksOf(database.db, id);
        expect([gates[point], books.state, books.effects]).toEqual([gates[point], "unwound", []]);
        expect(books.charge).not.toBe("authorized");
      }
    }, 60_000);
  }
});

describe("waiting", () => {
  test("ends at once when the saga is woken", async () => {
    const { engine, id, key, clock } = await aSaga({ approval: true });
    expect(await runSaga(engine, id)).toBe("waiting");
    await approve(id);
    clock.advance(1_000);
    await wake(engine, key);
    expect(await runSaga(engine, id)).toBe("done");
  });

  test("ends by itself when its time is over", async () => {
    const { engine, id, clock } = await aSaga({ approval: true });
    await runSaga(engine, id);
    expect((await sweepSagas(engine)).has(id)).toBe(false);
    await approve(id);
    clock.advance(61_000);
    expect((await sweepSagas(engine)).get(id)).toBe("done");
  });

  test("a wake-up that comes while the saga is at work is not lost", async () => {
    const { engine, id, key } = await aSaga({ approval: true });
    Reflect.set(globalThis, GATE, async (name: string) => {
      if (name !== "test-order:answered:payment") return;
      Reflect.deleteProperty(globalThis, GATE);
      await approve(id);
      await wake(engine, key);
    });
    expect(await runSaga(engine, id)).toBe("done");
  });

  test("a wake-up is not lost either when the process dies right after it wrote the wait", async () => {
    const { engine, clock, id, key } = await aSaga({ approval: true });
    const died = Promise.withResolvers<void>();
    Reflect.set(globalThis, GATE, async (name: string) => {
      if (name === "test-order:answered:payment") {
        await approve(id);
        await wake(engine, key);
      }
      if (name !== "test-order:committed:payment") return undefined;
      const [row] = await database.db.execute(sql`select state from platform.saga where id = ${toUuid(id)}`);
      if (row?.state !== "waiting") return undefined;
      Reflect.deleteProperty(globalThis, GATE);
      died.resolve();
      return new Promise(() => undefined);
    });
    await Promise.race([runSaga(engine, id), died.promise]);
    // Long before the wait would be over, and after the lease of whoever died.
    clock.advance(LEASE_MS);
    expect((await sweepSagas(engine)).get(id)).toBe("done");
  });

  test("is over when the saga is aborted: it unwinds and voids what was authorised", async () => {
    const { engine, id, key } = await aSaga({ approval: true });
    await runSaga(engine, id);
    expect(await abort(engine, key)).toBe(true);
    expect(await runSaga(engine, id)).toBe("unwound");
    expect(await booksOf(database.db, id)).toMatchObject({ effects: [], charge: "voided" });
  });

  test("an abort behind the pivot is refused", async () => {
    const { engine, id, key } = await aSaga();
    await runSaga(engine, id);
    expect(await abort(engine, key)).toBe(false);
    expect(await booksOf(database.db, id)).toEqual(finished);
  });

  test("an abort that comes just before the pivot wins over it", async () => {
    const { engine, id, key } = await aSaga();
    Reflect.set(globalThis, GATE, async (name: string) => {
      if (name !== "test-order:answered:payment") return;
      Reflect.deleteProperty(globalThis, GATE);
      expect(await abort(engine, key)).toBe(true);
    });
    expect(await runSaga(engine, id)).toBe("unwound");
    expect(await booksOf(database.db, id)).toMatchObject({ effects: [], charge: "voided" });
  });

  test("past its deadline, a failing step is not tried again", async () => {
    const clock = fixedClock("2026-03-01T12:00:00Z");
    const engine = testEngine(database.db, clock, { throwing: new Map([["stock", 1]]) });
    const { id } = await startTestSaga(engine, (clock.now() - 1) as Instant);
    expect(await runSaga(engine, id)).toBe("unwound");
  });
});

function wake(engine: SagaEngineOptions, key: string): Promise<void> {
  return transact(engine.db, (tx) => wakeSaga(tx, engine.clock.now(), "test-order", key));
}

function abort(engine: SagaEngineOptions, key: string): Promise<boolean> {
  const failure = { code: "state_conflict", members: { detail: "cancelled" } } as const;
  return transact(engine.db, (tx) => abortSaga(tx, engine.clock.now(), { type: "test-order", key, failure }));
}

async function approve(id: SagaId): Promise<void> {
  await database.db.execute(sql`update charge set approved = true where key = ${`${id}/payment`}`);
}
