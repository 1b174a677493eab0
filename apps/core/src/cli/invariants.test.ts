import { expect, test } from "bun:test";
import { newId, systemClock } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { CoreConfig } from "../config.ts";
import { recordAudit } from "../platform/audit/index.ts";
import { type Database, transact } from "../platform/db/index.ts";
import type { Actor } from "../platform/rpc/index.ts";
import { testDatabase } from "../testing/index.ts";
import { examineInvariants } from "./invariants.ts";

const staff: Actor = {
  kind: "staff",
  staffId: newId("stf"),
  userId: "user",
  name: "Grace",
  email: "grace@example.com",
  roles: [],
  rights: new Set(),
};

/** More rows than one digit counts, so that their order is that of numbers and not of texts. */
async function writeAuditRows(db: Database): Promise<void> {
  for (let n = 1; n <= 12; n += 1) {
    await transact(db, (tx) =>
      recordAudit(tx, {
        at: systemClock.now(),
        actor: staff,
        action: "order.noted",
        entity: "order",
        entityId: `ord_${n}`,
        after: { words: "Grüße, 12 €", n: n / 3 },
      }),
    );
  }
}

test("stoa doctor --deep asks an open shop what it can be asked, and says by number what does not hold", async () => {
  await using database = await testDatabase();
  const config = {
    DATABASE_URL: database.url,
    REDIS_URL: `${process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6399"}/12`,
    MONGODB_URL: new URL("/stoa_empty", process.env.TEST_MONGODB_URL ?? "mongodb://127.0.0.1:27018").href,
  } as CoreConfig;
  await writeAuditRows(database.db);
  const well = await examineInvariants(config, new Date());
  expect(well).toMatchObject({ verdict: "ok" });
  expect(well.what).toMatch(/^2\d of 24 asked, all hold$/);
  await database.db.execute(sql`insert into inventory.reservation (id, holder, status, expires_at, created_at, updated_at)
    values (gen_random_uuid(), 'cart_x', 'held', now() - interval '1 hour', now(), now())`);
  const ill = await examineInvariants(config, new Date());
  expect(ill).toMatchObject({ verdict: "bad" });
  expect(ill.what).toStartWith("1 do not hold; 16: the hold of cart_x lapsed at ");
}, 60_000);
