import { expect, test } from "bun:test";
import { like } from "drizzle-orm";
import { databaseForFile, eventually } from "../../testing/index.ts";
import { transact } from "../db/index.ts";
import { outbox } from "../tables.ts";
import { enqueue, FIRST_CLAIM_MS, onOutboxCommit } from "./index.ts";
import { relayOver, shown, told } from "./testing/relay.ts";

const database = await databaseForFile();

const aRelay = (attemptsMax?: number, markAfterMs?: number) => relayOver(database.db, attemptsMax, markAfterMs);

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
