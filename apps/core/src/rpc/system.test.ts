import { expect, test } from "bun:test";
import { fixedClock, newId } from "@stoa/kernel";
import { createHealth } from "@stoa/runtime";
import { eq } from "drizzle-orm";
import type { StaffActor } from "../platform/rpc/index.ts";
import { auditLog, deadLetter } from "../platform/tables.ts";
import { databaseForFile } from "../testing/index.ts";
import { createSystemRouter } from "./system.ts";

const { db } = await databaseForFile();
const clock = fixedClock("2026-11-28T10:00:00Z");
const health = createHealth({ timeoutMs: 1_000, onFailure: () => undefined, checks: {} });

function callerWith(...rights: ("system:read" | "system:write")[]) {
  const who = { userId: "u", name: "Sam", email: "sam@example.com" };
  const actor: StaffActor = { ...who, kind: "staff", staffId: newId("stf"), roles: [], rights: new Set(rights) };
  const context = { actor, requestId: "req", traceparent: null, idempotencyKey: null, clock };
  const [providers, mail] = [async () => [], () => Promise.reject(new Error("nobody asks for it here"))];
  return createSystemRouter({ db, clock, health, providers, mail }).createCaller(context);
}

async function deadLetters(count: number) {
  const rows = Array.from({ length: count }, () => ({
    ...{ id: newId("msg"), source: "queue" as const, type: "saga.run", key: newId("ord"), payload: {} },
    ...{ attempts: 20, error: "no", createdAt: clock.now() },
  }));
  await db.insert(deadLetter).values(rows);
  return rows.map(({ id }) => id);
}

test("all dead letters are sent again by whoever may, so many a call, with one line in the audit log that names them", async () => {
  const ids = await deadLetters(205);
  await expect(callerWith("system:read").replayAll()).rejects.toMatchObject({ code: "FORBIDDEN" });
  const caller = callerWith("system:read", "system:write");
  expect(await caller.replayAll()).toEqual({ replayed: 200, left: 5 });
  expect(await caller.replayAll()).toEqual({ replayed: 5, left: 0 });
  expect(await caller.replayAll()).toEqual({ replayed: 0, left: 0 });
  const lines = await db.select().from(auditLog).where(eq(auditLog.action, "messages.replayed"));
  const named = lines.flatMap(({ after }) => (after as { ids: typeof ids }).ids);
  expect([lines.length, named.sort()]).toEqual([2, ids.sort()]);
  expect(await caller.deadLetters()).toEqual({ items: [] });
});
