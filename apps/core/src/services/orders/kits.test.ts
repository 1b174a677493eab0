import { describe, expect, test } from "bun:test";
import type { OrderId } from "@stoa/kernel";
import { transact } from "../../platform/db/index.ts";
import { getCart } from "../carts/index.ts";
import { verifyPromises, verifyStock } from "../inventory/index.ts";
import { cancelLines } from "./cancel-lines.ts";
import { cancelOrder } from "./cancel-order.ts";
import { approveReturn } from "./move-return.ts";
import { orderAccessToken } from "./order-token.ts";
import { receiveReturn } from "./receive-return.ts";
import { requestReturn } from "./request-return.ts";
import { orderedShortages, reserveUnits } from "./stock-units.ts";
import { act, shelfOf, shipped } from "./testing/after-sale.ts";
import {
  aCartOf,
  aKit,
  aSku,
  available,
  deliver,
  guest,
  leftBehind,
  place,
  sweepUntilQuiet,
} from "./testing/checkout.ts";
import { anOrderOf } from "./testing/kits.ts";
import { shopForFile, viewOf } from "./testing/shop-for-file.ts";

const shop = await shopForFile();

/** Two bolts and a board, ten and four of which are on the shelf. */
async function aShelfKit() {
  const [bolt, board] = [await aSku(shop, 10), await aSku(shop, 4)];
  return { bolt, board, kit: aKit(shop, { [bolt]: 2, [board]: 1 }) };
}

const order = (items: Readonly<Record<string, number>>): Promise<OrderId> => anOrderOf(shop, items);

const refusalOf = async (orderId: OrderId) => (await viewOf(shop, orderId)).refusal;

/** Every counter is the sum of what moved it, and of what it was promised for. */
async function expectStockHolds(): Promise<void> {
  expect(await verifyStock({ db: shop.db })).toEqual([]);
  expect(await verifyPromises({ db: shop.db })).toEqual([]);
}

describe("a kit", () => {
  test("is sold from its parts' stock, at its own price, and shown with them", async () => {
    const { bolt, board, kit } = await aShelfKit();
    const orderId = await order({ [kit]: 3 });
    const view = await viewOf(shop, orderId);
    expect([view.state, view.items.length, view.items[0]?.total.amount]).toEqual(["confirmed", 1, 7_500]);
    expect(view.items[0]?.parts).toEqual([
      { sku: bolt, title: `Thing ${bolt}`, quantity: 2 },
      { sku: board, title: `Thing ${board}`, quantity: 1 },
    ]);
    expect([await available(shop, bolt), await available(shop, board), await available(shop, kit)]).toEqual([4, 1, 0]);
    expect(await shelfOf(shop, kit)).toEqual({ onHand: 0, allocated: 0 });
    await expectStockHolds();
  });

  test("is there as often as its scarcest part allows, in the cart and at checkout, and nothing is kept of one that is not", async () => {
    const { bolt, board, kit } = await aShelfKit();
    const cartId = await aCartOf(shop, [{ sku: kit, quantity: 5 }]);
    const cart = await getCart(shop.carts, { db: shop.db, now: shop.clock.now(), actor: guest }, cartId);
    expect(cart.items[0]?.available).toBe(4);
    expect(cart.notices).toEqual([{ sku: kit, kind: "low_stock", quantity: 5, available: 4 }]);
    const orderId = await place(shop, cartId);
    await deliver(shop, orderId);
    expect(await refusalOf(orderId)).toMatchObject({
      code: "out_of_stock",
      extensions: { items: [{ sku: kit, requested: 5, available: 4 }] },
    });
    expect([await available(shop, bolt), await available(shop, board)]).toEqual([10, 4]);
    expect(await leftBehind(shop, orderId, bolt)).toMatchObject({ reserved: 0, allocated: 0, charges: [] });
  });

  test("and its part in one cart are checked as a sum, and each is told by the name it was ordered by", async () => {
    const { bolt, board, kit } = await aShelfKit();
    const orderId = await order({ [bolt]: 5, [kit]: 3 });
    expect(await refusalOf(orderId)).toMatchObject({
      code: "out_of_stock",
      extensions: {
        items: [
          { sku: bolt, requested: 5, available: 10 },
          { sku: kit, requested: 3, available: 5 },
        ],
      },
    });
    const fits = await order({ [bolt]: 4, [kit]: 3 });
    expect((await viewOf(shop, fits)).state).toBe("confirmed");
    expect([await available(shop, bolt), await available(shop, board)]).toEqual([0, 1]);
    await expectStockHolds();
  });

  test("and its parts bought by many at once are never sold beyond what there is", async () => {
    const { bolt, board, kit } = await aShelfKit();
    const carts = await Promise.all(
      Array.from({ length: 24 }, (_, index) => aCartOf(shop, [{ sku: index % 2 === 0 ? kit : bolt, quantity: 1 }])),
    );
    const orders = await Promise.all(carts.map((cartId) => place(shop, cartId)));
    await Promise.all(orders.map((orderId) => deliver(shop, orderId)));
    await sweepUntilQuiet(shop);
    const views = await Promise.all(orders.map((orderId) => viewOf(shop, orderId)));
    const sold = views.filter((view) => view.state === "confirmed").flatMap((view) => view.items);
    expect(views.filter((view) => !["confirmed", "refused"].includes(view.state))).toEqual([]);
    const kits = sold.filter((item) => item.sku === kit).length;
    const bolts = kits * 2 + sold.filter((item) => item.sku === bolt).length;
    expect([await shelfOf(shop, bolt), await shelfOf(shop, board)]).toEqual([
      { onHand: 10, allocated: bolts },
      { onHand: 4, allocated: kits },
    ]);
    // Nobody is refused while there is a bolt left for one.
    expect(bolts).toBe(10);
    await expectStockHolds();
  });

  test("that is cancelled, in part or whole, gives its parts back", async () => {
    const { bolt, board, kit } = await aShelfKit();
    const orderId = await order({ [kit]: 3, [bolt]: 1 });
    const items = [{ sku: kit, quantity: 1 }];
    await act(shop, (context) => cancelLines(context, { orderId, items, reason: "changed my mind" }));
    await deliver(shop, orderId);
    expect([await available(shop, bolt), await available(shop, board)]).toEqual([5, 2]);
    const accessToken = orderAccessToken(shop.orders.orderTokenSecret, orderId);
    await cancelOrder(shop.orders, guest, { orderId, accessToken });
    await deliver(shop, orderId);
    expect([await available(shop, bolt), await available(shop, board)]).toEqual([10, 4]);
    await expectStockHolds();
  });

  test("that is shipped takes its parts off the shelf, and one that comes back puts them there or writes them off", async () => {
    const { bolt, board, kit } = await aShelfKit();
    const orderId = await order({ [kit]: 3 });
    await shipped(shop, orderId, { items: [{ sku: kit, quantity: 2 }] });
    expect([await shelfOf(shop, bolt), await shelfOf(shop, board)]).toEqual([
      { onHand: 6, allocated: 2 },
      { onHand: 2, allocated: 1 },
    ]);
    await shipped(shop, orderId);
    await deliver(shop, orderId);
    const items = [{ sku: kit, quantity: 2, reason: "wobbles" }];
    const returnId = await act(shop, (context) => requestReturn(context, { orderId, items }));
    await act(shop, (context) => approveReturn(context, { returnId }));
    const back = [{ sku: kit, restock: 1, writeOff: 1 }];
    await act(shop, (context) => receiveReturn(context, { returnId, items: back }));
    expect([await shelfOf(shop, bolt), await shelfOf(shop, board)]).toEqual([
      { onHand: 6, allocated: 0 },
      { onHand: 2, allocated: 0 },
    ]);
    await expectStockHolds();
  });

  test("that was ordered stays what it was, whatever becomes of the kit", async () => {
    const { bolt, board, kit } = await aShelfKit();
    const orderId = await order({ [kit]: 1 });
    shop.kits.set(kit, [{ sku: bolt, title: "Bolt", quantity: 9, trackInventory: true, allowBackorder: false }]);
    await shipped(shop, orderId);
    expect([await shelfOf(shop, bolt), await shelfOf(shop, board)]).toEqual([
      { onHand: 8, allocated: 0 },
      { onHand: 3, allocated: 0 },
    ]);
  });
});

test("a full cart of kits is one reservation", async () => {
  const parts = await Promise.all(Array.from({ length: 10 }, () => aSku(shop, 500)));
  const made = parts.map((sku) => ({ sku, title: sku, quantity: 1, trackInventory: true, allowBackorder: false }));
  const lines = Array.from({ length: 100 }, (_, index) => {
    return { sku: `KIT-${index}`, quantity: 5, trackInventory: true, allowBackorder: false, parts: made };
  });
  const now = shop.clock.now();
  const hold = { holder: "cart_full" as never, lines, expiresAt: now };
  await transact(shop.db, (tx) => reserveUnits({ tx, now }, hold));
  expect(await Promise.all(parts.map((sku) => available(shop, sku)))).toEqual(parts.map(() => 0));
});

test("shortages are told by line: the SKU itself, and every kit that needs it", () => {
  const own = { trackInventory: true, allowBackorder: false };
  const kit = (sku: string, parts: Readonly<Record<string, number>>) => ({
    ...{ sku, quantity: 2, ...own },
    parts: Object.entries(parts).map(([part, quantity]) => ({ sku: part, title: part, quantity, ...own })),
  });
  const lines = [{ sku: "A", quantity: 7, ...own }, kit("K", { A: 2, B: 1 }), kit("L", { B: 3 })];
  expect(orderedShortages(lines, [{ sku: "A", requested: 11, available: 5 }])).toEqual([
    { sku: "A", requested: 7, available: 5 },
    { sku: "K", requested: 2, available: 2 },
  ]);
  const both = [
    { sku: "A", requested: 11, available: 9 },
    { sku: "B", requested: 8, available: 1 },
  ];
  expect(orderedShortages(lines, both).map(({ sku, available: left }) => [sku, left])).toEqual([
    ["A", 9],
    ["K", 1],
    ["L", 0],
  ]);
});
