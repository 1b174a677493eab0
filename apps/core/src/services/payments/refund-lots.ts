import type { PaymentFact } from "./payment.ts";

/** Captured money that can go back in one piece: a payment's, or one capture's where the provider refunds captures. */
export interface RefundLot<Payment> {
  readonly payment: Payment;
  readonly captureReference: string | null;
  /** Minor units that no refund has promised yet. */
  readonly left: number;
}

export interface Refundable {
  readonly captured: number;
  readonly refundHeld: number;
  readonly credited: number;
  readonly facts: readonly PaymentFact[];
  /** Refunds that are requested, pending or done. */
  readonly promised: readonly { readonly captureReference: string | null; readonly amount: number }[];
}

/** What of a payment can go back, newest capture first. */
export function lotsOf<Payment extends Refundable>(
  payment: Payment,
  { refundsCaptures }: { readonly refundsCaptures: boolean },
): RefundLot<Payment>[] {
  let room = payment.captured - payment.refundHeld - payment.credited;
  if (room <= 0) return [];
  if (!refundsCaptures) return [{ payment, captureReference: null, left: room }];
  const captures = payment.facts.filter((fact) => fact.type === "captured");
  // Refunds begun before there were several captures name none; they came from the only one that there was.
  const unnamed = captures.length === 1 ? payment.promised.filter((one) => one.captureReference === null) : [];
  return captures.toReversed().flatMap((capture) => {
    const own = payment.promised.filter((one) => one.captureReference === capture.reference);
    const promised = [...own, ...unnamed].reduce((sum, one) => sum + one.amount, 0);
    const left = Math.min(room, (capture.amount?.amount ?? 0) - promised);
    if (left <= 0) return [];
    // What became credit is missing from all captures together, and not from one of them.
    room -= left;
    return [{ payment, captureReference: capture.reference, left }];
  });
}

export interface RefundShare<Payment> {
  readonly lot: RefundLot<Payment>;
  readonly amount: number;
}

/** How an amount is taken from lots, in their order; null when they do not hold that much. */
export function sharesOfRefund<Payment>(
  lots: readonly RefundLot<Payment>[],
  amount: number,
): RefundShare<Payment>[] | null {
  let missing = amount;
  const shares = lots.flatMap((lot) => {
    const share = Math.min(missing, lot.left);
    missing -= share;
    return share > 0 ? [{ lot, amount: share }] : [];
  });
  return missing === 0 ? shares : null;
}
