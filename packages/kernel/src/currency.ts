import { z } from "zod";

/**
 * Currencies a shop can sell in, with the digits of their minor unit.
 * Source: ISO 4217, list one. Amounts are integers of the minor unit, so 5200 USD is $52.00, 5200 JPY is ¥5200.
 */
export const currencyDigits = {
  AED: 2,
  AUD: 2,
  BHD: 3,
  BRL: 2,
  CAD: 2,
  CHF: 2,
  CLP: 0,
  CNY: 2,
  CZK: 2,
  DKK: 2,
  EUR: 2,
  GBP: 2,
  HKD: 2,
  HUF: 2,
  IDR: 2,
  ILS: 2,
  INR: 2,
  ISK: 0,
  JOD: 3,
  JPY: 0,
  KRW: 0,
  KWD: 3,
  MXN: 2,
  MYR: 2,
  NOK: 2,
  NZD: 2,
  OMR: 3,
  PHP: 2,
  PLN: 2,
  RON: 2,
  SAR: 2,
  SEK: 2,
  SGD: 2,
  THB: 2,
  TND: 3,
  TRY: 2,
  TWD: 2,
  UAH: 2,
  USD: 2,
  VND: 0,
  ZAR: 2,
} as const;

export type Currency = keyof typeof currencyDigits;

const codes = Object.keys(currencyDigits).filter((code): code is Currency => code in currencyDigits);

/** An ISO 4217 code that this platform knows. */
export const currencySchema = z.enum(codes).meta({ id: "Currency", description: "ISO 4217 code" });

export function isCurrency(value: string): value is Currency {
  return Object.hasOwn(currencyDigits, value);
}

/** Currencies with hundredths of which nobody makes use: PayPal takes whole amounts only, and Stripe pays out no others. */
const wholeOnly: ReadonlySet<Currency> = new Set<Currency>(["HUF", "TWD"]);

/**
 * The smallest amount that can be charged or given back, in minor units: providers take three decimals only when the last is 0.
 * Source: Stripe, "Supported currencies"; PayPal REST API, "Currency codes".
 */
export function chargeStep(currency: Currency): number {
  if (wholeOnly.has(currency)) return 100;
  return currencyDigits[currency] === 3 ? 10 : 1;
}
