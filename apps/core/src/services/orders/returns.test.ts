import { describe, expect, test } from "bun:test";
import type { OrderId, ReturnId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { Actor } from "../../platform/rpc/index.ts";
import { approveReturn, cancelReturn, closeReturn, rejectReturn } from "./move-return.ts";
import { orderAccessToken } from "./order-token.ts";
import { readOrder } from "./queries.ts";
import { receiveReturn } from "./receive-return.ts";
import { requestReturn } from "./request-return.ts";
import { readReturn } from "./return-queries.ts";
import {
  act,
  announced,
  aReceivedReturn,
  aSoldOrder,
  countersOf,
  packer,
  shelfOf,
  shipped,
  timelineOf,
} from "./testing/after-sale.ts";
import { deliver, guest } from "./testing/checkout.ts";
import { shopForFile } from "./testing/shop-for-file.ts";

const shop = await shopForFile();

const DAY_MS = 24 * 60 * 60 * 1_000;

async function aShippedOrder(quantities: readonly number[] = [3]) {
  const { orderId, skus } = await aSoldOrder(shop, quantities);
  await shipped(shop, orderId);
  await deliver(shop, orderId);
  return { orderId, skus, sku: skus[0] ?? "" };
}

const tokenOf = (orderId: OrderId) => orderAccessToken(shop.orders.orderTokenSecret, orderId);

function ask(orderId: OrderId, sku: string, quantity = 1, actor: Actor = packer): Promise<ReturnId> {
  const accessToken = actor.kind === "guest" ? tokenOf(orderId) : undefined;
  const items = [{ sku, quantity, reason: "too small" }];
  return act(shop, (context) => requestReturn(context, { orderId, items, accessToken }), actor);
}

describe("a return", () => {
  test("goes from the shopper's request over its goods on the shelf to its end, told with who did what", async () => {
    const { orderId, returnId, sku } = await aReceivedReturn(shop, { restock: 1, writeOff: 1 });
    const seen = await readReturn(shop.db, returnId);
    expect(seen).toMatchObject({
      state: "received",
      items: [{ sku, quantity: 2, restocked: 1, writtenOff: 1 }],
      refund: null,
    });
    expect(seen.paid.amount).toBeGreaterThan(0);
    expect(await countersOf(shop, orderId)).toMatchObject([{ returnRequested: 0, returned: 2, writtenOff: 1 }]);
    const { view } = await readOrder(shop.db, orderId);
    expect([view.fulfilment.state, view.items[0]?.returned]).toEqual(["partially_returned", 2]);
    await act(shop, (context) => closeReturn(context, { returnId }));
    const timeline = await timelineOf(shop, orderId);
    expect(timeline.types.slice(-4)).toEqual([
      "return_requested",
      "return_approved",
      "return_received",
      "return_closed",
    ]);
    expect(timeline.actors.slice(-4)).toEqual(Array.from({ length: 4 }, () => packer.name));
    expect(timeline.isGapless).toBe(true);
    const told = await announced(shop, orderId, "return.changed");
    expect(told).toMatchObject([
      { state: "requested" },
      { state: "approved" },
      { state: "received" },
      { state: "closed" },
    ]);
  });

  test("puts on the shelf what can be sold, and moves in and out again what cannot", async () => {
    const { returnId, sku } = await aReceivedReturn(shop, { restock: 1, writeOff: 2 });
    // Ten were there, three left, three came, two of them broken.
    expect(await shelfOf(shop, sku)).toEqual({ onHand: 8, allocated: 0 });
    const movements = await shop.db.execute(sql`
      select kind, on_hand as units, actor_name as actor from inventory.stock_movement where cause = ${returnId} order by seq`);
    expect([...movements]).toMatchObject([
      { kind: "return", units: 3, actor: packer.name },
      { kind: "adjustment", units: -2, actor: packer.name },
    ]);
  });

  test("of everything makes the order returned", async () => {
    const { orderId } = await aReceivedReturn(shop, { quantities: [3], restock: 3, writeOff: 0 });
    expect((await readOrder(shop.db, orderId)).view.fulfilment.state).toBe("returned");
  });

  test("whose goods came in part lets the rest be asked for again", async () => {
    const { orderId, sku } = await aShippedOrder([3]);
    const returnId = await ask(orderId, sku, 3);
    await act(shop, (context) => approveReturn(context, { returnId }));
    const received = { returnId, items: [{ sku, restock: 1, writeOff: 0 }] };
    await act(shop, (context) => receiveReturn(context, received));
    expect(await countersOf(shop, orderId)).toMatchObject([{ returnRequested: 0, returned: 1 }]);
    await ask(orderId, sku, 2);
  });

  test("that is rejected or cancelled leaves the units with the shopper, who may ask again", async () => {
    const { orderId, sku } = await aShippedOrder([1]);
    const rejected = await ask(orderId, sku);
    await act(shop, (context) => rejectReturn(context, { returnId: rejected, reason: "worn" }));
    expect(await readReturn(shop.db, rejected)).toMatchObject({ state: "rejected", rejection: "worn" });
    const cancelled = await ask(orderId, sku);
    const accessToken = tokenOf(orderId);
    await act(shop, (context) => cancelReturn(context, { returnId: cancelled, orderId, accessToken }), guest);
    await ask(orderId, sku);
    expect(await countersOf(shop, orderId)).toMatchObject([{ returnRequested: 1, returned: 0 }]);
  });

  test("moves by its state table alone", async () => {
    const { orderId, sku } = await aShippedOrder([2]);
    const returnId = await ask(orderId, sku, 1);
    const receive = () =>
      act(shop, (context) => receiveReturn(context, { returnId, items: [{ sku, restock: 1, writeOff: 0 }] }));
    const detail = "The return is requested and cannot become received.";
    await expect(receive()).rejects.toMatchObject({ code: "state_conflict", members: { detail } });
    await act(shop, (context) => approveReturn(context, { returnId }));
    const reject = act(shop, (context) => rejectReturn(context, { returnId, reason: "late" }));
    await expect(reject).rejects.toMatchObject({ code: "state_conflict" });
    await receive();
    for (const verb of [approveReturn, cancelReturn]) {
      await expect(act(shop, (context) => verb(context, { returnId }))).rejects.toMatchObject({
        code: "state_conflict",
      });
    }
  });

  test("takes no more than was asked for, and cannot be received empty", async () => {
    const { orderId, sku } = await aShippedOrder([3]);
    const returnId = await ask(orderId, sku, 1);
    await act(shop, (context) => approveReturn(context, { returnId }));
    for (const [restock, writeOff] of [
      [1, 1],
      [2, 0],
      [0, 0],
    ] as const) {
      const received = act(shop, (context) =>
        receiveReturn(context, { returnId, items: [{ sku, restock, writeOff }] }),
      );
      await expect(received).rejects.toMatchObject({ code: "state_conflict" });
    }
    expect(await shelfOf(shop, sku)).toEqual({ onHand: 7, allocated: 0 });
  });
});

describe("a shopper", () => {
  test("asks for what was shipped, never for more, nor for what other returns are about", async () => {
    const { orderId, skus } = await aSoldOrder(shop, [3]);
    const [sku = ""] = skus;
    await expect(ask(orderId, sku, 1, guest)).rejects.toMatchObject({ code: "state_conflict" });
    await shipped(shop, orderId, { items: [{ sku, quantity: 2 }] });
    await expect(ask(orderId, sku, 3, guest)).rejects.toMatchObject({ code: "state_conflict" });
    await ask(orderId, sku, 1, guest);
    await expect(ask(orderId, sku, 2, guest)).rejects.toMatchObject({ code: "state_conflict" });
    await expect(ask(orderId, "NONE", 1, guest)).rejects.toMatchObject({ code: "sku_unknown" });
  });

  test("who asks many times at once gets no more than was shipped", async () => {
    const { orderId, sku } = await aShippedOrder([3]);
    const asked = await Promise.allSettled(Array.from({ length: 8 }, () => ask(orderId, sku, 1, guest)));
    expect(asked.filter((one) => one.status === "fulfilled")).toHaveLength(3);
    expect(await countersOf(shop, orderId)).toMatchObject([{ returnRequested: 3 }]);
  });

  test("may ask only within the shop's window, which staff may overrule", async () => {
    const { orderId, sku } = await aShippedOrder([2]);
    shop.clock.advance(31 * DAY_MS);
    await expect(ask(orderId, sku, 1, guest)).rejects.toMatchObject({ code: "state_conflict" });
    await ask(orderId, sku, 1, packer);
  });

  test("sees no return of a stranger's, and asks for none", async () => {
    const { orderId, sku } = await aShippedOrder([1]);
    const items = [{ sku, quantity: 1, reason: "mine now" }];
    for (const accessToken of [undefined, "someone-else"]) {
      const asked = act(shop, (context) => requestReturn(context, { orderId, items, accessToken }), guest);
      await expect(asked).rejects.toMatchObject({ code: "not_found" });
    }
    const returnId = await ask(orderId, sku);
    const stranger = act(shop, (context) => cancelReturn(context, { returnId, orderId }), guest);
    await expect(stranger).rejects.toMatchObject({ code: "not_found" });
    const other = await aShippedOrder([1]);
    const accessToken = tokenOf(other.orderId);
    const mixed = act(
      shop,
      (context) => cancelReturn(context, { returnId, orderId: other.orderId, accessToken }),
      guest,
    );
    await expect(mixed).rejects.toMatchObject({ code: "not_found" });
  });
});
