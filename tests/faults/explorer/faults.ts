import type { Stream } from "./random.ts";

/** How bad the world is while faults are on; chances from 0 to 1, drawn once for each seed. */
export interface FaultPlan {
  /** A process is killed at a gate. */
  readonly kill: number;
  /** A call to a provider: lost on the way, its answer lost, done long after the caller gave up, done twice. */
  readonly loseRequest: number;
  readonly loseAnswer: number;
  readonly late: number;
  readonly twice: number;
  /** A call to a provider is answered 500 or 429 without effect. */
  readonly fail: number;
  /** Deliveries of the queue and of webhooks. */
  readonly duplicate: number;
  readonly lose: number;
  readonly delay: number;
  /** A shopper cancels somewhere on the way. */
  readonly cancel: number;
  /** A click comes twice: the same key, or another tab. */
  readonly doubleClick: number;
  /** A statement fails as when Postgres ends a session. */
  readonly dropStatement: number;
}

export const noFaults: FaultPlan = {
  kill: 0,
  loseRequest: 0,
  loseAnswer: 0,
  late: 0,
  twice: 0,
  fail: 0,
  duplicate: 0,
  lose: 0,
  delay: 0,
  cancel: 0,
  doubleClick: 0,
  dropStatement: 0,
};

/** Each seed is bad in its own way: some kinds of fault are absent, some frequent. */
export function drawFaults(stream: Stream): FaultPlan {
  const level = (most: number) => (stream.chance(0.3) ? 0 : most * stream.next());
  return {
    kill: level(0.03),
    loseRequest: level(0.15),
    loseAnswer: level(0.3),
    late: level(0.2),
    twice: level(0.2),
    fail: level(0.15),
    duplicate: level(0.5),
    lose: level(0.3),
    delay: level(0.4),
    cancel: level(0.8),
    doubleClick: level(0.8),
    dropStatement: level(0.01),
  };
}
