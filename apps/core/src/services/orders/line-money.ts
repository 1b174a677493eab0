import { allocateCharge, allocateWithin, type Currency, type Money, money } from "@stoa/kernel";

/** What a line costs, of the order's snapshots; minor units. */
export interface LinePrice {
  readonly total: number;
  readonly tax: number;
  /** Whether `total` holds the tax. */
  readonly taxIncluded: boolean;
}

/** What the shopper pays for a line's goods. */
export function paidFor({ total, tax, taxIncluded }: LinePrice): number {
  return taxIncluded ? total : total + tax;
}

/**
 * Each line's part of what shipping costs, tax and all: that is the order's total less what is paid for its lines.
 * By what is paid for each, no minor unit lost.
 */
export function shippingShares(orderTotal: Money, lines: readonly LinePrice[]): number[] {
  const paid = lines.map(paidFor);
  const shipping = orderTotal.amount - paid.reduce((sum, amount) => sum + amount, 0);
  return allocateCharge(money(shipping, orderTotal.currency), paid).map((share) => share.amount);
}

export interface PaidLine extends LinePrice {
  readonly quantity: number;
  readonly shippingShare: number;
}

export interface UnitRange {
  /** Units before them: what leaves is counted from the line's beginning, what is cancelled from its end. */
  readonly from: number;
  readonly count: number;
}

/**
 * What was paid for some units of a line, discount, tax and its share of shipping included, in minor units. Ranges that lie side by
 * side add up to the whole line, so that parts of an order, however it is cut, add up to its total.
 */
export function paidForUnits(
  line: PaidLine,
  { from, count }: UnitRange,
  { currency, withShipping }: { readonly currency: Currency; readonly withShipping: boolean },
): number {
  const each = Array.from({ length: line.quantity }, () => 1);
  const sumOf = (amount: number) =>
    allocateCharge(money(amount, currency), each)
      .slice(from, from + count)
      .reduce((sum, share) => sum + share.amount, 0);
  return sumOf(paidFor(line)) + (withShipping ? sumOf(line.shippingShare) : 0);
}

export interface SettledLine extends PaidLine {
  /** What of it went back so far, and what of it paid for something else. */
  readonly refunded: number;
  readonly setOff: number;
}

/**
 * What each line has got back once everything has that was paid for an order: all of its own but what was set off. Where lines do not
 * say all that the order has set off, the rest is shared among them by what each has not got back yet.
 */
export function allBack(
  lines: readonly SettledLine[],
  { setOff, currency }: { readonly setOff: number; readonly currency: Currency },
): number[] {
  if (lines.length === 0) return [];
  const own = lines.map((line) => paidFor(line) + line.shippingShare - line.setOff);
  const left = lines.map((line, place) => Math.max(0, (own[place] ?? 0) - line.refunded));
  const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);
  const unsaid = Math.min(sum(left), Math.max(0, setOff - sum(lines.map((line) => line.setOff))));
  const shares = allocateWithin(money(unsaid, currency), left);
  return own.map((amount, place) => amount - (shares[place]?.amount ?? 0));
}

/** What was paid for the units that are not cancelled, shipping included. */
export function paidForKept(lines: readonly (PaidLine & { readonly cancelled: number })[], currency: Currency): number {
  const kept = (line: PaidLine & { readonly cancelled: number }) =>
    paidForUnits(line, { from: 0, count: line.quantity - line.cancelled }, { currency, withShipping: true });
  return lines.reduce((sum, line) => sum + kept(line), 0);
}
