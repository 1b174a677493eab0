import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId, type OrderId, type ReturnId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import type { Actor } from "../../platform/rpc/index.ts";
import { auditLog } from "../../platform/tables.ts";
import { orderAccessToken } from "./order-token.ts";
import { createReturnsRouter } from "./returns-router.ts";
import { aSoldOrder, countersOf, packer, shipped, staffWith } from "./testing/after-sale.ts";
import { aShop, deliver, guest, type Shop } from "./testing/checkout.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await aShop();
}, 20_000);
afterAll(() => shop[Symbol.asyncDispose]());

function callerFor(actor: Actor, idempotencyKey: string | null = null) {
  const context = { actor, requestId: "req", traceparent: null, idempotencyKey, clock: shop.clock };
  return createReturnsRouter(shop.orders).createCaller(context);
}

async function aShippedOrder() {
  const { orderId, skus } = await aSoldOrder(shop, [3]);
  await shipped(shop, orderId);
  await deliver(shop, orderId);
  const items = [{ sku: skus[0] ?? "", quantity: 1, reason: "too small" }];
  return { orderId, items, sku: skus[0] ?? "", accessToken: tokenOf(orderId) };
}

const tokenOf = (orderId: OrderId) => orderAccessToken(shop.orders.orderTokenSecret, orderId);

describe("a shopper", () => {
  test("asks, looks and takes back; the same key asks once", async () => {
    const { orderId, items, accessToken } = await aShippedOrder();
    const caller = callerFor(guest, "the-key");
    const asked = await Promise.all([1, 2].map(() => caller.request({ orderId, items, accessToken })));
    expect(asked[0]).toEqual(asked[1]);
    expect(await countersOf(shop, orderId)).toMatchObject([{ returnRequested: 1 }]);
    const returnId = asked[0]?.id ?? newId("ret");
    expect(await caller.ofOrder({ orderId, accessToken })).toMatchObject({ items: [{ id: returnId }] });
    expect(await caller.get({ orderId, returnId, accessToken })).toMatchObject({ id: returnId, state: "requested" });
    expect(await caller.cancel({ orderId, returnId, accessToken })).toMatchObject({ state: "cancelled" });
    expect(await countersOf(shop, orderId)).toMatchObject([{ returnRequested: 0 }]);
  });

  test("finds nothing of a stranger's", async () => {
    const { orderId, items, accessToken } = await aShippedOrder();
    const { id: returnId } = await callerFor(guest).request({ orderId, items, accessToken });
    const wrong = { orderId, accessToken: "someone-else" };
    await expect(callerFor(guest).request({ ...wrong, items })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(callerFor(guest).ofOrder(wrong)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(callerFor(guest).get({ ...wrong, returnId })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(callerFor(guest).cancel({ ...wrong, returnId })).rejects.toMatchObject({ code: "NOT_FOUND" });
    const other = await aShippedOrder();
    const mixed = { orderId: other.orderId, accessToken: other.accessToken, returnId };
    await expect(callerFor(guest).get(mixed)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("staff", () => {
  test("take a return to its end, each step audited", async () => {
    const { orderId, items, sku } = await aShippedOrder();
    const { staff } = callerFor(packer);
    const { returnId } = await staff.create({ orderId, items });
    await staff.approve({ returnId });
    await staff.receive({ returnId, items: [{ sku, restock: 1 }] });
    await staff.refund({ returnId });
    await deliver(shop, orderId);
    await staff.close({ returnId });
    expect(await staff.get({ returnId })).toMatchObject({ state: "closed", items: [{ sku, restocked: 1 }] });
    const audit = await shop.db.select().from(auditLog).where(eq(auditLog.entityId, returnId));
    expect(audit.map(({ action }) => action)).toEqual([
      "return.requested",
      "return.approved",
      "return.received",
      "return.refunded",
      "return.closed",
    ]);
  });

  test("page through returns by state, newest first", async () => {
    const { staff } = callerFor(packer);
    const made: ReturnId[] = [];
    for (let count = 0; count < 3; count += 1) {
      const { orderId, items } = await aShippedOrder();
      made.unshift((await staff.create({ orderId, items })).returnId);
    }
    const first = await staff.list({ limit: 2, states: ["requested"] });
    expect(first.items.map(({ id }) => id)).toEqual(made.slice(0, 2));
    const rest = await staff.list({ limit: 100, states: ["requested"], cursor: first.nextCursor ?? "" });
    expect(first.items.length + rest.items.length).toBe(first.total);
    expect((await staff.list({ states: ["exchanged"] })).total).toBe(0);
    await expect(staff.list({ cursor: "bm9uZQ" })).rejects.toMatchObject({ code: "UNPROCESSABLE_CONTENT" });
  });

  test("need the right for each act, and another one for money", async () => {
    const returnId = newId("ret");
    const reader = callerFor(staffWith("orders:read")).staff;
    for (const act of ["approve", "cancel", "close"] as const) {
      await expect(reader[act]({ returnId })).rejects.toMatchObject({ code: "FORBIDDEN" });
      await expect(callerFor(packer).staff[act]({ returnId })).rejects.toMatchObject({ code: "NOT_FOUND" });
    }
    const writer = callerFor(staffWith("orders:read", "orders:write")).staff;
    await expect(writer.refund({ returnId })).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(callerFor(guest).staff.list({})).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  });
});
