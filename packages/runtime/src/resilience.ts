import { Problem } from "@stoa/kernel";
import { Breaker, type BreakerOptions, type BreakerState } from "./breaker.ts";
import { type Adaptation, ConcurrencyLimit, LimitReached } from "./concurrency-limit.ts";
import { RetryBudget } from "./retry-budget.ts";

export type UnavailableReason = "timeout" | "breaker_open" | "bulkhead_full" | "refused" | "unreachable";

/**
 * A dependency did not answer. After "breaker_open", "bulkhead_full" and "refused" (nobody listens) the call was never sent; after
 * "timeout" and "unreachable" (the connection failed, perhaps after the call had left) it may have had its effect.
 */
export class Unavailable extends Error {
  override readonly name = "Unavailable";

  constructor(
    readonly dependency: string,
    readonly reason: UnavailableReason,
  ) {
    super(`${dependency} is unavailable: ${reason}`);
  }
}

/** Whether a failure of `fetch` says that nobody listens, so that nothing was sent. */
export function isConnectionRefused(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ConnectionRefused" || code === "ECONNREFUSED";
}

export interface ResilienceEvent {
  readonly dependency: string;
  readonly kind: "ok" | "failed" | "retried" | UnavailableReason | "opened" | "closed";
  /** Whole call with its retries; 0 for "retried", "opened" and "closed". */
  readonly durationMs: number;
}

export interface ResilienceOptions {
  /** The dependency, e.g. "core". */
  readonly name: string;
  /** For each attempt. */
  readonly timeoutMs: number;
  /** Further attempts after the first; made only for calls that say they are safe to repeat, and within a budget. */
  readonly retries: number;
  /** Opens after this many failures in a row, tries one call again after the pause; a test may bring its own time. */
  readonly breaker: Pick<BreakerOptions, "failures" | "halfOpenAfterMs" | "now">;
  /** Calls at once, how many more may wait for a place, and how long: without `waitMs` as long as a call may take. */
  readonly bulkhead: {
    readonly concurrent: number;
    readonly queued: number;
    readonly waitMs?: number;
    readonly adapt?: Adaptation;
  };
  /** Whether an error speaks against the dependency. By default all but refusals below 500. */
  readonly isFailure?: (error: unknown) => boolean;
  readonly observe?: (event: ResilienceEvent) => void;
  /** Draws from [0, 1) how long a retry waits. */
  readonly random?: () => number;
}

export interface CallOptions {
  /** The call may be repeated: it reads, or it carries an idempotency key. */
  readonly safe: boolean;
  /** Whether nobody waits for the answer any more: asked of a call that has waited for its place, and is then not begun. */
  readonly isGone?: (() => boolean) | undefined;
}

/** How a dependency stands with its callers. */
export interface ResilienceState {
  readonly breaker: BreakerState;
  readonly running: number;
  readonly waiting: number;
  /** Most calls at once, as things stand. */
  readonly limit: number;
}

export interface Resilient {
  readonly name: string;
  /**
   * Runs the call under time-out, breaker and bulkhead; with retries and jitter only when it is safe, or was never sent.
   * @throws Unavailable, or what the call itself threw.
   */
  run<T>(call: (signal: AbortSignal) => Promise<T>, options: CallOptions): Promise<T>;
  state(): ResilienceState;
  /** Whether a call would be turned away at once because too many wait already. */
  isFull(): boolean;
}

const RETRY_DELAY_MS = 50;
const RETRY_DELAY_MS_MAX = 1_000;
/** Where nobody listens, a process is being replaced: another one answers soon. */
const RETRIES_WHEN_REFUSED = 3;

/** Guards all calls to one dependency; keep one for each dependency, not one for each call. */
export function resilient(options: ResilienceOptions): Resilient {
  const { name, observe, bulkhead, timeoutMs } = options;
  const event = (kind: ResilienceEvent["kind"]) => observe?.({ dependency: name, kind, durationMs: 0 });
  const breaker = new Breaker({
    ...options.breaker,
    onChange: (state) => {
      if (state === "open") event("opened");
      else if (state === "closed") event("closed");
    },
  });
  const limit = new ConcurrencyLimit({ waitMs: timeoutMs, ...bulkhead });
  const budget = new RetryBudget();
  const attempt = attemptOnce(options, breaker, limit);
  return {
    name,
    state: () => ({ breaker: breaker.state, ...limit.state }),
    isFull: () => limit.isFull,
    run: async (call, { safe, isGone }) => {
      const startedAt = performance.now();
      const done = (kind: ResilienceEvent["kind"]) =>
        observe?.({ dependency: name, kind, durationMs: performance.now() - startedAt });
      budget.earn();
      for (let retry = 0; ; retry += 1) {
        try {
          const answer = await attempt(call, isGone);
          done("ok");
          return answer;
        } catch (error) {
          if (retry < retriesAfter(options, error, safe) && budget.spend()) {
            event("retried");
            await pause(pauseMs(retry, options.random ?? Math.random));
            continue;
          }
          done(error instanceof Unavailable ? error.reason : isOwnFailure(options, error) ? "failed" : "ok");
          throw error;
        }
      }
    },
  };
}

/** The breaker stands before the bulkhead, so that nobody waits for a place before a dependency that is given a rest. */
function attemptOnce(options: ResilienceOptions, breaker: Breaker, limit: ConcurrencyLimit) {
  const { name } = options;
  return async <T>(call: (signal: AbortSignal) => Promise<T>, isGone: CallOptions["isGone"]): Promise<T> => {
    if (!breaker.enter()) throw new Unavailable(name, "breaker_open");
    try {
      const answer = await limit.run(() => {
        if (isGone?.()) throw new LimitReached();
        return withDeadline(call, options);
      });
      breaker.succeed();
      return answer;
    } catch (error) {
      if (error instanceof LimitReached) {
        breaker.leave();
        throw new Unavailable(name, "bulkhead_full");
      }
      if (wasNeverSent(error)) breaker.leave();
      else if (isOwnFailure(options, error)) breaker.fail();
      else breaker.succeed();
      throw error;
    }
  };
}

function retriesAfter(options: ResilienceOptions, error: unknown, safe: boolean): number {
  if (error instanceof Unavailable && error.reason === "refused")
    return Math.max(options.retries, RETRIES_WHEN_REFUSED);
  return safe && isOwnFailure(options, error) ? options.retries : 0;
}

/** Twice as long each time, and never the same for two callers. */
function pauseMs(retry: number, random: () => number): number {
  return Math.min(RETRY_DELAY_MS_MAX, RETRY_DELAY_MS * 2 ** retry) * (0.5 + random());
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Rejects at the deadline whether or not the call heeds its signal, and before the call's own complaint about the abort. */
async function withDeadline<T>(
  call: (signal: AbortSignal) => Promise<T>,
  { name, timeoutMs }: ResilienceOptions,
): Promise<T> {
  const controller = new AbortController();
  const { promise: deadline, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const reason = new Unavailable(name, "timeout");
    reject(reason);
    controller.abort(reason);
  }, timeoutMs);
  try {
    return await Promise.race([deadline, call(controller.signal)]);
  } finally {
    clearTimeout(timer);
  }
}

/** We ourselves kept the call from being sent, which says nothing about the dependency. */
function wasNeverSent(error: unknown): boolean {
  return error instanceof Unavailable && (error.reason === "breaker_open" || error.reason === "bulkhead_full");
}

function isOwnFailure(options: Pick<ResilienceOptions, "isFailure">, error: unknown): boolean {
  if (wasNeverSent(error)) return false;
  if (error instanceof Unavailable && (error.reason === "timeout" || error.reason === "refused")) return true;
  if (options.isFailure) return options.isFailure(error);
  return !(error instanceof Problem && error.status < 500);
}
