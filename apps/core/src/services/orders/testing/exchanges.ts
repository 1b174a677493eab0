import { type OrderId, type ReturnId, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { sagasOf } from "../../../platform/saga/index.ts";
import { trialBalance, verifyCredits } from "../../payments/index.ts";
import { type BegunExchange, type ExchangeReturn, exchangeReturn } from "../exchanges/exchange-return.ts";
import { PLACE_ORDER } from "../place-order.saga.ts";
import { readOrder } from "../queries.ts";
import { readReturn } from "../return-queries.ts";
import { act, staffWith } from "./after-sale.ts";
import { type Shop, sweepUntilQuiet } from "./checkout.ts";

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
