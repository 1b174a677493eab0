import { z } from "zod";

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number & { readonly __instant: true };

/** The furthest from 1970 that a date can be. Source: ECMAScript, "Time Values and Time Range". */
const INSTANT_MAX = 8_640_000_000_000_000;

/** A time from 1970 on, as JSON holds it. The cast adds the brand, of which zod knows nothing. */
export const instantSchema = z.int().min(0).max(INSTANT_MAX) as unknown as z.ZodType<Instant, number>;

/** Where time comes from; a test chooses the hour. */
export interface Clock {
  now(): Instant;
}

export const systemClock: Clock = { now: () => Date.now() as Instant };

/** A clock that stands still until it is moved. */
export function fixedClock(start: string): Clock & { advance(durationMs: number): void } {
  let current = Date.parse(start);
  if (Number.isNaN(current)) throw new RangeError(`${start} is not a time`);
  return {
    now: () => current as Instant,
    advance: (durationMs) => {
      current += durationMs;
    },
  };
}

/** A time as every request gives it: RFC 3339 text, with whatever offset. */
export const timestampSchema = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text) as Instant);

/** RFC 3339 in UTC, as every answer gives times. */
export function toTimestamp(instant: Instant): string {
  return new Date(instant).toISOString();
}
