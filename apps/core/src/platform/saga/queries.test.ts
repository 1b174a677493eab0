import { expect, test } from "bun:test";
import { type Instant, newId, type OrderId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { databaseForFile } from "../../testing/index.ts";
import { transact } from "../db/index.ts";
import { countStuckSagas, sagasOf, startSaga } from "./index.ts";

const database = await databaseForFile();

const now = 0 as Instant;
const start = (type: string, ...keys: readonly string[]) =>
  transact(database.db, async (tx) => {
    for (const key of keys) await startSaga(tx, now, { saga: { type }, key, input: {} });
  });
const keysOf = async (orderId: OrderId) => (await sagasOf(database.db, orderId)).map(({ key }) => key).sort();

test("an order's sagas are its own and those of its parts, of no other order", async () => {
  const id = newId("ord");
  const alike = id.replace("_", "-");
  await start("place-order", id, alike, newId("ord"));
  await start("refund-return", `${id}/ret_1`, `${id}0`, `${alike}/ret_2`);
  expect(await keysOf(id)).toEqual([id, `${id}/ret_1`]);
});

test("an order's sagas are looked up, not searched for among those of all orders", async () => {
  const id = newId("ord");
  await start("place-order", id, ...Array.from({ length: 500 }, () => newId("ord")));
  await database.db.execute(sql`analyze platform.saga`);
  const read = await transact(database.db, async (tx) => {
    await tx.execute(sql`set local enable_seqscan = off`);
    expect(await sagasOf(tx, id)).toHaveLength(1);
    const [index] = await tx.execute<{ read: number }>(
      sql`select pg_stat_get_xact_tuples_returned('platform.saga_of_key'::regclass)::int as read`,
    );
    return index?.read;
  });
  expect(read).toBeLessThan(10);
});

test("of all sagas the stuck ones are counted, and no others", async () => {
  await start("place-order", newId("ord"), newId("ord"));
  expect(await countStuckSagas(database.db)).toBe(0);
  await database.db.execute(
    sql`update platform.saga set state = 'stuck' where key = (select max(key) from platform.saga)`,
  );
  expect(await countStuckSagas(database.db)).toBe(1);
});
