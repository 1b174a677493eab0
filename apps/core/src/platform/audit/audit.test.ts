import { expect, test } from "bun:test";
import type { Instant } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { databaseForFile } from "../../testing/index.ts";
import { transact } from "../db/index.ts";
import { recordAudit, verifyAuditChain } from "./index.ts";

const database = await databaseForFile();

const entry = (entityId: string) => ({
  at: Date.parse("2026-11-23T10:00:00.123Z") as Instant,
  actor: { kind: "system", name: "test" } as const,
  action: "stock.adjusted",
  entity: "stock",
  entityId,
  before: { onHand: 1, nested: { b: 1, a: [1, { z: 1, y: null }] } },
  after: { onHand: 2 },
});

test("the chain is whole after parallel writers, and an altered or a removed row breaks it", async () => {
  await Promise.all(
    Array.from({ length: 20 }, (_, index) => transact(database.db, (tx) => recordAudit(tx, entry(`sku-${index}`)))),
  );
  expect(await verifyAuditChain(database.db)).toEqual({ rows: 20, brokenAt: null });

  await database.db.execute(sql`update platform.audit_log set after = '{"onHand": 3}' where seq = 7`);
  expect((await verifyAuditChain(database.db)).brokenAt).toBe(7);
  await database.db.execute(sql`update platform.audit_log set after = '{"onHand": 2}' where seq = 7`);
  expect((await verifyAuditChain(database.db)).brokenAt).toBeNull();

  await database.db.execute(sql`delete from platform.audit_log where seq = 11`);
  expect((await verifyAuditChain(database.db)).brokenAt).toBe(12);
});
