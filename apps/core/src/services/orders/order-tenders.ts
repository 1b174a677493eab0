import { type Currency, money } from "@stoa/kernel";
import type { OrderPaymentState, OrderView } from "@stoa/read-models";
import type { CreditTender } from "../payments/index.ts";

/** What of an order its tenders depend on; amounts are minor units of its currency. */
export interface TenderedOrder {
  readonly currency: Currency;
  readonly total: number;
  /** What of the total units paid that an edit took out, so that no tender did. */
  readonly setOff: number;
  readonly paymentProvider: "stripe" | "paypal" | "manual";
}

/**
 * What an order is paid by: gift cards and store credit first, the provider for the rest. They add up to the total, less what is set
 * off, to the cent.
 * Undefined where the provider pays it all.
 */
export function tendersOf(
  order: TenderedOrder,
  credits: readonly CreditTender[],
): OrderView["payment"]["tenders"] | undefined {
  const paying = credits.filter((credit) => credit.state !== "released");
  if (paying.length === 0) return undefined;
  const of = (amount: number) => money(amount, order.currency);
  const rest = providersPart(order, credits);
  return [
    ...sharesOf(order, paying).map(({ kind, last4, amount }) => ({
      ...{ kind, amount: of(amount) },
      ...(last4 !== null && { last4 }),
    })),
    ...(rest > 0 ? [{ kind: order.paymentProvider, amount: of(rest) }] : []),
  ];
}

/** An order that has become cheaper by an edit gave its last cards money back, so they pay less of it. */
function sharesOf(order: PaidOrder, paying: readonly CreditTender[]): CreditTender[] {
  let left = paidInAll(order);
  return paying.flatMap((credit) => {
    const amount = Math.min(left, credit.amount);
    left -= amount;
    return amount > 0 ? [{ ...credit, amount }] : [];
  });
}

type PaidOrder = Pick<TenderedOrder, "total" | "setOff">;

const paidInAll = ({ total, setOff }: PaidOrder) => total - setOff;

/** What gift cards and store credit leave of what was to be paid, in minor units. */
function providersPart(order: PaidOrder, credits: readonly CreditTender[]): number {
  const paying = credits.filter((credit) => credit.state !== "released");
  return paidInAll(order) - paying.reduce((sum, credit) => sum + credit.amount, 0);
}

/** What has gone back to gift cards and store credit, in minor units. */
export function returnedToCredits(credits: readonly CreditTender[]): number {
  return credits.reduce((sum, credit) => sum + credit.refunded, 0);
}

/** An order's payment state, once what went back to gift cards counts as well as what the provider says of its part. */
export function stateWithCredits(
  state: OrderPaymentState,
  order: PaidOrder,
  credits: readonly CreditTender[],
): OrderPaymentState {
  if (returnedToCredits(credits) === 0) return state;
  const isAllBack = credits.every((credit) => credit.state !== "redeemed" || credit.refunded === credit.amount);
  switch (state) {
    case "captured":
      // A provider's part of nothing counts as captured, and there is nothing of it to send back.
      return isAllBack && providersPart(order, credits) === 0 ? "refunded" : "partially_refunded";
    case "refunded":
    case "voided":
      return isAllBack ? "refunded" : "partially_refunded";
    default:
      return state;
  }
}
