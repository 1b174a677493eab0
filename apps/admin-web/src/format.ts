import { type Currency, currencyDigits, isCurrency } from "@stoa/kernel";

export interface Money {
  readonly amount: number;
  readonly currency: string;
}

const LOCALE = typeof navigator === "undefined" ? "en-US" : navigator.language;

/** `{ amount: 5200, currency: "USD" }` → "$52.00". */
export function formatMoney({ amount, currency }: Money, locale = LOCALE): string {
  const digits = isCurrency(currency) ? currencyDigits[currency as Currency] : 2;
  return new Intl.NumberFormat(locale, {
    style: "currency",
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount / 10 ** digits);
}

export function formatNumber(value: number, locale = LOCALE): string {
  return new Intl.NumberFormat(locale).format(value);
}

export function formatInstant(at: string, locale = LOCALE): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(at));
}

const steps: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "3 minutes ago". Under a minute it is "now". */
export function formatAgo(at: string, nowMs: number, locale = LOCALE): string {
  const seconds = (Date.parse(at) - nowMs) / 1_000;
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return relative.format(0, "second");
}

/** Milliseconds as people read them: "840 ms", "2.4 s", "3 min". */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 60_000) return `${(durationMs / 1_000).toFixed(1)} s`;
  return `${Math.round(durationMs / 60_000)} min`;
}

/** `payment_requires_action` → "Payment requires action". */
export function inWords(code: string): string {
  const words = code.replaceAll(/[._-]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
