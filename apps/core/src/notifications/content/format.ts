import { currencyDigits, type Money } from "@stoa/kernel";

/** How amounts and moments are written in one place. */
export interface Format {
  readonly money: (money: Money) => string;
  readonly date: (timestamp: string) => string;
}

/** A locale that nobody knows falls back to English of the United States rather than failing a mail. */
export function formatOf(locale: string, timeZone: string): Format {
  const known = isLocale(locale) ? locale : "en-US";
  const dates = new Intl.DateTimeFormat(known, { dateStyle: "long", timeStyle: "short", timeZone });
  return {
    money: ({ amount, currency }) => {
      const digits = currencyDigits[currency];
      const style = {
        style: "currency",
        currency,
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      } as const;
      return new Intl.NumberFormat(known, style).format(amount / 10 ** digits);
    },
    date: (timestamp) => dates.format(new Date(timestamp)),
  };
}

function isLocale(locale: string): boolean {
  try {
    return Intl.getCanonicalLocales(locale).length > 0;
  } catch {
    return false;
  }
}
