import { type Instant, toTimestamp } from "@stoa/kernel";
import { and, eq, gt, gte, inArray, isNull, lt, or, sql } from "drizzle-orm";
import type { Database } from "../../../platform/db/index.ts";
import type { ProviderName } from "../payment.ts";
import { payment } from "../tables.ts";
import type { Mismatch } from "./mismatch.ts";

const ORDERS_MAX = 1_000;

interface Range {
  readonly provider: ProviderName;
  readonly from: Instant;
  readonly until: Instant;
}

/**
 * Orders whose checkout holds or has kept money on more than one payment, the last of which began in the range. What was asked for
 * beside the checkout is none of it.
 */
export async function duplicatesOf(db: Database, { provider, from, until }: Range): Promise<Mismatch[]> {
  const isLive = or(
    gt(payment.held, 0),
    and(eq(payment.state, "captured"), sql`${payment.refunded} < ${payment.captured}`),
  );
  const live = and(isNull(payment.requestId), isNull(payment.releaseRequestedAt), isLive);
  const recent = db
    .select({ orderId: payment.orderId })
    .from(payment)
    .where(and(eq(payment.provider, provider), gte(payment.createdAt, from), lt(payment.createdAt, until)));
  const rows = await db
    .select({
      orderId: payment.orderId,
      ids: sql<string[]>`array_agg(${payment.providerReference} order by ${payment.attempt})`,
    })
    .from(payment)
    .where(and(live, inArray(payment.orderId, recent)))
    .groupBy(payment.orderId)
    .having(
      sql`count(*) > 1 and max(${payment.createdAt}) >= ${toTimestamp(from)} and max(${payment.createdAt}) < ${toTimestamp(until)}`,
    )
    .limit(ORDERS_MAX);
  return rows.map(({ orderId, ids }) => ({
    kind: "duplicate_charge",
    reference: ids.at(-1) ?? null,
    paymentId: null,
    orderId,
    ours: ids,
    theirs: null,
  }));
}
