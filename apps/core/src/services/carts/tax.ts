import { allocate, type Currency, includedShareOf, type Money, money, shareOf, sumMoney } from "@stoa/kernel";
import type { TaxShare } from "../catalog/index.ts";

/** The class by which shipping is taxed; without a rate of its own it is not. */
export const SHIPPING_TAX_CLASS = "shipping";

export interface TaxRate {
  readonly country: string;
  /** In lower case; "" for the whole country. */
  readonly region: string;
  readonly taxClass: string;
  readonly name: string;
  /** 1900 = 19 %. */
  readonly basisPoints: number;
  /** Whether the amount it is taken of already holds it. */
  readonly isIncluded: boolean;
}

export interface TaxPlace {
  readonly country: string;
  readonly region?: string | undefined;
}

/** The rate for a class at a place: the region's before the country's. */
export function taxRateFor(rates: readonly TaxRate[], place: TaxPlace, taxClass: string): TaxRate | null {
  const region = place.region?.toLowerCase();
  const fitting = rates.filter((rate) => rate.country === place.country && rate.taxClass === taxClass);
  return (
    fitting.find((rate) => rate.region !== "" && rate.region === region) ??
    fitting.find((rate) => rate.region === "") ??
    null
  );
}

/** Tax on one line (of a kit, by one of its rates) or on shipping: refunds, returns and invoices take it from here and never count it again. */
export interface TaxLine {
  /** Place of the line, counted from 0; null for shipping. */
  readonly position: number | null;
  readonly name: string;
  readonly basisPoints: number;
  readonly included: boolean;
  /** What it is a share of: the line or the shipping after discounts. */
  readonly taxable: Money;
  readonly amount: Money;
}

export interface TaxQuestion {
  readonly currency: Currency;
  /** Null until an address is known: no tax then. */
  readonly place: TaxPlace | null;
  readonly rates: readonly TaxRate[];
  /** Class and what is to be paid of each line, in minor units after discounts. */
  readonly lines: readonly TaxedLine[];
  readonly shipping: number;
}

export interface TaxedLine {
  readonly taxClass: string;
  readonly taxShares?: readonly TaxShare[] | undefined;
  readonly amount: number;
}

/**
 * What of a line is taxed by which class, in minor units that add up to the line. A kit is what its parts are, each for its share of
 * the price by what it costs alone; by its own class where they are worth nothing, or where prices hold the tax of some of them and
 * not of others, so that what the line costs with tax stays one rule.
 */
export function taxedAmounts(
  { taxClass, taxShares = [], amount }: TaxedLine,
  {
    rates,
    place,
    currency,
  }: { readonly rates: readonly TaxRate[]; readonly place: TaxPlace; readonly currency: Currency },
): Omit<TaxedLine, "taxShares">[] {
  const whole = [{ taxClass, amount }];
  const byClass = [...Map.groupBy(taxShares, (share) => share.taxClass)].map(([name, shares]) => {
    return { taxClass: name, worth: shares.reduce((sum, share) => sum + share.worth, 0) };
  });
  if (byClass.every(({ worth }) => worth === 0)) return whole;
  const ways = new Set(byClass.flatMap((share) => taxRateFor(rates, place, share.taxClass)?.isIncluded ?? []));
  if (ways.size > 1) return whole;
  const amounts = allocate(
    money(amount, currency),
    byClass.map(({ worth }) => worth),
  );
  return byClass.map((share, index) => ({ taxClass: share.taxClass, amount: amounts[index]?.amount ?? 0 }));
}

/** Tax on each line that has a rate, by place, and last the tax on shipping. */
export function taxLinesOf({ currency, place, rates, lines, shipping }: TaxQuestion): TaxLine[] {
  if (!place) return [];
  const parts = [
    ...lines.flatMap((line, position) =>
      taxedAmounts(line, { rates, place, currency }).map((part) => ({ ...part, position })),
    ),
    ...(shipping > 0 ? [{ taxClass: SHIPPING_TAX_CLASS, amount: shipping, position: null }] : []),
  ];
  return parts.flatMap(({ taxClass, amount, position }) => {
    const rate = taxRateFor(rates, place, taxClass);
    if (!rate) return [];
    const { name, basisPoints, isIncluded: included } = rate;
    const taxable = money(amount, currency);
    return [{ position, name, basisPoints, included, taxable, amount: taxOf(taxable, rate) }];
  });
}

/** The tax on one line, or on shipping for null, and whether its amount already holds it. */
export function taxAt(taxLines: readonly TaxLine[], position: number | null, currency: Currency) {
  const found = taxLines.filter((line) => line.position === position);
  const amounts = found.map((line) => line.amount);
  return { tax: sumMoney(amounts, currency), taxIncluded: found.some((line) => line.included) };
}

/** The tax on an amount, or in it. Rounded here, once for each line, and nowhere else. */
function taxOf(amount: Money, rate: TaxRate): Money {
  return rate.isIncluded ? includedShareOf(amount, rate.basisPoints) : shareOf(amount, rate.basisPoints);
}
