import { includedShareOf, type Money, shareOf } from "@stoa/kernel";

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
  readonly included: boolean;
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

/** The tax on an amount, or in it. Rounded here, once for each line, and nowhere else. */
export function taxOf(amount: Money, rate: TaxRate): Money {
  return rate.included ? includedShareOf(amount, rate.basisPoints) : shareOf(amount, rate.basisPoints);
}
