import { fromUuid, type Instant, type OrderId, type RefundId, toTimestamp, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { isFirst } from "../../platform/outbox/index.ts";
import type { DescribedActor } from "../../platform/rpc/index.ts";
import type { VerbContext } from "./attempt.ts";
import type { FactType } from "./payment.ts";
import type { RefundedOfOrder } from "./refund-order.ts";

/** What the causes of refunds begin with that staff give at the desk. */
export const STAFF_CAUSE = "staff/";

/** Less than what was taken is remembered for (see `isFirst`), so that nothing is told twice. */
const TOLD_WITHIN_MS = 5 * 24 * 60 * 60 * 1_000;

/** A refund that has come to its end and of which no saga tells. */
export interface RefundByHand {
  readonly refundId: RefundId;
  readonly end: "refunded" | "refund_failed";
  /** Who asked for it; null for what was given at the provider's own desk. */
  readonly by: DescribedActor | null;
  /** Other orders that have given a part, because their goods were exchanged for this one's; none where it has failed. */
  readonly besides: readonly OrderId[];
}

/** What an order is to hear of a refund that staff have asked for. */
export function newsOfRefund({ kind, refunded }: RefundedOfOrder): FactType[] {
  if (kind === "failed") return ["refund_failed"];
  return refunded.amount > 0 ? ["refunded"] : [];
}

/**
 * The refunds of an order that were given by hand, at the desk or at the provider's own, and have come to an end that nobody has been
 * told yet: each end is answered once. The order's row is locked by the caller, so that of two parts that end at once the later one
 * finds the refund complete.
 */
export async function takeRefundsByHand({ tx, now }: VerbContext, orderId: OrderId): Promise<RefundByHand[]> {
  const untold: RefundByHand[] = [];
  for (const refund of await endedByHand(tx, now, orderId)) {
    const messageId = `${refund.refundId}/${refund.end}`;
    if (await isFirst(tx, { consumer: "payments.refunds-by-hand", messageId, now })) untold.push(refund);
  }
  return untold;
}

async function endedByHand(tx: Transaction, now: Instant, orderId: OrderId): Promise<RefundByHand[]> {
  const [order, since] = [toUuid(orderId), toTimestamp((now - TOLD_WITHIN_MS) as Instant)];
  const rows = await tx.execute<Pick<RefundByHand, "end" | "by"> & { id: string; besides: string[] | null }>(sql`
    with asked as (
      select q.id, q.amount, q.asked_by, q.credit_amount + coalesce(sum(r.amount) filter (where r.state = 'succeeded'), 0) as given,
        coalesce(bool_or(r.state in ('requested', 'pending')), false) as is_open,
        greatest(q.created_at, max(r.updated_at)) as at,
        json_agg(distinct p.order_id) filter (where r.state = 'succeeded' and p.order_id <> q.order_id) as besides
      from payments.refund_request q left join payments.refund r on r.request_id = q.id
      left join payments.payment p on p.id = r.payment_id
      where q.order_id = ${order}::uuid and q.cause ^@ ${STAFF_CAUSE} group by q.id
    )
    select a.id, case when a.given >= a.amount then 'refunded' else 'refund_failed' end as end, a.asked_by as by, a.at,
      case when a.given >= a.amount then a.besides end as besides
    from asked a where not a.is_open and a.at > ${since}::timestamptz
    union all
    select r.id, case r.state when 'succeeded' then 'refunded' else 'refund_failed' end, null, r.updated_at, null
    from payments.refund r join payments.payment p on p.id = r.payment_id
    where p.order_id = ${order}::uuid and r.request_id is null and not r.key ^@ (p.key || '/release/')
      and r.state in ('succeeded', 'failed') and r.updated_at > ${since}::timestamptz
    order by at, id`);
  return rows.map(({ id, end, by, besides }) => {
    return {
      refundId: fromUuid("ref", id),
      end,
      by,
      besides: (besides ?? []).map((beside) => fromUuid("ord", beside)),
    };
  });
}
