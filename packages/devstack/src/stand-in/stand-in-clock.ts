import { type Clock, type Instant, systemClock } from "@stoa/kernel";

/** A clock that can be set forward while it keeps running, so that a hold of seven days ends within a test. */
export interface StandInClock extends Clock {
  advance(durationMs: number): void;
}

export function standInClock(base: Clock = systemClock): StandInClock {
  let aheadMs = 0;
  return {
    now: () => (base.now() + aheadMs) as Instant,
    advance: (durationMs) => {
      aheadMs += durationMs;
    },
  };
}
