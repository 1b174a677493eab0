import { counted, formatMoney } from "../../format.ts";
import type { Outputs } from "../../trpc.ts";

export type Order = Outputs["orders"]["staff"]["get"];
export type Payment = Outputs["payments"]["ofOrder"]["items"][number];

/** Why an order cannot be cancelled, or null when it can. The server decides all the same. */
export function cancelRefusal({ state }: Pick<Order, "state">): string | null {
  switch (state) {
    case "pending":
    case "confirmed":
      return null;
    case "on_hold":
      return "The order is on hold: first decide what it waits for";
    case "completed":
      return "The order is completed: what has been sent can only be returned";
    case "cancelled":
      return "The order is cancelled already";
    case "refused":
      return "The order was refused, so there is nothing to take back";
  }
}

/** The tax that is added to the prices, and the tax that they hold already; the first is what the total has beyond its other parts. */
export function taxesOf({ subtotal, discount, shipping, tax, total }: Order["totals"]) {
  const beyond = total.amount - (subtotal.amount - discount.amount + shipping.amount);
  const added = Math.max(0, Math.min(beyond, tax.amount));
  const of = (amount: number) => ({ amount, currency: total.currency });
  return { added: of(added), included: of(tax.amount - added) };
}

export interface CancelConsequences {
  readonly money: string;
  readonly stock: string;
}

/** What cancelling will do to money and stock, in words, before it is done. */
export function cancelConsequences(order: Order): CancelConsequences {
  const units = order.items.reduce((sum, item) => sum + item.quantity, 0);
  const skus = counted(order.items.length, "SKU");
  const stock =
    order.state === "pending"
      ? `What is reserved of its ${counted(units, "unit")} (${skus}) becomes available again.`
      : `${counted(units, "unit")} (${skus}) ${units === 1 ? "becomes" : "become"} available again.`;
  return { money: moneyConsequence(order), stock };
}

/** What a dispute has left of the money: the last that the timeline tells of it. */
function disputeConsequence(timeline: Order["timeline"]): string | null {
  const told = timeline.findLast(({ type }) => type === "payment_disputed" || type.startsWith("dispute_"));
  if (told?.type === "payment_disputed")
    return "The payer disputes it: until that is decided, the provider may refuse to give anything back.";
  if (told?.type === "dispute_lost")
    return "The payer has it already, by a dispute that was lost: the provider refuses to give it back once more.";
  return null;
}

function moneyConsequence({ payment, totals, state, timeline }: Order): string {
  const { currency } = totals.total;
  const paid = totals.total.amount - (payment.setOffTotal?.amount ?? 0);
  const total = formatMoney({ amount: paid, currency });
  if (payment.provider === "manual") {
    return payment.state === "captured"
      ? `${total} was paid outside of the shop: give it back by hand.`
      : "Nothing has been paid, so nothing is given back.";
  }
  switch (payment.state) {
    case "captured":
    case "partially_refunded": {
      const disputed = disputeConsequence(timeline);
      if (disputed !== null) return disputed;
      const left = paid - payment.refundedTotal.amount;
      return `${formatMoney({ amount: left, currency })} is refunded to the customer. The provider may take days.`;
    }
    case "authorized":
      return `The hold of ${total} is released. The customer is not charged.`;
    case "refunded":
      return "The money has been refunded already.";
    case "voided":
    case "failed":
      return "No money is held or taken, so nothing is given back.";
    case "pending":
    case "requires_action":
      return state === "pending"
        ? `If ${total} is being authorized at this moment, it is released. The customer is not charged.`
        : "No money has been taken. What still arrives is given back.";
  }
}
