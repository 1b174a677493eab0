import { addressLines, type Currency, currencyDigits, type Money, type PostalAddress } from "@stoa/kernel";

/** How amounts and moments are written in one place of the world. */
export interface Format {
  readonly money: (money: Money) => string;
  /** Day and time. */
  readonly date: (timestamp: string) => string;
  readonly day: (timestamp: string) => string;
  /** A share in basis points: 1900 is 19 %. */
  readonly percent: (basisPoints: number) => string;
  /** One line each, in the order of the address's own country. */
  readonly address: (address: PostalAddress) => string[];
}

/** A shop writes in a few places of the world; to make a format costs more than to use it. */
const FORMATS_MAX = 100;
const formats = new Map<string, Format>();

/** A locale that nobody knows falls back to English of the United States rather than failing what is written in it. */
export function formatOf(locale: string, timeZone: string): Format {
  const name = `${locale} ${timeZone}`;
  const known = formats.get(name);
  if (known) return known;
  const format = makeFormat(locale, timeZone);
  if (formats.size >= FORMATS_MAX) formats.clear();
  formats.set(name, format);
  return format;
}

function makeFormat(locale: string, timeZone: string): Format {
  const known = isLocale(locale) ? locale : "en-US";
  const dates = new Intl.DateTimeFormat(known, { dateStyle: "long", timeStyle: "short", timeZone });
  const days = new Intl.DateTimeFormat(known, { dateStyle: "long", timeZone });
  const percents = new Intl.NumberFormat(known, { style: "percent", maximumFractionDigits: 2 });
  const amounts = new Map<Currency, Intl.NumberFormat>();
  const amountsIn = (currency: Currency, digits: number) => {
    const fraction = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    const format = amounts.get(currency) ?? new Intl.NumberFormat(known, { style: "currency", currency, ...fraction });
    amounts.set(currency, format);
    return format;
  };
  return {
    money: ({ amount, currency }) => {
      const digits = currencyDigits[currency];
      return amountsIn(currency, digits).format(amount / 10 ** digits);
    },
    date: (timestamp) => dates.format(new Date(timestamp)),
    day: (timestamp) => days.format(new Date(timestamp)),
    percent: (basisPoints) => percents.format(basisPoints / 10_000),
    address: (address) => addressLines(address, known),
  };
}

/** The language of a locale such as "de-AT", as catalogues of texts are kept by. */
export function languageOf(locale: string): string {
  return locale.split(/[-_]/)[0]?.toLowerCase() ?? "en";
}

function isLocale(locale: string): boolean {
  try {
    return Intl.getCanonicalLocales(locale).length > 0;
  } catch {
    return false;
  }
}
