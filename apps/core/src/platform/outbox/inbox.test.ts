import { expect, test } from "bun:test";
import type { Instant } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { databaseForFile } from "../../testing/index.ts";
import { consumeOnce } from "./inbox.ts";

const database = await databaseForFile();

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
