import { QstashRefusal } from "./errors.ts";

const UNIT_MS = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DAY_MS = 86_400_000;
const BACKOFF_MAX_MS = DAY_MS;

/** "50s", "1d10h30m" or a bare number of seconds, in milliseconds. Anything else is refused with 400. */
export function parseDuration(text: string, field: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h|d))+$/.test(text)) {
    throw new QstashRefusal(400, `invalid ${field}: ${text}`);
  }
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)/g)) {
    total += Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
  }
  return total;
}

/** The wait before the n-th retry (n counts from 1): min(1 day, e^(2.5 n) seconds): 12 s, 2m28, 30m08, 6h07, 24 h. */
export function backoffMs(retry: number): number {
  return Math.min(BACKOFF_MAX_MS, Math.exp(2.5 * retry) * 1_000);
}

/**
 * What the destination asked for with `Retry-After` or a rate-limit reset header, in milliseconds from now;
 * null without one, or when it lies more than a day ahead.
 */
export function requestedDelayMs(headers: Readonly<Record<string, string>>, nowMs: number): number | null {
  const asked =
    headers["retry-after"] ??
    headers["x-ratelimit-reset"] ??
    headers["x-ratelimit-reset-requests"] ??
    headers["x-ratelimit-reset-tokens"];
  if (asked === undefined) return null;
  const delay = readDelay(asked.trim(), nowMs);
  return Number.isFinite(delay) && delay >= 0 && delay <= DAY_MS ? delay : null;
}

function readDelay(text: string, nowMs: number): number {
  if (/^\d+(\.\d+)?$/.test(text)) {
    const seconds = Number(text);
    // A number this large can only be a point in time: seconds since 1970.
    return seconds > 1e9 ? seconds * 1_000 - nowMs : seconds * 1_000;
  }
  if (/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return parseDuration(text, "retry-after");
  return Date.parse(text) - nowMs;
}
