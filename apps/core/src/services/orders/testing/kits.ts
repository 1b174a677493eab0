import { expect } from "bun:test";
import type { OrderId } from "@stoa/kernel";
import { verifyPromises, verifyStock } from "../../inventory/index.ts";
import { linesOf, type OrderLineRow } from "../lock-order.ts";
import { shelfOf } from "./after-sale.ts";
import { aCartOf, aKit, aSku, deliver, place, type Shop, sweepUntilQuiet } from "./checkout.ts";
import { one } from "./edits.ts";

/** How many of each part lie on a shelf of kits. */
export const PARTS_ON_HAND = 40;

/** Kits of two bolts and a board, and units of either, at forty of each on the shelf. */
export async function aShelfOfKits(shop: Shop) {
  const [bolt, board] = [await aSku(shop, PARTS_ON_HAND), await aSku(shop, PARTS_ON_HAND)];
  return { bolt, board, kit: aKit(shop, { [bolt]: 2, [board]: 1 }) };
}

/** A confirmed order of so many units of each SKU. */
export async function anOrderOf(shop: Shop, items: Readonly<Record<string, number>>): Promise<OrderId> {
  const wanted = Object.entries(items).map(([sku, quantity]) => one(sku, quantity));
  const orderId = await place(shop, await aCartOf(shop, wanted));
  await deliver(shop, orderId);
  return orderId;
}

/** When all is quiet, what is on the shelf, and what of it is promised, is what the orders' counters say, kit by kit. */
export async function expectShelves(
  shop: Shop,
  { bolt, board }: { readonly bolt: string; readonly board: string },
  ...orders: OrderId[]
): Promise<void> {
  await sweepUntilQuiet(shop);
  for (const sku of [bolt, board]) await expectShelf(shop, sku, orders);
}

async function expectShelf(shop: Shop, sku: string, orders: readonly OrderId[]): Promise<void> {
  const lines = (await Promise.all(orders.map((id) => shop.db.transaction((tx) => linesOf(tx, id))))).flat();
  const units = (of: (line: OrderLineRow) => number) =>
    lines.reduce((sum, line) => sum + of(line) * (line.parts ? perKit(line, sku) : Number(line.sku === sku)), 0);
  expect(await shelfOf(shop, sku)).toEqual({
    onHand: PARTS_ON_HAND - units((line) => line.shipped - line.returned + line.writtenOff),
    allocated: units((line) => line.quantity - line.shipped - line.cancelled),
  });
  expect(await verifyStock({ db: shop.db })).toEqual([]);
  expect(await verifyPromises({ db: shop.db })).toEqual([]);
}

const perKit = ({ parts }: OrderLineRow, sku: string) => parts?.find((part) => part.sku === sku)?.quantity ?? 0;
