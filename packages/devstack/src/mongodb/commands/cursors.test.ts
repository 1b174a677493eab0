import { expect, test } from "bun:test";
import { encode } from "../bson/codec.ts";
import { MongoError } from "../errors.ts";
import { CursorRegistry } from "./cursors.ts";

function* documents(count: number) {
  for (let at = 0; at < count; at++) yield encode({ at });
}

test("a cursor unused for ten minutes is forgotten, one without a time-out is not", async () => {
  let now = new Date(0);
  const cursors = new CursorRegistry(() => now);
  const forgotten = await cursors.open("a.b", documents(5), { batchSize: 2 });
  const kept = await cursors.open("a.b", documents(5), { batchSize: 2, noCursorTimeout: true });
  now = new Date(10 * 60 * 1_000 + 1);
  cursors.sweep();
  expect(() => cursors.more(forgotten.id, "a.b", 2)).toThrow(MongoError);
  expect((await cursors.more(kept.id, "a.b", 2)).batch).toHaveLength(2);
});

test("a cursor used in time stays", async () => {
  let now = new Date(0);
  const cursors = new CursorRegistry(() => now);
  const { id } = await cursors.open("a.b", documents(9), { batchSize: 2 });
  for (const minute of [6, 12, 18]) {
    now = new Date(minute * 60_000);
    cursors.sweep();
    expect((await cursors.more(id, "a.b", 2)).batch).toHaveLength(2);
  }
});

test("a batch holds no more than 16 MB, but always one document", async () => {
  const large = encode({ text: "x".repeat(9 * 1024 * 1024) });
  const cursors = new CursorRegistry(() => new Date(0));
  const first = await cursors.open("a.b", [large, large, large]);
  expect(first.batch).toHaveLength(1);
  expect((await cursors.more(first.id, "a.b", undefined)).batch).toHaveLength(1);
  const last = await cursors.more(first.id, "a.b", undefined);
  expect([last.batch.length, last.id]).toEqual([1, 0]);
});

test("a cursor belongs to its collection", async () => {
  const cursors = new CursorRegistry(() => new Date(0));
  const { id } = await cursors.open("a.b", documents(5), { batchSize: 2 });
  expect(() => cursors.more(id, "a.c", 2)).toThrow(/not found/);
});

test("the cursors of a changed collection are ended", async () => {
  const cursors = new CursorRegistry(() => new Date(0));
  await cursors.open("a.b", documents(5), { batchSize: 2 });
  await cursors.open("a.c", documents(5), { batchSize: 2 });
  cursors.killAll("a.b");
  expect(cursors.size).toBe(1);
});

test("only so many cursors are open at once", async () => {
  const cursors = new CursorRegistry(() => new Date(0));
  for (let n = 0; n < 1_000; n++) await cursors.open("a.b", documents(5), { batchSize: 2 });
  expect(() => cursors.open("a.b", documents(5), { batchSize: 2 })).toThrow(/cursors are open/);
});
