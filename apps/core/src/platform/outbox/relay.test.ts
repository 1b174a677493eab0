import { expect, test } from "bun:test";
import { fixedClock, type Instant } from "@stoa/kernel";
import { eq, isNull, like, sql } from "drizzle-orm";
import { z } from "zod";
import { databaseForFile, eventually } from "../../testing/index.ts";
import { transact } from "../db/index.ts";
import { deadLetter, outbox } from "../tables.ts";
import { consumeOnce } from "./inbox.ts";
import {
  defineMessage,
  enqueue,
  FIRST_CLAIM_MS,
  type OutboxRow,
  onOutboxCommit,
  Relay,
  readOutboxHealth,
} from "./index.ts";

const database = await databaseForFile();

const told = defineMessage("queue", "test.told", z.object({ n: z.int() }));
const shown = defineMessage("projection", "test.shown", z.object({ n: z.int() }));

interface World {
  readonly carried: string[];
  /** Throws for a row with this key, as often as the number says. */
  readonly failing: Map<string, number>;
  /** What is left to do for a row with this key. */
  readonly rests: Map<string, Promise<void>>;
  /** Nothing is taken before. */
  open: Promise<void>;
}

async function aRelay(attemptsMax = 3, markAfterMs = 0) {
  await database.db.delete(outbox);
  await database.db.delete(deadLetter);
  const clock = fixedClock("2026-03-01T12:00:00Z");
  const world: World = { carried: [], failing: new Map(), rests: new Map(), open: Promise.resolve() };
  const forward = async (rows: readonly OutboxRow[]) => {
    await world.open;
    for (const row of rows) {
      const left = world.failing.get(row.key) ?? 0;
      if (left === 0) continue;
      world.failing.set(row.key, left - 1);
      throw new Error(`${row.key} was not taken`);
    }
    world.carried.push(...rows.map((row) => row.key));
    const rests = rows.flatMap((row) => world.rests.get(row.key) ?? []);
    return { rest: Promise.all(rests).then(() => undefined) };
  };
  const observe = { sent: () => undefined, failed: () => undefined, deadLettered: () => undefined };
  const db = database.db;
  const relay = new Relay({
    db,
    clock,
    attemptsMax,
    claimMs: 10_000,
    markAfterMs,
    observe,
    forward: { queue: forward, projection: forward },
  });
  const tell = (...keys: string[]) =>
    transact(db, (tx) =>
      enqueue(
        tx,
        clock.now(),
        keys.map((key, n) => told.of(key, { n })),
      ),
    );
  const waiting = async () => (await db.select({ key: outbox.key }).from(outbox).where(isNull(outbox.sentAt))).length;
  return { clock, world, relay, tell, waiting };
}

test("the commit hands rows to the relay, and both channels are carried", async () => {
  const { clock, relay, world, waiting } = await aRelay();
  onOutboxCommit((rows) => relay.take(rows));
  await transact(database.db, (tx) => enqueue(tx, clock.now(), [told.of("a", { n: 1 }), shown.of("b", { n: 2 })]));
  await relay.idle();
  onOutboxCommit(() => undefined);
  expect(world.carried.sort()).toEqual(["a", "b"]);
  expect(await waiting()).toBe(0);
});

test("marks that wait for each other are set before the relay is idle, and a sweep meanwhile carries nothing twice", async () => {
  const { relay, world, tell, waiting } = await aRelay(3, 20);
  onOutboxCommit((rows) => relay.take(rows));
  await tell("a", "b");
  await tell("c");
  expect(await relay.sweep()).toBe(0);
  await relay.idle();
  onOutboxCommit(() => undefined);
  expect(world.carried.sort()).toEqual(["a", "b", "c"]);
  expect(await waiting()).toBe(0);
});

test("what may follow later holds up nobody, and counts as carried when it is done", async () => {
  const { relay, world, tell, waiting } = await aRelay();
  onOutboxCommit((rows) => relay.take(rows));
  const rest = Promise.withResolvers<void>();
  world.rests.set("slow", rest.promise);
  await tell("slow");
  await tell("fast");
  await eventually(async () => (await waiting()) === 1);
  expect(world.carried).toEqual(["slow", "fast"]);
  rest.resolve();
  await relay.idle();
  onOutboxCommit(() => undefined);
  expect(await waiting()).toBe(0);
});

test("rows whose rest fails are tried one by one, and what fails still waits", async () => {
  const { clock, relay, world, tell, waiting } = await aRelay();
  onOutboxCommit((rows) => relay.take(rows));
  const rest = Promise.withResolvers<void>();
  world.rests.set("slow", rest.promise);
  await tell("slow", "other");
  rest.reject(new Error("could not be shown"));
  await relay.idle();
  onOutboxCommit(() => undefined);
  expect(world.carried).toEqual(["slow", "other", "slow", "other"]);
  expect(await waiting()).toBe(1);
  world.rests.clear();
  clock.advance(60_000);
  await relay.sweep();
  await relay.idle();
  expect(await waiting()).toBe(0);
});

test("a transaction that is rolled back tells nobody", async () => {
  const { clock, relay, world, waiting } = await aRelay();
  onOutboxCommit((rows) => relay.take(rows));
  const failed = transact(database.db, async (tx) => {
    await enqueue(tx, clock.now(), [told.of("never", { n: 1 })]);
    throw new Error("no");
  });
  await expect(failed).rejects.toThrow("no");
  await relay.idle();
  onOutboxCommit(() => undefined);
  expect(world.carried).toEqual([]);
  expect(await waiting()).toBe(0);
});

test("what the commit's process lost, a sweep carries once its claim has lapsed", async () => {
  const { clock, relay, world, tell, waiting } = await aRelay();
  for (const key of ["b", "c", "a"]) {
    await tell(key);
    clock.advance(1);
  }
  expect(await relay.sweep()).toBe(0);
  clock.advance(FIRST_CLAIM_MS + 1);
  expect(await relay.sweep()).toBe(3);
  await relay.idle();
  expect(world.carried).toEqual(["b", "c", "a"]);
  expect(await waiting()).toBe(0);
});

/** A relay whose queue takes nothing before it is opened, and that holds so many rows of it already. */
async function aStalledRelay(rows: number) {
  const made = await aRelay();
  const opened = Promise.withResolvers<void>();
  made.world.open = opened.promise;
  onOutboxCommit((fresh) => made.relay.take(fresh));
  await made.tell(...Array.from({ length: rows }, (_, n) => `held-${n}`));
  onOutboxCommit(() => undefined);
  await made.tell("lost by another process");
  const attemptsOf = async (key: string) => {
    const found = await database.db.select({ attempts: outbox.attempts }).from(outbox).where(like(outbox.key, key));
    return [...new Set(found.map(({ attempts }) => attempts))];
  };
  return { ...made, open: () => opened.resolve(), attemptsOf };
}

test("what waits in this process behind a stalled queue is not claimed anew, and loses none of its tries", async () => {
  const { clock, relay, world, waiting, open, attemptsOf } = await aStalledRelay(301);
  for (let round = 0; round < 5; round += 1) {
    clock.advance(60_000);
    expect(await relay.sweep()).toBe(round === 0 ? 1 : 0);
  }
  expect(await attemptsOf("held-%")).toEqual([1]);
  open();
  await relay.idle();
  expect(world.carried).toHaveLength(302);
  expect(new Set(world.carried).size).toBe(302);
  expect(await waiting()).toBe(0);
});

test("a queue that has enough to do is not swept, and holds up nothing but itself", async () => {
  const { clock, relay, world, waiting, open, attemptsOf } = await aStalledRelay(501);
  await transact(database.db, (tx) => enqueue(tx, clock.now(), [shown.of("beside", { n: 1 })]));
  clock.advance(60_000);
  expect(await relay.sweep()).toBe(1);
  expect(await relay.sweep()).toBe(0);
  expect(await attemptsOf("lost%")).toEqual([1]);
  open();
  await relay.idle();
  expect(world.carried).toHaveLength(502);
  expect(await relay.sweep()).toBe(1);
  await relay.idle();
  expect(world.carried.at(-1)).toBe("lost by another process");
  expect(await waiting()).toBe(0);
});

test("many sweeps at once take each row once", async () => {
  const { clock, relay, world, tell } = await aRelay();
  await tell(...Array.from({ length: 250 }, (_, n) => `row-${n}`));
  clock.advance(FIRST_CLAIM_MS + 1);
  const taken = await Promise.all(Array.from({ length: 8 }, () => relay.sweep()));
  await relay.idle();
  expect(taken.reduce((left, right) => left + right, 0)).toBe(250);
  expect(new Set(world.carried).size).toBe(250);
  expect(world.carried.length).toBe(250);
});

test("a row that is poisoned does not hold up the others, and is tried again later", async () => {
  const { clock, relay, world, tell, waiting } = await aRelay();
  world.failing.set("poisoned", 2);
  await tell("good-1", "poisoned", "good-2");
  clock.advance(FIRST_CLAIM_MS + 1);
  await relay.sweep();
  await relay.idle();
  expect(world.carried.sort()).toEqual(["good-1", "good-2"]);
  expect(await waiting()).toBe(1);
  clock.advance(60_000);
  await relay.sweep();
  await relay.idle();
  expect(world.carried).toContain("poisoned");
  expect(await waiting()).toBe(0);
});

test("what cannot leave counts as waiting since it was due, however often it is tried", async () => {
  const { clock, relay, world, tell } = await aRelay(20);
  world.failing.set("stranded", 99);
  await tell("stranded");
  await relay.idle();
  for (let minute = 0; minute < 5; minute += 1) {
    clock.advance(60_000);
    await relay.sweep();
    await relay.idle();
    const health = await readOutboxHealth(database.db, clock.now());
    expect(health).toMatchObject({ waiting: 1, lagSeconds: (minute + 1) * 60 });
  }
  // Between two tries it is left alone.
  expect(await relay.sweep()).toBe(0);
});

test("what exhausts its tries becomes a dead letter with its error", async () => {
  const { clock, relay, world, tell, waiting } = await aRelay(2);
  world.failing.set("hopeless", 99);
  await tell("hopeless");
  for (let round = 0; round < 4; round += 1) {
    clock.advance(3_600_000);
    await relay.sweep();
    await relay.idle();
  }
  expect(await waiting()).toBe(0);
  const letters = await database.db.select().from(deadLetter).where(eq(deadLetter.key, "hopeless"));
  expect(letters).toHaveLength(1);
  expect(letters[0]?.error).toContain("hopeless was not taken");
});

test("a delayed message waits for its time", async () => {
  const { clock, relay, world } = await aRelay();
  await transact(database.db, (tx) => enqueue(tx, clock.now(), [told.of("later", { n: 1 }, { delaySeconds: 120 })]));
  clock.advance(60_000);
  expect(await relay.sweep()).toBe(0);
  clock.advance(61_000);
  await relay.sweep();
  await relay.idle();
  expect(world.carried).toEqual(["later"]);
});

test("a delivery is counted once, however often and however parallel it comes", async () => {
  await database.db.execute(sql`create table counted (n int not null)`);
  const delivery = { consumer: "test", messageId: "msg_1", now: 0 as Instant };
  const results = await Promise.all(
    Array.from({ length: 10 }, () =>
      consumeOnce(database.db, delivery, async (tx) => {
        await tx.execute(sql`insert into counted values (1)`);
      }),
    ),
  );
  expect(results.filter(Boolean)).toHaveLength(1);
  expect((await database.db.execute(sql`select * from counted`)).length).toBe(1);
});

test("a delivery whose work fails may be delivered again", async () => {
  const delivery = { consumer: "test", messageId: "msg_2", now: 0 as Instant };
  const broken = consumeOnce(database.db, delivery, async () => {
    throw new Error("not now");
  });
  await expect(broken).rejects.toThrow("not now");
  expect(await consumeOnce(database.db, delivery, async () => undefined)).toBe(true);
});
