import { Problem } from "@stoa/kernel";
import type { IPolicy } from "cockatiel";

export type UnavailableReason = "timeout" | "breaker_open" | "bulkhead_full" | "unreachable";

/**
 * A dependency did not answer. After "breaker_open" and "bulkhead_full" the call was never sent; after "timeout" and
 * "unreachable" (the connection failed, perhaps after the call had left) it may have had its effect.
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
  /** Further attempts after the first; made only for calls that say they are safe to repeat. */
  readonly retries: number;
  /** Opens after this many failures in a row, tries one call again after the pause. */
  readonly breaker: { readonly failures: number; readonly halfOpenAfterMs: number };
  /** Calls at once, and how many more may wait for a place. */
  readonly bulkhead: { readonly concurrent: number; readonly queued: number };
  /** Whether an error speaks against the dependency. By default all but refusals below 500. */
  readonly isFailure?: (error: unknown) => boolean;
  readonly observe?: (event: ResilienceEvent) => void;
}

export interface CallOptions {
  /** The call may be repeated: it reads, or it carries an idempotency key. */
  readonly safe: boolean;
  readonly signal?: AbortSignal;
}

export interface Resilient {
  /**
   * Runs the call under time-out, breaker and bulkhead; with retries and jitter only when it is safe.
   * @throws Unavailable, or what the call itself threw.
   */
  run<T>(call: (signal: AbortSignal) => Promise<T>, options: CallOptions): Promise<T>;
}

const RETRY_DELAY_MS = 50;
const RETRY_DELAY_MS_MAX = 1_000;

/** Guards all calls to one dependency; keep one for each dependency, not one for each call. */
export function resilient(options: ResilienceOptions): Resilient {
  let loading: Promise<Policies> | null = null;
  return {
    run: async (call, { safe, signal }) => {
      const startedAt = performance.now();
      const done = (kind: ResilienceEvent["kind"]) =>
        options.observe?.({ dependency: options.name, kind, durationMs: performance.now() - startedAt });
      loading ??= policies(options);
      const { once, retrying } = await loading;
      try {
        // A signal of the call's own, since the library's default one belongs to the request that loaded it.
        const answer = await (safe ? retrying : once).execute(
          () => withDeadline(call, options, signal),
          signal ?? new AbortController().signal,
        );
        done("ok");
        return answer;
      } catch (error) {
        const failure = toUnavailable(options.name, error);
        done(failure instanceof Unavailable ? failure.reason : isOwnFailure(options, failure) ? "failed" : "ok");
        throw failure;
      }
    },
  };
}

interface Policies {
  readonly once: IPolicy;
  readonly retrying: IPolicy;
}

/** Loaded with the first call: the library aborts a signal as it loads, which Workers allow within a request alone. */
async function policies(options: ResilienceOptions): Promise<Policies> {
  const { bulkhead, ConsecutiveBreaker, circuitBreaker, ExponentialBackoff, handleWhen, noop, retry, wrap } =
    await import("cockatiel");
  const { name, observe } = options;
  const event = (kind: ResilienceEvent["kind"]) => () => observe?.({ dependency: name, kind, durationMs: 0 });
  const speaksAgainst = handleWhen((error) => isOwnFailure(options, error));
  const breaker = circuitBreaker(speaksAgainst, {
    halfOpenAfter: options.breaker.halfOpenAfterMs,
    breaker: new ConsecutiveBreaker(options.breaker.failures),
  });
  breaker.onBreak(event("opened"));
  breaker.onReset(event("closed"));
  const once = wrap(breaker, bulkhead(options.bulkhead.concurrent, options.bulkhead.queued));
  const again = retry(speaksAgainst, {
    maxAttempts: options.retries,
    backoff: new ExponentialBackoff({ initialDelay: RETRY_DELAY_MS, maxDelay: RETRY_DELAY_MS_MAX }),
  });
  again.onRetry(event("retried"));
  return { once, retrying: options.retries > 0 ? wrap(again, once) : wrap(noop, once) };
}

/** Rejects at the deadline whether or not the call heeds its signal, and before the call's own complaint about the abort. */
async function withDeadline<T>(
  call: (signal: AbortSignal) => Promise<T>,
  { name, timeoutMs }: ResilienceOptions,
  outer?: AbortSignal,
): Promise<T> {
  const controller = new AbortController();
  const { promise: deadline, reject } = Promise.withResolvers<never>();
  const giveUp = (reason: unknown) => {
    reject(reason);
    controller.abort(reason);
  };
  const timer = setTimeout(() => giveUp(new Unavailable(name, "timeout")), timeoutMs);
  const onOuterAbort = () => giveUp(outer?.reason);
  outer?.addEventListener("abort", onOuterAbort, { once: true });
  try {
    return await Promise.race([deadline, call(controller.signal)]);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", onOuterAbort);
  }
}

function isOwnFailure(options: ResilienceOptions, error: unknown): boolean {
  if (isMarked(error, "isBrokenCircuitError") || isMarked(error, "isBulkheadRejectedError")) return false;
  if (error instanceof Unavailable && error.reason === "timeout") return true;
  if (options.isFailure) return options.isFailure(error);
  return !(error instanceof Problem && error.status < 500);
}

function toUnavailable(name: string, error: unknown): unknown {
  if (isMarked(error, "isBrokenCircuitError")) return new Unavailable(name, "breaker_open");
  if (isMarked(error, "isBulkheadRejectedError")) return new Unavailable(name, "bulkhead_full");
  return error;
}

/** The library marks its errors, so they are known without loading it. */
function isMarked(error: unknown, mark: string): boolean {
  return error instanceof Error && mark in error;
}
