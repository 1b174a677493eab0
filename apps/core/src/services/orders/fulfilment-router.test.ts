import { describe, expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import type { Actor } from "../../platform/rpc/index.ts";
import { auditLog } from "../../platform/tables.ts";
import { createFulfilmentRouter } from "./fulfilment-router.ts";
import { fulfilment } from "./tables.ts";
import { aSoldOrder, countersOf, packer, staffWith } from "./testing/after-sale.ts";
import { guest } from "./testing/checkout.ts";
import { openDesk } from "./testing/desk.ts";
import { shopForFile } from "./testing/shop-for-file.ts";

const shop = await shopForFile();

function callerFor(actor: Actor, idempotencyKey: string | null = null) {
  const context = { actor, requestId: "req", traceparent: null, idempotencyKey, clock: shop.clock };
  return createFulfilmentRouter(shop.orders).createCaller(context);
}

const auditOf = async (entityId: string) =>
  (await shop.db.select().from(auditLog).where(eq(auditLog.entityId, entityId))).map(({ action }) => action);

test("an order has only so many parcels, those that were taken apart as well", async () => {
  const { orderId } = await aSoldOrder(shop, [1]);
  const at = { createdAt: shop.clock.now(), updatedAt: shop.clock.now() };
  const apart = Array.from({ length: 1_000 }, () => ({
    id: newId("ful"),
    orderId,
    state: "cancelled" as const,
    ...at,
  }));
  await shop.db.insert(fulfilment).values(apart);
  const one = callerFor(packer).create({ orderId });
  await expect(one).rejects.toMatchObject({ cause: { code: "state_conflict" } });
});

describe("whoever packs", () => {
  test("takes a parcel to the shopper's door, each step audited", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [2]);
    const caller = callerFor(packer);
    const { id: fulfilmentId } = await caller.create({ orderId });
    const open = await caller.open({});
    expect(open.items.find((one) => one.id === fulfilmentId)).toMatchObject({ items: [{ sku: skus[0], quantity: 2 }] });
    await caller.pack({ id: fulfilmentId });
    await caller.ship({ id: fulfilmentId, trackingNumber: "T-9", trackingUrl: "https://dhl.example/T-9" });
    await caller.deliver({ id: fulfilmentId });
    const seen = await caller.ofOrder({ orderId });
    expect(seen).toMatchObject({
      isAllocated: true,
      lines: [{ sku: skus[0], quantity: 2, fulfilled: 2, shipped: 2 }],
      fulfilments: [
        { id: fulfilmentId, state: "delivered", trackingNumber: "T-9", items: [{ sku: skus[0], quantity: 2 }] },
      ],
    });
    expect(await auditOf(fulfilmentId)).toEqual([
      "fulfilment.created",
      "fulfilment.packed",
      "fulfilment.shipped",
      "fulfilment.delivered",
    ]);
  });

  test("who asks again under the same key packs once and is answered the same", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [2]);
    const items = [{ sku: skus[0] ?? "", quantity: 1 }];
    const caller = callerFor(packer, "the-key");
    const made = await Promise.all([caller.create({ orderId, items }), caller.create({ orderId, items })]);
    expect(made[0]).toEqual(made[1]);
    expect(await countersOf(shop, orderId)).toMatchObject([{ fulfilled: 1 }]);
  });

  test("pages through what waits, oldest first", async () => {
    for (let made = 0; made < 3; made += 1)
      await callerFor(packer).create({ orderId: (await aSoldOrder(shop, [1])).orderId });
    const first = await callerFor(packer).open({ limit: 2 });
    const rest = await callerFor(packer).open({ limit: 100, cursor: first.nextCursor ?? "" });
    expect(first.items.length + rest.items.length).toBe(first.total);
    await expect(callerFor(packer).open({ cursor: "bm9uZQ" })).rejects.toMatchObject({ code: "UNPROCESSABLE_CONTENT" });
  });

  test("cancels units that shall not be sent, with the reason in the audit log", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [2]);
    const request = { id: orderId, items: [{ sku: skus[0] ?? "", quantity: 1 }], reason: "broken" };
    await openDesk(shop.orders)("cancel").orders.cancelLines(request);
    expect(await countersOf(shop, orderId)).toMatchObject([{ cancelled: 1 }]);
    expect(await auditOf(orderId)).toEqual(["order.lines_cancelled"]);
  });
});

describe("a stranger", () => {
  test("sees nothing, and who may only look changes nothing", async () => {
    const { orderId } = await aSoldOrder(shop, [1]);
    await expect(callerFor(guest).ofOrder({ orderId })).rejects.toMatchObject({ code: "UNAUTHORIZED" });
    const reader = callerFor(staffWith("orders:read"));
    await expect(reader.create({ orderId })).rejects.toMatchObject({ code: "FORBIDDEN" });
    const fulfilmentId = newId("ful");
    for (const step of ["pack", "ship", "deliver", "cancel"] as const) {
      await expect(reader[step]({ id: fulfilmentId })).rejects.toMatchObject({ code: "FORBIDDEN" });
      await expect(callerFor(packer)[step]({ id: fulfilmentId })).rejects.toMatchObject({ code: "NOT_FOUND" });
    }
  });

  test("cannot send a shopper to a link that runs", async () => {
    const trackingUrl = "javascript:alert(1)";
    const sent = callerFor(packer).ship({ id: newId("ful"), trackingUrl });
    await expect(sent).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });
});
