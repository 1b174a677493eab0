import { type Clock, problem } from "@stoa/kernel";
import type { Store } from "../redis/store.ts";

/** Calls per minute, all of which may come at once. 0 switches the limit off. */
export interface Limit {
  readonly perMinute: number;
  /** Calls taken from Redis at a time; more than 1 spares a round trip for most reads and counts a little strictly. */
  readonly lease?: number;
}

export interface Verdict {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Until the limit is whole again. */
  readonly resetSeconds: number;
  readonly retryAfterSeconds: number;
}

const PERIOD_MS = 60_000;
const LEASE_MS = 1_000;
const LEASE_ROUNDS_MAX = 4;
const LOCAL_SUBJECTS_MAX = 50_000;

/**
 * Generic cell rate algorithm: one number a subject, the time at which its limit would be whole again.
 * KEYS[1] = subject, ARGV = now (ms), milliseconds a call costs, period (ms), calls. Answers { allowed, whole at (ms) }.
 */
const TAKE_LUA = `
local now, interval, period, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local whole = tonumber(redis.call('GET', KEYS[1]) or '0')
if whole < now then whole = now end
local after = whole + interval * cost
if after - now > period then return { 0, string.format('%.3f', whole) } end
local text = string.format('%.3f', after)
redis.call('SET', KEYS[1], text, 'PX', math.ceil(after - now))
return { 1, text }
`;

interface Taken {
  readonly allowed: boolean;
  readonly wholeAt: number;
}

interface Lease {
  calls: number;
  readonly until: number;
  readonly wholeAt: number;
}

/** Counts calls in Redis, for all edges together; while Redis is away each edge counts for itself. */
export class RateLimiter {
  readonly #leases = new Map<string, Lease>();
  /** Leases that are on their way from Redis. */
  readonly #leasing = new Map<string, Promise<boolean>>();
  readonly #local = new Map<string, number>();

  constructor(
    readonly store: Store,
    readonly clock: Clock,
  ) {}

  /** Null when the limit is off. A held lease answers at once, without Redis. */
  take(name: string, subject: string, limit: Limit): Promise<Verdict> | Verdict | null {
    if (limit.perMinute === 0) return null;
    const key = `edge:rate:${name}:${subject}`;
    const now = this.clock.now();
    return this.#takeLeased(key, limit, now) ?? this.#takeShared(key, limit, now);
  }

  #takeLeased(key: string, limit: Limit, now: number): Verdict | null {
    const lease = this.#leases.get(key);
    if (!lease || lease.calls === 0 || lease.until <= now) return null;
    lease.calls -= 1;
    return verdictOf({ allowed: true, wholeAt: lease.wholeAt }, limit, now, lease.calls);
  }

  async #takeShared(key: string, limit: Limit, now: number): Promise<Verdict> {
    const calls = Math.max(1, Math.min(limit.lease ?? 1, limit.perMinute));
    // Those who come while a lease is on its way wait for it; it may be used up before the last of them has had a call.
    for (let round = 0; calls > 1 && round < LEASE_ROUNDS_MAX; round += 1) {
      if (!(await (this.#leasing.get(key) ?? this.#lease(key, limit, { now, calls })))) break;
      const verdict = this.#takeLeased(key, limit, now);
      if (verdict) return verdict;
    }
    return verdictOf(await this.#takeCalls(key, limit, now, 1), limit, now, 0);
  }

  /** Answers whether the limit had that many calls left. */
  #lease(
    key: string,
    limit: Limit,
    { now, calls }: { readonly now: number; readonly calls: number },
  ): Promise<boolean> {
    const leasing = this.#takeCalls(key, limit, now, calls)
      .then(({ allowed, wholeAt }) => {
        if (allowed) this.#remember(this.#leases, key, { calls, until: now + LEASE_MS, wholeAt });
        return allowed;
      })
      .finally(() => this.#leasing.delete(key));
    this.#leasing.set(key, leasing);
    return leasing;
  }

  async #takeCalls(key: string, limit: Limit, now: number, calls: number): Promise<Taken> {
    const interval = PERIOD_MS / limit.perMinute;
    try {
      const answer = await this.store.run(TAKE_LUA, [key], [now, interval, PERIOD_MS, calls]);
      const [allowed, wholeAt] = Array.isArray(answer) ? answer : [];
      return { allowed: Number(allowed) === 1, wholeAt: Number(wholeAt) };
    } catch {
      return this.#takeLocally(key, interval * calls, now);
    }
  }

  #takeLocally(key: string, costMs: number, now: number): Taken {
    const wholeAt = Math.max(now, this.#local.get(key) ?? 0);
    if (wholeAt + costMs - now > PERIOD_MS) return { allowed: false, wholeAt };
    this.#remember(this.#local, key, wholeAt + costMs);
    return { allowed: true, wholeAt: wholeAt + costMs };
  }

  #remember<V>(memory: Map<string, V>, key: string, value: V): void {
    if (memory.size >= LOCAL_SUBJECTS_MAX) memory.clear();
    memory.set(key, value);
  }
}

function verdictOf({ allowed, wholeAt }: Taken, limit: Limit, now: number, leased: number): Verdict {
  const interval = PERIOD_MS / limit.perMinute;
  const spentMs = Math.max(0, wholeAt - now);
  return {
    allowed,
    limit: limit.perMinute,
    remaining: allowed ? Math.max(0, Math.floor((PERIOD_MS - spentMs) / interval)) + leased : 0,
    resetSeconds: Math.ceil(spentMs / 1_000),
    retryAfterSeconds: allowed ? 0 : Math.max(1, Math.ceil((spentMs + interval - PERIOD_MS) / 1_000)),
  };
}

/** Something that several limits count. */
export interface Counted {
  /** The limit nearest to its end so far. */
  readonly tightest: { verdict: Verdict | null };
}

/** The tighter of several limits is the one the answer tells of. @throws problem `rate_limited`. */
export function applyVerdict({ tightest }: Counted, verdict: Verdict | null): void {
  if (verdict === null) return;
  if (!tightest.verdict || verdict.remaining <= tightest.verdict.remaining) tightest.verdict = verdict;
  if (!verdict.allowed) throw problem("rate_limited", { retryAfterSeconds: verdict.retryAfterSeconds });
}

/** The headers of draft-ietf-httpapi-ratelimit-headers, as they are widely read. */
export function rateLimitHeaders(verdict: Verdict): Record<string, string> {
  return {
    "ratelimit-limit": String(verdict.limit),
    "ratelimit-remaining": String(verdict.remaining),
    "ratelimit-reset": String(verdict.resetSeconds),
  };
}
