import { afterAll, beforeAll, expect, test } from "bun:test";
import { type CustomerId, newId, systemClock } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { verifyAuditChain } from "../../platform/audit/index.ts";
import { transact } from "../../platform/db/index.ts";
import type { Right, StaffActor } from "../../platform/rpc/index.ts";
import { testDatabase } from "../../testing/index.ts";
import { ensureCustomer } from "./customers.ts";
import { eraseCustomer } from "./erase-customer.ts";
import { groupsOf } from "./groups.ts";
import { createGroupsRouter } from "./groups-router.ts";

let database: Awaited<ReturnType<typeof testDatabase>>;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

function staff(...rights: Right[]) {
  const staffId = newId("stf");
  const actor: StaffActor = {
    ...{ kind: "staff", staffId, userId: staffId, name: "Sam", email: "sam@example.com", roles: [] },
    rights: new Set(rights),
  };
  const deps = { db: database.db, clock: systemClock };
  const context = { actor, requestId: "request-1", traceparent: null, idempotencyKey: null, clock: systemClock };
  return createGroupsRouter(deps).createCaller(context);
}
const manager = () => staff("customers:read", "customers:write");

async function aCustomer(): Promise<CustomerId> {
  const customerId = newId("cus");
  const email = `${customerId}@example.com`;
  await ensureCustomer(database.db, systemClock.now(), { customerId, email, name: "Ada" });
  return customerId;
}

test("there are no more groups than are listed", async () => {
  await using full = await testDatabase();
  await full.db.execute(sql`insert into users.customer_group (code, name, created_at, updated_at)
    select 'g' || n, 'Group', now(), now() from generate_series(1, 500) n`);
  const context = { requestId: "r", traceparent: null, idempotencyKey: null, clock: systemClock };
  const rights = new Set<Right>(["customers:read", "customers:write"]);
  const who = { staffId: newId("stf"), userId: "u", name: "Sam", email: "s@example.com", roles: [] };
  const actor: StaffActor = { kind: "staff", ...who, rights };
  const caller = createGroupsRouter({ db: full.db, clock: systemClock }).createCaller({ ...context, actor });
  await expect(caller.save({ code: "one-more", name: "One more" })).rejects.toMatchObject({
    cause: { code: "state_conflict" },
  });
  await caller.save({ code: "g7", name: "Another name" });
  expect((await caller.list()).items.find(({ code }) => code === "g7")?.name).toBe("Another name");
});

test("customers are put into groups and taken out again, and each step is in the audit log", async () => {
  const [ada, eve] = [await aCustomer(), await aCustomer()];
  await manager().save({ code: "wholesale", name: "Wholesale" });
  await manager().save({ code: "wholesale", name: "Trade" });
  expect(await manager().addMembers({ code: "wholesale", customerIds: [ada, eve, ada] })).toEqual({
    added: expect.arrayContaining([ada, eve]),
  });
  expect(await manager().addMembers({ code: "wholesale", customerIds: [ada] })).toEqual({ added: [] });
  expect(await groupsOf(database.db, ada)).toEqual(["wholesale"]);
  expect(await manager().list()).toMatchObject({ items: [{ code: "wholesale", name: "Trade", members: 2 }] });
  const first = await manager().members({ code: "wholesale", limit: 1 });
  const second = await manager().members({ code: "wholesale", limit: 1, cursor: first.nextCursor ?? "" });
  expect([...first.items, ...second.items].map((member) => member.customerId).sort()).toEqual([ada, eve].sort());
  expect([first.total, second.nextCursor]).toEqual([2, null]);

  expect(await manager().removeMembers({ code: "wholesale", customerIds: [eve] })).toEqual({ removed: [eve] });
  await manager().delete({ code: "wholesale" });
  expect(await groupsOf(database.db, ada)).toEqual([]);
  const rows = await database.db.execute<{ action: string }>(
    sql`select action from platform.audit_log where entity = 'customer_group' and entity_id = 'wholesale' order by seq`,
  );
  expect(rows.map((row) => row.action.replace("customer_group.", ""))).toEqual([
    "saved",
    "saved",
    "members_added",
    "members_added",
    "members_removed",
    "deleted",
  ]);
  expect((await verifyAuditChain(database.db)).brokenAt).toBeNull();
});

test("nobody is put into a group that is none, no stranger into a group, and nothing without the right", async () => {
  const ada = await aCustomer();
  await manager().save({ code: "friends", name: "Friends" });
  const refusal = (work: Promise<unknown>) => work.catch((error: { cause?: { code?: string } }) => error.cause?.code);
  const none = newId("cus");
  expect(await refusal(manager().addMembers({ code: "nobody", customerIds: [ada] }))).toBe("not_found");
  expect(await refusal(manager().addMembers({ code: "friends", customerIds: [ada, none] }))).toBe("validation_failed");
  expect(await refusal(manager().delete({ code: "nobody" }))).toBe("not_found");
  expect(await groupsOf(database.db, ada)).toEqual([]);
  const reader = staff("customers:read");
  for (const work of [
    reader.save({ code: "friends", name: "Foes" }),
    reader.delete({ code: "friends" }),
    reader.addMembers({ code: "friends", customerIds: [ada] }),
    reader.removeMembers({ code: "friends", customerIds: [ada] }),
    staff("orders:read").list(),
    staff("orders:read").members({ code: "friends" }),
  ]) {
    expect(await refusal(work)).toBe("forbidden");
  }
});

test("somebody who is forgotten belongs to no group any more", async () => {
  const ada = await aCustomer();
  await manager().save({ code: "regulars", name: "Regulars" });
  await manager().addMembers({ code: "regulars", customerIds: [ada] });
  await transact(database.db, (tx) => eraseCustomer(tx, systemClock.now(), { customerId: ada, userId: ada }));
  expect(await groupsOf(database.db, ada)).toEqual([]);
});
