import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { testDatabase } from "../../testing/index.ts";
import { openDatabase, transact } from "./index.ts";

test("statements are prepared once and used again, in transactions and out of them", async () => {
  await using database = await testDatabase();
  const options = { url: database.url, poolSize: 1, statementTimeoutMs: 5_000, applicationName: "prepared" };
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
