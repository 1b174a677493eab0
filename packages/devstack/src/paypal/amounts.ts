import { unprocessable } from "./errors.ts";
import type { Money } from "./objects.ts";

/** Currencies PayPal takes; source: https://developer.paypal.com/api/rest/reference/currency-codes/ */
const currencies = new Set(
  "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS JPY MXN MYR NOK NZD PHP PLN SEK SGD THB TWD USD".split(" "),
);
/** Those that PayPal takes without decimals, the forint among them although ISO 4217 gives it two. */
const withoutDecimals = new Set(["HUF", "JPY", "TWD"]);

function digitsOf(currency: string): number {
  return withoutDecimals.has(currency) ? 0 : 2;
}

/**
 * The amount in minor units.
 * @throws 422 for a currency PayPal does not take, too many decimals, or a value below what is allowed.
 */
export function minorUnits(money: Money, field: string, least: 0 | 1 = 1): number {
  const { currency_code: currency, value } = money;
  if (!currencies.has(currency)) throw unprocessable("INVALID_CURRENCY_CODE", `${field}/currency_code`);
  const [whole = "", fraction = ""] = value.split(".");
  const digits = digitsOf(currency);
  if (digits === 0 && value.includes(".")) throw unprocessable("DECIMALS_NOT_SUPPORTED", `${field}/value`);
  if (fraction.length > digits) throw unprocessable("DECIMAL_PRECISION", `${field}/value`);
  const minor = Number(whole + fraction.padEnd(digits, "0"));
  if (minor < least) throw unprocessable("CANNOT_BE_ZERO_OR_NEGATIVE", `${field}/value`);
  return minor;
}

/** A decimal string as PayPal writes it: "59.90" EUR, "5990" JPY. */
export function moneyOf(currency: string, minor: number): Money {
  const digits = digitsOf(currency);
  const text = String(minor).padStart(digits + 1, "0");
  const value = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
  return { currency_code: currency, value };
}
