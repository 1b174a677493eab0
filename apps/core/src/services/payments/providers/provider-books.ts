import type { Instant, Money, OrderId, PaymentId, RefundId } from "@stoa/kernel";
import type { FactType, PaymentFact } from "../payment.ts";

export interface ListRange {
  readonly from: number;
  readonly until: number;
}

/** A payment as the provider's own list shows it. The ids are those that it was given, and null where it was given none. */
export interface ListedPayment {
  readonly reference: string;
  readonly paymentId: PaymentId | null;
  readonly orderId: OrderId | null;
  readonly createdAt: Instant;
  readonly facts: readonly PaymentFact[];
}

/** A line of the provider's own statement: something that it did with money. */
export interface ListedMovement {
  /** The provider's id of it: an authorization, a charge, a capture, a refund. */
  readonly reference: string;
  readonly type:
    | Extract<FactType, "authorized" | "captured" | "refunded" | "refund_failed" | "disputed" | "dispute_won">
    /** The provider has taken it back by itself. */
    | "reversed"
    /** What was held back for a dispute is let go of, whoever gets the money. */
    | "dispute_ended";
  readonly amount: Money;
  /** The payment's own id there, where the statement tells it. */
  readonly paymentReference: string | null;
  /** What it was done to: the authorization that was captured, the capture that was refunded. */
  readonly of: string | null;
  /** Our ids, as the provider was given them; null where it was given none. */
  readonly paymentId: PaymentId | null;
  readonly orderId: OrderId | null;
  readonly refundId: RefundId | null;
  /** When it was done, where the statement's lines are told by nothing else. */
  readonly at?: Instant | null;
}

export interface StatementPage {
  readonly movements: readonly ListedMovement[];
  /** Until when the statement is complete; a provider may be hours behind. */
  readonly upTo: Instant;
}

/** The range holds more than can be listed at once; a shorter one may do. */
export class TooMuchListed extends Error {
  override readonly name = "TooMuchListed";
}
