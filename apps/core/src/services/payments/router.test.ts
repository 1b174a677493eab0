import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { money, newId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { auditLog } from "../../platform/tables.ts";
import { storeProviderEvent } from "./take-event.ts";
import { callerFor, staff, staffId } from "./testing/callers.ts";
import { authorize, paymentRow, type TestShop, testOrder, testShop } from "./testing/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

describe("the dashboard", () => {
  test("sees how an order was paid, with what was said and every call", async () => {
    const order = testOrder();
    await authorize(shop, order);
    await shop.drainCalls();
    const { items } = await callerFor(shop, staff("payments:read")).ofOrder({ orderId: order.orderId });
    const amount = money(5_200, "USD");
    expect(items).toMatchObject([
      { provider: "stripe", state: "authorized", amount, events: [{ type: "authorized", amount }] },
    ]);
    expect(items[0]?.calls.map((call) => `${call.operation} ${call.outcome}`)).toEqual(["confirm ok", "create ok"]);
    expect(JSON.stringify(items)).not.toContain("_secret_");
  });

  test("pages through the inbox of provider events, by provider and result", async () => {
    for (const index of [1, 2, 3]) {
      const rawBody = JSON.stringify({ id: `evt_${index}`, type: "customer.created", data: { object: {} } });
      await storeProviderEvent(shop.deps, { provider: "stripe", rawBody, verdict: "signature_valid" });
    }
    const caller = callerFor(shop, staff("payments:read"));
    const first = await caller.events({ limit: 2, provider: "stripe", result: "waiting" });
    expect(first).toMatchObject({ total: 3, items: [{ eventId: "evt_3" }, { eventId: "evt_2" }] });
    const rest = await caller.events({ limit: 2, cursor: first.nextCursor ?? "" });
    expect(rest).toMatchObject({ nextCursor: null, items: [{ eventId: "evt_1", type: "customer.created" }] });
    expect(await caller.events({ provider: "paypal" })).toMatchObject({ total: 0, items: [] });
    await expect(caller.events({ cursor: "bm9uZQ" })).rejects.toMatchObject({ code: "UNPROCESSABLE_CONTENT" });
  });

  test("takes a manual payment, once, with its line in the audit log", async () => {
    const order = testOrder({ provider: "manual" });
    await authorize(shop, order);
    expect(await callerFor(shop, staff("orders:write")).capture({ orderId: order.orderId })).toMatchObject({
      kind: "captured",
    });
    const { id, state } = await paymentRow(shop, order);
    expect(state).toBe("captured");
    expect(shop.told).toContain(order.orderId);
    const lines = await shop.db.select().from(auditLog).where(eq(auditLog.entityId, id));
    expect(lines).toMatchObject([
      { action: "payment.capture_asked", actorId: staffId },
      { action: "payment.captured", actorId: staffId, after: { outcome: "captured" } },
    ]);
  });

  test("cannot capture where nothing is held", async () => {
    const nobody = callerFor(shop, staff("orders:write")).capture({ orderId: newId("ord") });
    await expect(nobody).rejects.toMatchObject({ code: "CONFLICT" });
  });

  test("answers nobody without the right", async () => {
    const orderId = newId("ord");
    for (const [actor, code] of [
      [{ kind: "guest" }, "UNAUTHORIZED"],
      [staff("catalog:read"), "FORBIDDEN"],
    ] as const) {
      const caller = callerFor(shop, actor);
      await expect(caller.ofOrder({ orderId })).rejects.toMatchObject({ code });
      await expect(caller.events({})).rejects.toMatchObject({ code });
      await expect(caller.capture({ orderId })).rejects.toMatchObject({ code });
    }
  });
});
