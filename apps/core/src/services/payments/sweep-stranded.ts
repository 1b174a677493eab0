import type { Instant, OrderId } from "@stoa/kernel";
import { and, asc, eq, gt, inArray, isNull, lte, or, sql } from "drizzle-orm";
import type { PaymentsDeps } from "./attempt.ts";
import { payment } from "./tables.ts";

/** What an order makes of its money; an order that is still being placed has not decided. */
export type OrderFate = "wanted" | "unwanted" | "undecided";

/** The fates of orders; one that is missing from the answer does not exist, so nobody wants its money. */
export type FatesOfOrders = (orderIds: readonly OrderId[]) => Promise<ReadonlyMap<OrderId, OrderFate>>;

const SWEEP_BATCH = 100;
/** The order's own saga comes first. Together with the sweep that lets go, money nobody wants is on its way back within 15 minutes. */
const GRACE_MS = 8 * 60 * 1_000;
const ASK_AGAIN_MS = 60 * 1_000;

/**
 * Finds money that is held or taken for an order which does not want it, whatever way it came about, and asks for its release; the
 * sweep of payments then voids or refunds it at the provider. Answers how many it asked for.
 */
export async function sweepStranded(deps: PaymentsDeps, fatesOf: FatesOfOrders): Promise<number> {
  const now = deps.clock.now();
  const due = await deps.db
    .select({ id: payment.id, orderId: payment.orderId })
    .from(payment)
    .where(
      and(
        isNull(payment.wantedAt),
        isNull(payment.releaseRequestedAt),
        or(gt(payment.held, 0), and(eq(payment.state, "captured"), sql`${payment.refunded} < ${payment.captured}`)),
        lte(payment.updatedAt, (now - GRACE_MS) as Instant),
        or(isNull(payment.fateAskedAt), lte(payment.fateAskedAt, (now - ASK_AGAIN_MS) as Instant)),
      ),
    )
    .orderBy(asc(payment.updatedAt))
    .limit(SWEEP_BATCH);
  if (due.length === 0) return 0;
  const fates = await fatesOf([...new Set(due.map((row) => row.orderId))]);
  const idsOf = (fate: OrderFate) =>
    due.filter((row) => (fates.get(row.orderId) ?? "unwanted") === fate).map((row) => row.id);
  const mark = async (fate: OrderFate, set: Partial<typeof payment.$inferInsert>) => {
    const ids = idsOf(fate);
    if (ids.length === 0) return 0;
    const isMeant = and(inArray(payment.id, ids), isNull(payment.releaseRequestedAt));
    // What somebody is at work on is left for the next time: a sweep that waited for it would hold up the others meanwhile.
    const free = deps.db.select({ id: payment.id }).from(payment).where(isMeant).for("update", { skipLocked: true });
    const which = inArray(payment.id, free);
    return (await deps.db.update(payment).set(set).where(which).returning({ id: payment.id })).length;
  };
  await mark("wanted", { wantedAt: now });
  await mark("undecided", { fateAskedAt: now });
  return mark("unwanted", { releaseRequestedAt: (now - GRACE_MS) as Instant });
}
