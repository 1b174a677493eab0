import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { testDatabase } from "../../testing/index.ts";
import { onCommit, openDatabase, transact } from "./index.ts";

test("statements are prepared once and used again, in transactions and out of them", async () => {
  await using database = await testDatabase();
  const options = { url: database.url, poolSize: 1, statementTimeoutMs: 50_000, applicationName: "prepared" };
  await using connection = openDatabase(options);
  for (let n = 0; n < 3; n += 1) await connection.db.execute(sql`select ${n}::int + 1 as pooled`);
  await transact(connection.db, async (tx) => {
    for (let n = 0; n < 3; n += 1) await tx.execute(sql`select ${n}::int + 1 as transacted`);
  });
  const prepared = await connection.client`select statement, generic_plans + custom_plans as uses
    from pg_prepared_statements where statement like 'select $1::int + 1%' order by statement`;
  expect(prepared.map((row) => [row.statement, Number(row.uses)])).toEqual([
    ["select $1::int + 1 as pooled", 3],
    ["select $1::int + 1 as transacted", 3],
  ]);
});

test("two transactions that wait for each other's rows both come to their end, each once", async () => {
  await using database = await testDatabase();
  const { db } = database;
  await db.execute(sql`create table public.meeting (id int primary key, seen int not null default 0)`);
  await db.execute(sql`insert into public.meeting values (1), (2)`);
  const met = Promise.withResolvers<void>();
  let here = 0;
  let committed = 0;
  const inOrder = (first: number, second: number) =>
    transact(db, async (tx) => {
      await tx.execute(sql`update public.meeting set seen = seen + 1 where id = ${first}`);
      here += 1;
      if (here === 2) met.resolve();
      await met.promise;
      await tx.execute(sql`update public.meeting set seen = seen + 1 where id = ${second}`);
      onCommit(tx, () => {
        committed += 1;
      });
    });
  await Promise.all([inOrder(1, 2), inOrder(2, 1)]);
  expect([...(await db.execute(sql`select id, seen from public.meeting order by id`))]).toEqual([
    { id: 1, seen: 2 },
    { id: 2, seen: 2 },
  ]);
  expect([here, committed]).toEqual([3, 2]);
});

test("a refusal, and any other failure, is not tried again", async () => {
  await using database = await testDatabase();
  let tries = 0;
  const failing = (work: () => Promise<unknown>) =>
    transact(database.db, async (tx) => {
      tries += 1;
      await tx.execute(sql`select 1`);
      await work();
    });
  await expect(failing(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  await expect(transact(database.db, (tx) => tx.execute(sql`select 1 / 0`))).rejects.toBeDefined();
  expect(tries).toBe(1);
});
