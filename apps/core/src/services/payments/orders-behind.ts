import { fromUuid, type OrderId, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import type { PaymentsDeps } from "./attempt.ts";

/**
 * Locks an order and those whose goods were exchanged for it, which have paid for part of it: a refund may come from their payments. The
 * order itself first, then what it replaces and so on, which is how an order that replaces another is confirmed, too.
 */
export async function lockWithOrdersBehind(deps: PaymentsDeps, tx: Transaction, orderId: OrderId): Promise<void> {
  await deps.lockOrder(tx, orderId);
  for (const behind of await ordersBehind(tx, orderId)) await deps.lockOrder(tx, behind);
}

/** Newest first: an order is younger than what it replaces, and ids are in the order of time. */
async function ordersBehind(tx: Transaction, orderId: OrderId): Promise<OrderId[]> {
  const rows = await tx.execute<{ id: string }>(sql`
    with recursive behind as (
      select ${toUuid(orderId)}::uuid as id
      union
      select s.order_id from behind b
      join payments.credit_tender t on t.order_id = b.id
      join payments.gift_card c on c.id = t.gift_card_id and c.kind = 'exchange'
      join payments.credit_source s on s.gift_card_id = c.id
    )
    select id from behind where id <> ${toUuid(orderId)}::uuid order by id desc`);
  return rows.map(({ id }) => fromUuid("ord", id));
}
