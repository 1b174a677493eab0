import { type Currency, currencyDigits, isCurrency, type Money, money } from "@stoa/kernel";

/** Currencies which Stripe counts in hundredths although ISO 4217 gives them no minor unit. Source: Stripe, "Supported currencies". */
const hundredfold: ReadonlySet<Currency> = new Set<Currency>(["ISK"]);

/** Why Stripe cannot take exactly this amount, or null. With three decimals its last digit must be 0. */
export function stripeRefusesAmount(amount: Money): string | null {
  if (currencyDigits[amount.currency] === 3 && amount.amount % 10 !== 0) {
    return `amounts in ${amount.currency} must be whole hundredths`;
  }
  return null;
}

/** What Stripe calls the amount: an integer of its own smallest unit. */
export function toStripeAmount(amount: Money): number {
  return hundredfold.has(amount.currency) ? amount.amount * 100 : amount.amount;
}

/** @throws RangeError when the currency is unknown or the amount has no exact counterpart. */
export function fromStripeAmount(amount: number, currency: string): Money {
  const code = currency.toUpperCase();
  if (!isCurrency(code)) throw new RangeError(`${currency} is not a known currency`);
  return money(hundredfold.has(code) ? amount / 100 : amount, code);
}
