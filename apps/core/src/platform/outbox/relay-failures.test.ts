import { expect, test } from "bun:test";
import { eq } from "drizzle-orm";
import { databaseForFile } from "../../testing/index.ts";
import { deadLetter } from "../tables.ts";
import { FIRST_CLAIM_MS, readOutboxHealth } from "./index.ts";
import { relayOver } from "./testing/relay.ts";

const database = await databaseForFile();

const aRelay = (attemptsMax?: number, markAfterMs?: number) => relayOver(database.db, attemptsMax, markAfterMs);

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
