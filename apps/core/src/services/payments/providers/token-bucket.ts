/** Lets `perSecond` calls through on average and `burst` at once; the others wait their turn. */
export interface TokenBucketOptions {
  readonly perSecond: number;
  readonly burst: number;
  /** Whoever would wait longer is turned away at once. */
  readonly waitMaxMs: number;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  readonly sleep: (durationMs: number) => Promise<void>;
}

/** Answers true when the call may be made, after waiting for its turn; false when the queue is too long. */
export type TokenBucket = () => Promise<boolean>;

export function tokenBucket(options: TokenBucketOptions): TokenBucket {
  const { perSecond, burst, waitMaxMs, nowMs, sleep } = options;
  let tokens = burst;
  let filledAt = nowMs();
  return async () => {
    const now = nowMs();
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1_000) * perSecond);
    filledAt = now;
    const waitMs = tokens >= 1 ? 0 : ((1 - tokens) / perSecond) * 1_000;
    if (waitMs > waitMaxMs) return false;
    // Taken before the wait, so that each waiting call stands behind the one before it.
    tokens -= 1;
    if (waitMs > 0) await sleep(waitMs);
    return true;
  };
}
