import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Instant, newId, type StaffId } from "@stoa/kernel";
import { and, eq } from "drizzle-orm";
import type { Actor, Right } from "../../../platform/rpc/index.ts";
import { auditLog } from "../../../platform/tables.ts";
import { createPaymentsRouter } from "../router.ts";
import { reconciliationItem } from "../tables.ts";
import { authorize, paymentRow, type TestShop, testOrder, testShop } from "../testing/shop.ts";
import { reconcileNightly } from "./nightly.ts";
import { HOUR_MS, of, run } from "./testing/runs.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

test("staff run it and see what was found; repairs stand in the audit log; a night runs it once", async () => {
  const order = testOrder();
  await authorize(shop, order);
  await shop.stripeClient.paymentIntents.capture((await paymentRow(shop, order)).providerReference ?? "");
  await run(shop, "stripe", false);
  const staffId: StaffId = newId("stf");
  const rights = new Set<Right>(["payments:read", "orders:write"]);
  const actor: Actor = { kind: "staff", staffId, userId: "u", name: "Ada", email: "a@shop.example", roles: [], rights };
  const context = { actor, requestId: "req", traceparent: null, idempotencyKey: null, clock: shop.deps.clock };
  const desk = createPaymentsRouter(shop.deps).createCaller(context);
  const now = shop.deps.clock.now();
  const at = (instant: number) => new Date(instant).toISOString();
  const input = { provider: "stripe", from: at(now - HOUR_MS), until: at(now + HOUR_MS), repairs: true } as const;
  await expect(desk.reconcile(input)).rejects.toMatchObject({ code: "FORBIDDEN" });
  expect((await desk.reconcile({ ...input, repairs: false })).repaired).toBe(0);
  rights.add("payments:refund");
  const done = await desk.reconcile(input);
  expect(of(done.items, order)).toEqual([["state_differs", "record_fact", "repaired"]]);
  expect(await desk.reconciliation({ id: done.id })).toMatchObject({ state: "done", found: done.found });
  const newest = await desk.reconciliations({ limit: 1 });
  expect(newest.items).toMatchObject([{ id: done.id, trigger: staffId }]);
  const all = await desk.reconciliations({ limit: 100 });
  expect(newest.total).toBe(all.items.length);
  if (newest.nextCursor !== null) {
    const rest = await desk.reconciliations({ limit: 100, cursor: newest.nextCursor });
    expect([...newest.items, ...rest.items]).toEqual(all.items);
  }
  const { id } = await paymentRow(shop, order);
  const audited = await shop.db
    .select()
    .from(auditLog)
    .where(and(eq(auditLog.entityId, id), eq(auditLog.action, "reconciliation.record_fact")));
  expect(audited).toHaveLength(1);
  const asked = await shop.db.select().from(auditLog).where(eq(auditLog.action, "reconciliation.asked"));
  expect(asked).toMatchObject([
    { actorId: staffId, after: { repairs: false } },
    { actorId: staffId, after: { repairs: true } },
  ]);
  await expect(desk.reconcile({ ...input, provider: "manual" })).rejects.toMatchObject({
    code: "UNPROCESSABLE_CONTENT",
  });
  const five = { ...shop.deps, clock: { now: () => Date.parse("2030-01-02T05:00:00Z") as Instant } };
  expect((await reconcileNightly(five)).done).toHaveLength(2);
  expect(await reconcileNightly(five)).toEqual({ done: [], failed: [] });
  expect(await shop.db.select().from(reconciliationItem)).not.toHaveLength(0);
});
