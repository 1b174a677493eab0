import type { OrderId, RefundId } from "@stoa/kernel";
import { and, eq, isNull, sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import type { RefundState } from "./payment.ts";
import { payment, refund } from "./tables.ts";

/** What the keys of refunds begin with that let go of a whole payment. */
export const releaseKeyOf = (row: { readonly key: string }) => `${row.key}/release/`;

export interface ReleaseRefund {
  readonly refundId: RefundId;
  readonly state: RefundState;
}

/** The refunds by which an order was let go of, however they were begun and by now ended. */
export function releaseRefundsOf(tx: Transaction, orderId: OrderId): Promise<ReleaseRefund[]> {
  return tx
    .select({ refundId: refund.id, state: refund.state })
    .from(refund)
    .innerJoin(payment, eq(payment.id, refund.paymentId))
    .where(
      and(
        eq(payment.orderId, orderId),
        isNull(refund.requestId),
        sql`starts_with(${refund.key}, ${payment.key} || '/release/')`,
      ),
    );
}
