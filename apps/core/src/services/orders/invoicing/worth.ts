import { allocate, type Currency, money } from "@stoa/kernel";
import { type PaidLine, paidForKept } from "../line-money.ts";

type Line = PaidLine & { readonly position: number; readonly cancelled: number };

/** Order lines by position, up to but without the last. */
export interface LineRange {
  readonly from: number;
  readonly until: number;
}

/** What a return gave back, in minor units, and what had been paid for its units, by line. */
export interface GivenBack {
  readonly amount: number;
  readonly lines: readonly { readonly position: number; readonly paid: number }[];
}

/** What some of an order's lines are worth, in minor units: what their units cost that are not cancelled, less what returns of them gave back. */
export function worthOf(
  lines: readonly Line[],
  returns: readonly GivenBack[],
  { range, currency }: { readonly range: LineRange; readonly currency: Currency },
): number {
  const isMeant = ({ position }: { readonly position: number }) => range.from <= position && position < range.until;
  const back = returns.map(({ amount, lines: returned }) => {
    const shares = allocate(
      money(amount, currency),
      returned.map((line) => line.paid),
    );
    return returned.reduce((sum, line, place) => sum + (isMeant(line) ? (shares[place]?.amount ?? 0) : 0), 0);
  });
  const given = back.reduce((sum, amount) => sum + amount, 0);
  return Math.max(0, paidForKept(lines.filter(isMeant), currency) - given);
}

/** An invoice against what its lines are worth; minor units. */
export interface Standing {
  readonly billed: number;
  /** Sum of the credit notes over it. */
  readonly credited: number;
  readonly worth: number;
}

/**
 * What is to be credited of each invoice, so that invoices less credit notes are what the order is worth: for each what its own lines
 * have lost, and what was given back for no line in particular from the first invoice that has so much left.
 * @param besides what was given back for no line, in minor units
 */
export function creditsDue(invoices: readonly Standing[], besides: number): number[] {
  const left = invoices.map(({ billed, credited }) => billed - credited);
  const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);
  const worth = Math.max(0, sum(invoices.map((one) => one.worth)) - besides);
  let due = Math.max(0, sum(left) - worth);
  const own = invoices.map((one, place) => {
    const lost = Math.min(due, Math.max(0, (left[place] ?? 0) - one.worth));
    due -= lost;
    return lost;
  });
  return own.map((lost, place) => {
    const more = Math.min(due, (left[place] ?? 0) - lost);
    due -= more;
    return lost + more;
  });
}
