import { type Currency, fromDecimal, isCurrency, type Money, toDecimal } from "@stoa/kernel";

/** Currencies that PayPal takes. Source: PayPal REST API, "Currency codes". */
const taken: ReadonlySet<Currency> = new Set<Currency>([
  ...(["AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "ILS"] as const),
  ...(["JPY", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "TWD", "USD"] as const),
]);

/** Currencies for which PayPal refuses decimals although ISO 4217 gives them two. Source: the same. */
const wholeOnly: ReadonlySet<Currency> = new Set<Currency>(["HUF", "TWD"]);

/** Why PayPal cannot take exactly this amount, or null. */
export function paypalRefusesAmount({ amount, currency }: Money): string | null {
  if (!taken.has(currency)) return `PayPal does not take ${currency}`;
  return wholeOnly.has(currency) && amount % 100 !== 0 ? `PayPal takes whole amounts in ${currency} only` : null;
}

export interface PaypalAmount {
  readonly currencyCode: string;
  readonly value: string;
}

export function toPaypalAmount(amount: Money): PaypalAmount {
  const value = toDecimal(amount);
  return {
    currencyCode: amount.currency,
    value: wholeOnly.has(amount.currency) ? value.replace(/\.00$/, "") : value,
  };
}

/** @throws RangeError when the currency is unknown or the text is no amount in it. */
export function fromPaypalAmount(amount: { readonly currency_code: string; readonly value: string }): Money {
  if (!isCurrency(amount.currency_code)) throw new RangeError(`${amount.currency_code} is not a known currency`);
  return fromDecimal(amount.value, amount.currency_code);
}
