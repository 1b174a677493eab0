import { type CustomerId, type Id, type Instant, isId, type OrderId, problem, toUuid } from "@stoa/kernel";
import { and, eq, isNull, lt, or, sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { customerKeys } from "./customer-keys.ts";
import { promotionRefused } from "./promotions-on-cart.ts";
import { promotion, promotionCustomer, promotionUsage } from "./tables.ts";

interface UsageContext {
  readonly tx: Transaction;
  readonly now: Instant;
}

export interface TakePromotionUsage {
  readonly orderId: OrderId;
  readonly customerId: CustomerId | null;
  readonly email: string;
  readonly promotionIds: readonly string[];
}

/**
 * Counts each promotion as used by the order, once, however often it is called. The limits stand in the WHERE of the
 * statements that count, so they hold among any number of checkouts at once.
 * @throws problem `promotion_not_applicable` when a limit in total or per customer is reached.
 */
export async function takePromotionUsage(context: UsageContext, input: TakePromotionUsage): Promise<void> {
  // In one order for everybody, so that two orders with the same promotions do not wait for each other in a circle.
  for (const id of [...new Set(input.promotionIds)].sort()) {
    if (!isId("prm", id)) throw problem("promotion_not_applicable");
    await takeOne(context, input, id);
  }
}

async function takeOne({ tx, now }: UsageContext, input: TakePromotionUsage, id: Id<"prm">): Promise<void> {
  const keys = customerKeys(input);
  const fresh = await tx
    .insert(promotionUsage)
    .values({ promotionId: id, orderId: input.orderId, customerKeys: keys, takenAt: now })
    .onConflictDoNothing()
    .returning({ id: promotionUsage.promotionId });
  if (fresh.length === 0) return;
  const [counted] = await tx
    .update(promotion)
    .set({ used: sql`${promotion.used} + 1` })
    .where(and(eq(promotion.id, id), or(isNull(promotion.usageLimit), lt(promotion.used, promotion.usageLimit))))
    .returning({ perCustomer: promotion.usageLimitPerCustomer });
  if (!counted) throw await usedUp(tx, id);
  const allowed = counted.perCustomer;
  const byCustomer = await tx
    .insert(promotionCustomer)
    .values(keys.sort().map((customerKey) => ({ promotionId: id, customerKey, used: 1 })))
    .onConflictDoUpdate({
      target: [promotionCustomer.promotionId, promotionCustomer.customerKey],
      set: { used: sql`${promotionCustomer.used} + 1` },
      ...(allowed !== null && { setWhere: lt(promotionCustomer.used, allowed) }),
    })
    .returning({ key: promotionCustomer.customerKey });
  if (byCustomer.length < keys.length) throw await usedUp(tx, id);
}

/** By the name that the shopper knows it by. */
async function usedUp(tx: Transaction, id: Id<"prm">) {
  const [known] = await tx
    .select({ code: promotion.code, name: promotion.name })
    .from(promotion)
    .where(eq(promotion.id, id));
  return promotionRefused(known?.code ?? known?.name ?? id, "usage_limit_reached");
}

/** The opposite: the order's uses no longer count. Harmless when it never used any, and when called again. */
export async function giveBackPromotionUsage(
  { tx }: UsageContext,
  { orderId }: { readonly orderId: OrderId },
): Promise<void> {
  await lockPromotionsOf({ tx }, { orderId });
  await tx.execute(sql`
    with given as (
      delete from carts.promotion_usage where order_id = ${toUuid(orderId)}::uuid returning promotion_id, customer_keys
    ),
    counted as (
      update carts.promotion p set used = p.used - 1 from given g where p.id = g.promotion_id
    )
    update carts.promotion_customer c set used = c.used - 1
    from given g, unnest(g.customer_keys) as k(customer_key)
    where c.promotion_id = g.promotion_id and c.customer_key = k.customer_key`);
}

/** Holds the promotions that an order uses, in the order in which they are taken; what counts by customer is only written under them. */
export async function lockPromotionsOf(
  { tx }: Pick<UsageContext, "tx">,
  { orderId }: { readonly orderId: OrderId },
): Promise<void> {
  await tx.execute(sql`
    select from carts.promotion where id in (
      select promotion_id from carts.promotion_usage where order_id = ${toUuid(orderId)}::uuid
    ) order by id for no key update`);
}
