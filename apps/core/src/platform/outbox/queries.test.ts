import { expect, test } from "bun:test";
import { type Instant, newId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { databaseForFile } from "../../testing/index.ts";
import { transact } from "../db/index.ts";
import { deadLetter, outbox } from "../tables.ts";
import { consumeOnce } from "./inbox.ts";
import {
  defineMessage,
  enqueue,
  openDeadLetters,
  purgePlatform,
  replayDeadLetter,
  replayDeadLetters,
  retellProjections,
} from "./index.ts";

const database = await databaseForFile();

const shown = defineMessage("projection", "test.shown", z.object({ n: z.int() }));
const start = Date.parse("2026-03-01T12:00:00Z") as Instant;
const days = (count: number) => (start + count * 86_400_000) as Instant;

/** A projection's message that was given up. */
async function aDeadLetter() {
  const key = newId("prod");
  await transact(database.db, (tx) => enqueue(tx, start, [shown.of(key, { n: 1 })]));
  await database.db.update(outbox).set({ sentAt: start }).where(eq(outbox.key, key));
  const [sent] = await database.db.select().from(outbox).where(eq(outbox.key, key));
  if (!sent) throw new Error("no message was written");
  const { id, type, payload, attempts } = sent;
  const row = { id, source: "outbox" as const, type, key, payload, attempts, error: "no", createdAt: start };
  await database.db.insert(deadLetter).values(row);
  return { id, key };
}

const replay = (id: Awaited<ReturnType<typeof aDeadLetter>>["id"], now: Instant) =>
  transact(database.db, (tx) => replayDeadLetter(tx, now, id));

test("a dead letter is replayed the way it went, however late, and once", async () => {
  const { id, key } = await aDeadLetter();
  await purgePlatform(database.db, days(30));
  expect((await openDeadLetters(database.db, 100)).map((letter) => letter.id)).toContain(id);
  await replay(id, days(30));
  const again = await database.db.select().from(outbox).where(eq(outbox.key, key));
  expect(again.filter((row) => row.id !== id)).toMatchObject([
    { channel: "projection", type: "test.shown", payload: { n: 1 }, sentAt: null },
  ]);
  await expect(replay(id, days(30))).rejects.toMatchObject({ code: "not_found" });
});

test("all dead letters are replayed together, some at a time and the oldest first, each once however many ask", async () => {
  const replayAll = (limit: number) => transact(database.db, (tx) => replayDeadLetters(tx, start, limit));
  await replayAll(1_000);
  const letters = [await aDeadLetter(), await aDeadLetter(), await aDeadLetter()];
  const ids = letters.map(({ id }) => id);
  expect(await replayAll(1)).toEqual(ids.slice(0, 1));
  const others = await Promise.all([replayAll(10), replayAll(10), replayAll(10)]);
  expect(others.flat().sort()).toEqual(ids.slice(1).sort());
  expect(await replayAll(10)).toEqual([]);
  for (const { key, id } of letters) {
    const sent = (await database.db.select().from(outbox).where(eq(outbox.key, key))).filter((row) => row.id !== id);
    expect(sent).toMatchObject([{ channel: "projection", type: "test.shown", payload: { n: 1 }, sentAt: null }]);
  }
});

test("what was sent, taken or replayed more than a week ago is deleted, and nothing else", async () => {
  const replayed = await aDeadLetter();
  await replay(replayed.id, start);
  const open = await aDeadLetter();
  await consumeOnce(database.db, { consumer: "test", messageId: "old", now: start }, async () => undefined);
  const idsOf = async () => (await database.db.select({ id: outbox.id }).from(outbox)).map(({ id }) => id);
  const lettersOf = async () => (await database.db.select({ id: deadLetter.id }).from(deadLetter)).map(({ id }) => id);
  await purgePlatform(database.db, days(6));
  expect(await idsOf()).toContain(replayed.id);
  expect(await lettersOf()).toContain(replayed.id);
  while ((await purgePlatform(database.db, days(8))) > 0);
  expect(await idsOf()).not.toContain(replayed.id);
  expect(await lettersOf()).not.toContain(replayed.id);
  expect(await idsOf()).toContain(open.id);
  expect(await lettersOf()).toContain(open.id);
  const fresh = await database.db.select().from(outbox).where(eq(outbox.key, replayed.key));
  expect(fresh).toMatchObject([{ sentAt: null }]);
  const taken = { consumer: "test", messageId: "old", now: days(8) };
  expect(await consumeOnce(database.db, taken, async () => undefined)).toBe(true);
});

test("what the read models were told since is told again, and nothing else", async () => {
  const told = defineMessage("queue", "test.told", z.object({ n: z.int() }));
  const key = newId("prod");
  const messages = [shown.of(key, { n: 1 }), shown.of(key, { n: 2 }), told.of(key, { n: 3 })];
  await transact(database.db, (tx) => enqueue(tx, start, messages));
  const sentAt = (n: number) => (n === 1 ? days(40) : days(41));
  for (const row of await database.db.select().from(outbox).where(eq(outbox.key, key))) {
    const { n } = z.object({ n: z.int() }).parse(row.payload);
    await database.db
      .update(outbox)
      .set({ sentAt: sentAt(n), attempts: 20 })
      .where(eq(outbox.id, row.id));
  }
  expect(await retellProjections(database.db, days(41))).toBe(1);
  const waiting = (await database.db.select().from(outbox).where(eq(outbox.key, key))).filter((row) => !row.sentAt);
  expect(waiting).toMatchObject([{ payload: { n: 2 }, attempts: 0, claimedUntil: null }]);
});
