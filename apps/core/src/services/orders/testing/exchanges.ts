import { expect } from "bun:test";
import { type OrderId, type ReturnId, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { sagasOf } from "../../../platform/saga/index.ts";
import { trialBalance, verifyCredits } from "../../payments/index.ts";
import { type BegunExchange, type ExchangeReturn, exchangeReturn } from "../exchanges/exchange-return.ts";
import { PLACE_ORDER } from "../place-order.saga.ts";
import { readOrder } from "../queries.ts";
import { readReturn } from "../return-queries.ts";
import { act, announced, aReceivedReturn, staffWith, timelineOf } from "./after-sale.ts";
import { aSku, type Shop, sweepUntilQuiet } from "./checkout.ts";
import { viewOf } from "./shop-for-file.ts";

const pricer = staffWith("orders:read", "orders:write", "orders:price");

/** Units of a SKU; at a price by hand where one is given. */
export const swap = (sku: string, quantity = 1, amount?: number) => ({
  sku,
  quantity,
  ...(amount !== undefined && { manualPrice: { amount, reason: "as agreed" } }),
});

export function exchange(shop: Shop, returnId: ReturnId, more: Partial<ExchangeReturn>): Promise<BegunExchange> {
  const input = { returnId, expiresInSeconds: 86_400, ...more };
  return act(shop, (context) => exchangeReturn(shop.orders, context, input), pricer);
}

/** The id of the saga that makes the replacement. */
export async function placingSagaOf(shop: Shop, orderId: OrderId) {
  const saga = (await sagasOf(shop.db, orderId)).find(({ type }) => type === PLACE_ORDER);
  if (!saga) throw new Error(`nobody places ${orderId}`);
  return saga.id;
}

export async function replacementOf(shop: Shop, returnId: ReturnId): Promise<OrderId> {
  const { replacementId } = await readReturn(shop.db, returnId);
  if (replacementId === null) throw new Error(`${returnId} was not exchanged`);
  return replacementId;
}

/** What `settled` says of books that add up, with nothing left of any goods' value. */
export const isSound = { problems: [], isBalanced: true, left: 0 };

/** What stands in the books when all is quiet: what the provider has in the end of both orders, and whether all adds up. */
export async function settled(shop: Shop, orderIds: readonly OrderId[]) {
  await sweepUntilQuiet(shop);
  const problems = await verifyCredits(shop.db);
  const { isBalanced } = await trialBalance(shop.db);
  const rows = await shop.db.execute<{ captured: string; refunded: string; credited: string }>(sql`
    select coalesce(sum(captured), 0) as captured, coalesce(sum(refunded), 0) as refunded,
      coalesce(sum(credited), 0) as credited
    from payments.payment where order_id = any(${sql.param(orderIds.map(toUuid))}::uuid[])`);
  const [sums] = rows;
  const exchanges = await shop.db.execute<{ left: string }>(
    sql`select coalesce(sum(balance), 0) as left from payments.gift_card where kind = 'exchange'`,
  );
  return {
    ...{ problems, isBalanced, left: Number(exchanges[0]?.left) },
    kept: Number(sums?.captured) - Number(sums?.refunded),
    credited: Number(sums?.credited),
    views: await Promise.all(orderIds.map(async (id) => (await readOrder(shop.db, id)).view)),
  };
}

/** Two of three units have come back; what was paid for them, and what the order cost. */
export async function anExchangeableReturn(shop: Shop, more: Parameters<typeof aReceivedReturn>[1] = {}) {
  const back = await aReceivedReturn(shop, more);
  const value = (await readReturn(shop.db, back.returnId)).paid.amount;
  return { ...back, value, total: (await viewOf(shop, back.orderId)).totals.total.amount, other: await aSku(shop, 5) };
}

/** Both orders tell of each other, and each fact was announced once. */
export async function expectLinked(shop: Shop, orderId: OrderId, returnId: ReturnId): Promise<OrderId> {
  const replacementId = await replacementOf(shop, returnId);
  expect((await readReturn(shop.db, returnId)).state).toBe("exchanged");
  const [first, second] = [await viewOf(shop, orderId), await viewOf(shop, replacementId)];
  const told = first.timeline.filter(({ type }) => type === "return_exchanged");
  expect(told.map(({ detail }) => detail)).toEqual([`for order ${second.number}`]);
  const placed = second.timeline.filter(({ type }) => type === "exchange_placed");
  expect(placed.map(({ detail }) => detail)).toEqual([`for goods of order ${first.number}`]);
  const changes = (await announced(shop, orderId, "return.changed")) as { state: string }[];
  expect(changes.filter(({ state }) => state === "exchanged")).toHaveLength(1);
  expect(await announced(shop, replacementId, "order.confirmed")).toHaveLength(1);
  for (const id of [orderId, replacementId]) expect((await timelineOf(shop, id)).isGapless).toBe(true);
  return replacementId;
}
