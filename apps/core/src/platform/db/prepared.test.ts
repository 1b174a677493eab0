import { expect, test } from "bun:test";
import type { Instant } from "@stoa/kernel";
import { eq, sql } from "drizzle-orm";
import { testDatabase } from "../../testing/index.ts";
import { setting } from "../tables.ts";
import { postgresError, prepared, transact, type ValueOf } from "./index.ts";

type Row = Pick<typeof setting.$inferSelect, "name" | "value" | "updatedAt">;

const insert = prepared((db, value: ValueOf<Row>) =>
  db
    .insert(setting)
    .values({ name: value("name"), value: value("value"), updatedAt: value("updatedAt") })
    .returning(),
);

const find = prepared((db, value: ValueOf<Pick<Row, "name">>) =>
  db
    .select()
    .from(setting)
    .where(eq(setting.name, value("name", setting.name))),
);

const change = prepared((db, value: ValueOf<Row>) =>
  db
    .update(setting)
    .set({ value: value("value", setting.value), updatedAt: value("updatedAt", setting.updatedAt) })
    .where(eq(setting.name, value("name", setting.name)))
    .returning(),
);

const count = prepared(
  (_, value: ValueOf<{ readonly names: readonly string[]; readonly since: string | null }>) =>
    sql<{ count: number }>`select count(*)::int as count from platform.setting where name = any(${value("names")})
      and (${value("since")}::timestamptz is null or updated_at >= ${value("since")}::timestamptz)`,
);

test("a prepared statement writes and reads each column's own values, any number of times", async () => {
  await using database = await testDatabase();
  const { db } = database;
  const at = 1_700_000_000_123 as Instant;
  const [written] = await insert(db, { name: "one", value: { a: [1, "two"] }, updatedAt: at });
  await insert(db, { name: "two", value: { it: "isn't" }, updatedAt: at });
  expect(written).toMatchObject({ name: "one", value: { a: [1, "two"] }, updatedAt: at });
  const later = (at + 1) as Instant;
  await change(db, { name: "one", value: null, updatedAt: later }).catch(() => undefined);
  await change(db, { name: "one", value: { b: true }, updatedAt: later });
  expect(await find(db, { name: "one" })).toMatchObject([{ value: { b: true }, updatedAt: later }]);
  expect(await find(db, { name: "two" })).toMatchObject([{ value: { it: "isn't" }, updatedAt: at }]);
  expect(await count(db, { names: ["one", "two", "three"], since: null })).toMatchObject([{ count: 2 }]);
  expect(await count(db, { names: ["one", "two"], since: new Date(later).toISOString() })).toMatchObject([
    { count: 1 },
  ]);
});

test("a prepared statement belongs to the transaction that runs it, also when two run it at once", async () => {
  await using database = await testDatabase();
  const { db } = database;
  const updatedAt = 0 as Instant;
  const undone = transact(db, async (tx) => {
    await insert(tx, { name: "undone", value: 1, updatedAt });
    expect(await find(tx, { name: "undone" })).toHaveLength(1);
    throw new Error("no");
  }).catch(() => undefined);
  await Promise.all([undone, transact(db, (tx) => insert(tx, { name: "done", value: 1, updatedAt }))]);
  expect(await find(db, { name: "undone" })).toEqual([]);
  expect(await find(db, { name: "done" })).toHaveLength(1);
});

test("what Postgres refuses of a prepared statement is told as of every other", async () => {
  await using database = await testDatabase();
  const row = { name: "once", value: 1, updatedAt: 0 as Instant };
  await insert(database.db, row);
  const error = await insert(database.db, row).catch((refused: unknown) => refused);
  expect(postgresError(error)?.code).toBe("23505");
});
