import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId, type OrderId, type ReturnId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import type { Actor } from "../../platform/rpc/index.ts";
import { auditLog } from "../../platform/tables.ts";
import { noTargets } from "../../testing/index.ts";
import { orderAccessToken } from "./order-token.ts";
import { readOrder } from "./queries.ts";
import { createReturnsRouter } from "./returns-router.ts";
import { aSoldOrder, countersOf, packer, shipped, staffWith, timelineOf } from "./testing/after-sale.ts";
import { aShop, aSku, available, deliver, guest, type Shop, sweepUntilQuiet } from "./testing/checkout.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await aShop();
}, 60_000);
afterAll(() => shop[Symbol.asyncDispose]());

function callerFor(actor: Actor, idempotencyKey: string | null = null) {
  const context = { actor, requestId: "req", traceparent: null, idempotencyKey, clock: shop.clock };
  return createReturnsRouter({ ...shop.orders, findTargets: noTargets }).createCaller(context);
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

describe("an exchange", () => {
  /** A shopper asks for other goods, the return comes, and what then is. */
  async function wished(exchangeFor: { sku: string; quantity: number }[]) {
    const { orderId, items, sku, accessToken } = await aShippedOrder();
    const { id: returnId } = await callerFor(guest).request({ orderId, items, exchangeFor, accessToken });
    const { staff } = callerFor(packer);
    await staff.approve({ id: returnId });
    await staff.receive({ id: returnId, items: [{ sku, restock: 1 }] });
    return { orderId, returnId, staff };
  }

  test("that the shopper asked for begins as the goods come, and ends with the order that replaces them", async () => {
    const other = await aSku(shop, 1);
    const { orderId, returnId, staff } = await wished([{ sku: other, quantity: 1 }]);
    const begun = await staff.get({ id: returnId });
    expect(begun).toMatchObject({ exchangeFor: [{ sku: other, quantity: 1 }] });
    await sweepUntilQuiet(shop);
    expect(await staff.get({ id: returnId })).toMatchObject({ state: "exchanged", replacementId: begun.replacementId });
    const { view } = await readOrder(shop.db, begun.replacementId ?? orderId);
    expect(view).toMatchObject({ state: "confirmed", items: [{ sku: other, quantity: 1 }] });
  });

  test("of what is sold out meanwhile is left to staff: the goods have come all the same", async () => {
    const other = await aSku(shop, 1);
    const { orderId, returnId, staff } = await wished([{ sku: other, quantity: 2 }]);
    expect(await staff.get({ id: returnId })).toMatchObject({ state: "received", exchangeDraftId: null });
    expect((await timelineOf(shop, orderId)).types.slice(-2)).toEqual(["return_received", "exchange_refused"]);
    await staff.exchange({ id: returnId, lines: [{ sku: other, quantity: 1 }] });
    await sweepUntilQuiet(shop);
    expect((await staff.get({ id: returnId })).state).toBe("exchanged");
  });

  test("of what the shop does not sell cannot be asked for", async () => {
    const { orderId, items, accessToken } = await aShippedOrder();
    const asked = { orderId, items, exchangeFor: [{ sku: "NONE", quantity: 1 }], accessToken };
    await expect(callerFor(guest).request(asked)).rejects.toMatchObject({ cause: { code: "sku_unknown" } });
    expect(await countersOf(shop, orderId)).toMatchObject([{ returnRequested: 0 }]);
  });

  test("is begun once for each key, audited, and cancelled; each needs the right", async () => {
    const { orderId, items, sku } = await aShippedOrder();
    const other = await aSku(shop, 9);
    const { staff } = callerFor(packer, "the-exchange");
    const { id: returnId } = await staff.create({ orderId, items });
    const { staff: plain } = callerFor(packer);
    await plain.approve({ id: returnId });
    await plain.receive({ id: returnId, items: [{ sku, restock: 1 }] });
    const asked = { id: returnId, lines: [{ sku: other, quantity: 9 }] };
    const reader = callerFor(staffWith("orders:read")).staff;
    await expect(reader.exchange(asked)).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(reader.cancelExchange({ id: returnId })).rejects.toMatchObject({ code: "FORBIDDEN" });
    const byHand = { id: returnId, lines: [{ sku: other, quantity: 1, manualPrice: { amount: 1, reason: "friend" } }] };
    await expect(staff.exchange(byHand)).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(await staff.exchange(asked)).toEqual(await staff.exchange(asked));
    await plain.cancelExchange({ id: returnId });
    expect(await available(shop, other)).toBe(9);
    const audit = await shop.db.select().from(auditLog).where(eq(auditLog.entityId, returnId));
    expect(audit.map(({ action }) => action).slice(-2)).toEqual(["return.exchange_begun", "return.exchange_cancelled"]);
  });
});

describe("staff", () => {
  test("take a return to its end, each step audited", async () => {
    const { orderId, items, sku } = await aShippedOrder();
    const { staff } = callerFor(packer);
    const { id: returnId } = await staff.create({ orderId, items });
    await staff.approve({ id: returnId });
    await staff.receive({ id: returnId, items: [{ sku, restock: 1 }] });
    await staff.refund({ id: returnId });
    await deliver(shop, orderId);
    await staff.close({ id: returnId });
    expect(await staff.get({ id: returnId })).toMatchObject({ state: "closed", items: [{ sku, restocked: 1 }] });
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
      made.unshift((await staff.create({ orderId, items })).id);
    }
    const first = await staff.list({ limit: 2, states: ["requested"] });
    expect(first.items.map(({ id }) => id)).toEqual(made.slice(0, 2));
    const rest = await staff.list({ limit: 100, states: ["requested"], cursor: first.nextCursor ?? "" });
    expect(first.items.length + rest.items.length).toBe(first.total);
    expect((await staff.list({ states: ["rejected"] })).total).toBe(0);
    const [newest] = first.items;
    if (!newest) throw new Error("no return");
    expect(await staff.list({ orderId: newest.orderId })).toMatchObject({ total: 1, items: [{ id: newest.id }] });
    await expect(staff.list({ cursor: "bm9uZQ" })).rejects.toMatchObject({ code: "UNPROCESSABLE_CONTENT" });
  });

  test("need the right for each act, and another one for money", async () => {
    const returnId = newId("ret");
    const reader = callerFor(staffWith("orders:read")).staff;
    for (const act of ["approve", "cancel", "close"] as const) {
      await expect(reader[act]({ id: returnId })).rejects.toMatchObject({ code: "FORBIDDEN" });
      await expect(callerFor(packer).staff[act]({ id: returnId })).rejects.toMatchObject({ code: "NOT_FOUND" });
    }
    const writer = callerFor(staffWith("orders:read", "orders:write")).staff;
    await expect(writer.refund({ id: returnId })).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(callerFor(guest).staff.list({})).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  });
});
