import { type Currency, currencyDigits, isCurrency } from "@stoa/kernel";

export interface Money {
  readonly amount: number;
  readonly currency: string;
}

/** An instant as core writes it: ISO 8601, or milliseconds since 1970. */
export type Moment = string | number;

let shopLocale = "en-US";

/** Everything is written as the shop writes it, wherever the member of staff sits. Called once, when the shop is known. */
export function adoptLocale(locale: string): void {
  shopLocale = Intl.NumberFormat.supportedLocalesOf(locale)[0] ?? shopLocale;
}

export function currentLocale(): string {
  return shopLocale;
}

/** `{ amount: 5200, currency: "USD" }` → "$52.00"; less than nothing with a true minus, as wide as a digit. */
export function formatMoney({ amount, currency }: Money, locale = shopLocale): string {
  const digits = digitsOf(currency);
  return new Intl.NumberFormat(locale, {
    style: "currency",
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
    .format(amount / 10 ** digits)
    .replace("-", "−");
}

export function digitsOf(currency: string): number {
  return isCurrency(currency) ? currencyDigits[currency satisfies Currency] : 2;
}

/** `{ min: 500, max: 900 }` → "$5.00 – $9.00"; one price when both are the same. */
export function formatPriceRange({ currency, min, max }: { currency: string; min: number; max: number }): string {
  const low = formatMoney({ amount: min, currency });
  return min === max ? low : `${low} – ${formatMoney({ amount: max, currency })}`;
}

export function formatNumber(value: number, locale = shopLocale): string {
  return new Intl.NumberFormat(locale).format(value);
}

/** "+12", "−3": what a number changed by. */
export function formatChange(value: number, locale = shopLocale): string {
  return new Intl.NumberFormat(locale, { signDisplay: "exceptZero" }).format(value).replace("-", "−");
}

export function formatInstant(at: Moment, locale = shopLocale): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(at));
}

/** "Dec 7, 2026": a day on which something ends. */
export function formatDay(at: Moment, locale = shopLocale): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(new Date(at));
}

const steps: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "3 minutes ago". Under a minute it is "now". */
export function formatAgo(at: Moment, nowMs: number, locale = shopLocale): string {
  const seconds = (new Date(at).getTime() - nowMs) / 1_000;
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return relative.format(0, "second");
}

/** Milliseconds as people read them: "840 ms", "2.4 s", "3 min", "5 h". */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1) return "< 1 ms";
  if (durationMs < 1_000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 60_000) return `${(durationMs / 1_000).toFixed(1)} s`;
  if (durationMs < 3_600_000) return `${Math.round(durationMs / 60_000)} min`;
  return `${Math.round(durationMs / 3_600_000)} h`;
}

/** "1 order", "3 orders". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

const properNames: Readonly<Record<string, string>> = {
  paypal: "PayPal",
  mongodb: "MongoDB",
  qstash: "QStash",
  postgres: "PostgreSQL",
};

/** `payment_requires_action` → "Payment requires action"; names of products as their makers write them. */
export function inWords(code: string): string {
  const name = properNames[code];
  if (name) return name;
  const words = code.replaceAll(/[._-]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
