import { type Clock, type Instant, systemClock } from "@stoa/kernel";

/** The real time and whatever it has been moved ahead. */
export function movableClock(): Clock & { advance(durationMs: number): void } {
  let aheadMs = 0;
  return {
    now: () => (systemClock.now() + aheadMs) as Instant,
    advance: (durationMs) => {
      aheadMs += durationMs;
    },
  };
}
