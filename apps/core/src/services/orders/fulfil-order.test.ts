import { describe, expect, test } from "bun:test";
import { SKU_LENGTH_MAX } from "@stoa/kernel";
import { noTargets } from "../../testing/index.ts";
import { saveLocation } from "../inventory/index.ts";
import { createFulfilment } from "./create-fulfilment.ts";
import { itemsSchema } from "./fulfilment-router.ts";
import { cancelFulfilment, deliverFulfilment, packFulfilment } from "./move-parcel.ts";
import { readOrder } from "./queries.ts";
import { shipFulfilment } from "./ship-fulfilment.ts";
import {
  act,
  announced,
  aSoldOrder,
  countersOf,
  packer,
  parcelStates,
  shelfOf,
  shipped,
  timelineOf,
} from "./testing/after-sale.ts";
import { aCart, aSku, card, deliver, place } from "./testing/checkout.ts";
import { shopForFile } from "./testing/shop-for-file.ts";

const shop = await shopForFile();

const viewOf = async (orderId: Parameters<typeof readOrder>[1]) => (await readOrder(shop.db, orderId)).view;

describe("an order", () => {
  test("leaves in several parcels, each with its tracking number, and is completed with the last", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [2, 3]);
    const [first = "", second = ""] = skus;
    await shipped(shop, orderId, {
      items: [
        { sku: first, quantity: 2 },
        { sku: second, quantity: 1 },
      ],
      trackingNumber: "T-1",
    });
    const half = await viewOf(orderId);
    expect([half.state, half.fulfilment.state]).toEqual(["confirmed", "partially_fulfilled"]);
    await shipped(shop, orderId, { trackingNumber: "T-2" });
    const whole = await viewOf(orderId);
    expect([whole.state, whole.fulfilment.state]).toEqual(["completed", "fulfilled"]);
    expect(whole.fulfilment.shipments).toMatchObject([
      {
        carrier: "DHL",
        trackingNumber: "T-1",
        items: [
          { sku: first, quantity: 2 },
          { sku: second, quantity: 1 },
        ],
      },
      { carrier: "DHL", trackingNumber: "T-2", items: [{ sku: second, quantity: 2 }] },
    ]);
    expect(whole.items.map((item) => item.shipped)).toEqual([2, 3]);
    expect([await shelfOf(shop, first), await shelfOf(shop, second)]).toEqual([
      { onHand: 8, allocated: 0 },
      { onHand: 7, allocated: 0 },
    ]);
    expect(await announced(shop, orderId, "order.shipped")).toHaveLength(2);
  });

  test("tells each step with who took it, without a gap", async () => {
    const { orderId } = await aSoldOrder(shop, [1]);
    const fulfilmentId = await act(shop, (context) => createFulfilment(context, { orderId }));
    for (const step of [packFulfilment, shipFulfilment, deliverFulfilment]) {
      await act(shop, (context) => step(context, { fulfilmentId }));
    }
    const timeline = await timelineOf(shop, orderId);
    expect(timeline.types.slice(-5)).toEqual([
      "fulfilment_created",
      "fulfilment_packed",
      "shipped",
      "completed",
      "delivered",
    ]);
    expect(new Set(timeline.actors.slice(-5))).toEqual(new Set([packer.name]));
    expect(timeline.isGapless).toBe(true);
    const [shipment] = (await viewOf(orderId)).fulfilment.shipments;
    expect([shipment?.carrier, shipment?.deliveredAt]).toEqual([
      (await viewOf(orderId)).shippingMethod.name,
      expect.any(String),
    ]);
  });

  test("that is not confirmed leaves in no parcel", async () => {
    const sku = await aSku(shop, 3);
    const payment = { ...card("pm_card_authenticationRequired"), returnUrl: "https://shop.example/done" };
    const orderId = await place(shop, await aCart(shop, sku), { payment });
    await deliver(shop, orderId);
    const made = act(shop, (context) => createFulfilment(context, { orderId }));
    await expect(made).rejects.toMatchObject({ code: "state_conflict" });
  });
});

describe("a parcel", () => {
  test("that is cancelled gives its units to another one", async () => {
    const { orderId } = await aSoldOrder(shop, [2]);
    const fulfilmentId = await act(shop, (context) => createFulfilment(context, { orderId }));
    await act(shop, (context) => cancelFulfilment(context, { fulfilmentId }));
    const again = act(shop, (context) => shipFulfilment(context, { fulfilmentId }));
    await expect(again).rejects.toMatchObject({ code: "state_conflict" });
    await shipped(shop, orderId);
    expect(await parcelStates(shop, orderId)).toEqual(["cancelled", "shipped"]);
  });

  test("that has left can neither leave again nor be cancelled", async () => {
    const { orderId } = await aSoldOrder(shop, [2]);
    const fulfilmentId = await shipped(shop, orderId, {
      items: [{ sku: (await viewOf(orderId)).items[0]?.sku ?? "", quantity: 1 }],
    });
    for (const step of [shipFulfilment, packFulfilment, cancelFulfilment]) {
      const done = act(shop, (context) => step(context, { fulfilmentId }));
      const detail = expect.stringMatching(/^The parcel is shipped and cannot become \w+\.$/);
      await expect(done).rejects.toMatchObject({ code: "state_conflict", members: { detail } });
    }
  });

  test("takes no more than the order has, and no SKU that it has not", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [2]);
    const of = (sku: string, quantity: number) =>
      act(shop, (context) => createFulfilment(context, { orderId, items: [{ sku, quantity }] }));
    await expect(of(skus[0] ?? "", 3)).rejects.toMatchObject({ code: "state_conflict" });
    await expect(of("NONE", 1)).rejects.toMatchObject({ code: "sku_unknown" });
    expect(await countersOf(shop, orderId)).toMatchObject([{ fulfilled: 0 }]);
  });

  test("is packed where its units are", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [2]);
    const store = await act(shop, (context) =>
      saveLocation(
        { ...context, findTargets: noTargets },
        { code: crypto.randomUUID(), name: "Store", kind: "store", priority: 500 },
      ),
    );
    const elsewhere = act(shop, (context) => createFulfilment(context, { orderId, locationId: store.id }));
    await expect(elsewhere).rejects.toMatchObject({ code: "state_conflict" });
    expect(await shelfOf(shop, skus[0] ?? "")).toEqual({ onHand: 10, allocated: 2 });
  });
});

describe("two at once", () => {
  test("who pack a line's last units: one has them, the other is told", async () => {
    const { orderId } = await aSoldOrder(shop, [3]);
    const packed = await Promise.allSettled(
      Array.from({ length: 4 }, () => act(shop, (context) => createFulfilment(context, { orderId }))),
    );
    expect(packed.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    expect(await countersOf(shop, orderId)).toMatchObject([{ fulfilled: 3, shipped: 0 }]);
  });

  test("who ship one parcel: it leaves once", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [2]);
    const fulfilmentId = await act(shop, (context) => createFulfilment(context, { orderId }));
    const sent = await Promise.allSettled(
      Array.from({ length: 4 }, () => act(shop, (context) => shipFulfilment(context, { fulfilmentId }))),
    );
    expect(sent.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    expect(await shelfOf(shop, skus[0] ?? "")).toEqual({ onHand: 8, allocated: 0 });
    expect(await announced(shop, orderId, "order.shipped")).toHaveLength(1);
  });
});

test("a SKU as long as the catalog takes it is sent and taken back as any other", () => {
  const sku = "x".repeat(SKU_LENGTH_MAX);
  expect(itemsSchema.parse([{ sku, quantity: 1 }])).toEqual([{ sku, quantity: 1 }]);
  expect(itemsSchema.safeParse([{ sku: `${sku}x`, quantity: 1 }]).success).toBe(false);
});
