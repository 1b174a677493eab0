import type { PaymentId } from "@stoa/kernel";
import { patience, type ResilienceEvent, type ResilienceState, resilient, Unavailable } from "@stoa/runtime";
import type { ProviderName } from "../payment.ts";
import type { CallOutcome } from "../tables.ts";
import { tokenBucket } from "./token-bucket.ts";

/** One call to a provider as it is logged and measured: no bodies, no secrets. */
export interface CallRecord {
  readonly paymentId: PaymentId | null;
  readonly provider: ProviderName;
  readonly operation: string;
  readonly key: string | null;
  readonly outcome: CallOutcome;
  readonly status: number | null;
  readonly code: string | null;
  readonly latencyMs: number;
}

/** What an error of a provider's client means. */
export interface CallFailure {
  /** `declined`: the shopper's means will not do. `rejected`: our request will not do. `unknown`: it may have happened. */
  readonly outcome: Exclude<CallOutcome, "ok" | "not_sent">;
  readonly status: number | null;
  readonly code: string | null;
  /** How long the provider asks to be left alone, in milliseconds; only beside 429 and 503. */
  readonly retryAfterMs?: number | null;
}

/** Reads `Retry-After` as seconds; a date is for a human's patience, not for a call's. */
export function retryAfterOf(headers: unknown): number | null {
  const pairs = typeof headers === "object" && headers !== null ? Object.entries(headers) : [];
  const value = pairs.find(([name]) => name.toLowerCase() === "retry-after")?.[1];
  const seconds = Number(value);
  return value !== undefined && Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : null;
}

export interface GateOptions {
  readonly provider: ProviderName;
  readonly classify: (error: unknown) => CallFailure;
  readonly record: (call: CallRecord) => void;
  readonly observe?: ((event: ResilienceEvent) => void) | undefined;
  /** The time by which the breaker ends its pause, in milliseconds; the process' own without it. */
  readonly nowMs?: (() => number) | undefined;
  /** Far below the provider's own limit, so that it is never met. */
  readonly requestsPerSecond: number;
}

export interface GateCall {
  readonly operation: string;
  readonly paymentId: PaymentId | null;
  /** The idempotency key, or null for a call that only reads. */
  readonly key: string | null;
  /** False for a call that must not be sent twice in a row. */
  readonly safe: boolean;
}

/** The one way out to a provider: rate limit, circuit breaker, bulkhead, time-out, retries with jitter, log and metrics. */
export interface ProviderGate {
  run<T>(call: GateCall, send: () => Promise<T>): Promise<T>;
  /** How the provider stands with its callers. */
  state(): ResilienceState;
}

/** For one call outside; the clients' own time-outs are set to it, and the gate's comes just behind. */
export const CALL_TIMEOUT_MS = patience.paymentProviders.callMs;

const GATE_MARGIN_MS = 500;
const RETRIES = 1;
const BREAKER = { failures: 8, halfOpenAfterMs: 5_000 };
const BULKHEAD = { concurrent: 64, queued: 256 };
const WAIT_MAX_MS = 2_000;
/** However long a provider asks for, it is asked again after this. */
const QUIET_MAX_MS = 60_000;

export function createGate(options: GateOptions): ProviderGate {
  const { provider, classify, requestsPerSecond } = options;
  const isUnknown = (error: unknown) => classify(error).outcome === "unknown";
  const guard = resilient({
    name: provider,
    timeoutMs: CALL_TIMEOUT_MS + GATE_MARGIN_MS,
    retries: RETRIES,
    breaker: { ...BREAKER, ...(options.nowMs && { now: options.nowMs }) },
    bulkhead: BULKHEAD,
    isFailure: isUnknown,
    ...(options.observe && { observe: options.observe }),
  });
  const mayPass = tokenBucket({
    perSecond: requestsPerSecond,
    burst: requestsPerSecond,
    waitMaxMs: WAIT_MAX_MS,
    nowMs: () => performance.now(),
    sleep: Bun.sleep,
  });
  const quiet = createQuiet();
  const turnedAway = (call: GateCall, code: string) =>
    options.record({ ...logged(call), provider, outcome: "not_sent", status: null, code, latencyMs: 0 });
  return {
    state: () => guard.state(),
    async run(call, send) {
      if (!(await quiet.isOver()) || !(await mayPass())) {
        turnedAway(call, "rate_limit");
        throw new Unavailable(provider, "bulkhead_full");
      }
      try {
        return await guard.run(() => sendRecorded(options, quiet, call, send), { safe: call.safe });
      } catch (error) {
        if (error instanceof Unavailable && error.reason !== "timeout") turnedAway(call, error.reason);
        const { outcome, status } = classify(error);
        const isTold = error instanceof Unavailable || !(error instanceof Error) || outcome !== "unknown";
        throw isTold ? error : tellingOf(error, `${provider}, ${call.operation}: ${status ?? "no answer"}`);
      }
    },
  };
}

/** The client's own error, whose words ("An unknown error occurred.") tell nobody where to look; it may be another call's as well. */
function tellingOf(error: Error, what: string): Error {
  return Object.create(error, { message: { value: `${what}. ${error.message}` } });
}

/** How long a provider has asked to be left alone. */
interface Quiet {
  begin(retryAfterMs: number): void;
  /** Waits for its end where that is near; false when it is not. */
  isOver(): Promise<boolean>;
}

function createQuiet(): Quiet {
  let until = 0;
  return {
    begin(retryAfterMs) {
      until = performance.now() + Math.min(QUIET_MAX_MS, retryAfterMs);
    },
    async isOver() {
      const waitMs = until - performance.now();
      if (waitMs > WAIT_MAX_MS) return false;
      if (waitMs > 0) await Bun.sleep(waitMs);
      return true;
    },
  };
}

/** One try of a call, logged by how it ended. */
async function sendRecorded<T>(
  { provider, classify, record }: GateOptions,
  quiet: Quiet,
  call: GateCall,
  send: () => Promise<T>,
): Promise<T> {
  // A retry heeds it too.
  if (!(await quiet.isOver())) throw new Unavailable(provider, "bulkhead_full");
  const startedAt = performance.now();
  const end = (failure: CallFailure | null) =>
    record({
      ...logged(call),
      provider,
      outcome: failure?.outcome ?? "ok",
      status: failure?.status ?? null,
      code: failure?.code ?? null,
      latencyMs: Math.round(performance.now() - startedAt),
    });
  try {
    const answer = await send();
    end(null);
    return answer;
  } catch (error) {
    const failure = classify(error);
    if (failure.retryAfterMs) quiet.begin(failure.retryAfterMs);
    end(failure);
    throw error;
  }
}

function logged({ operation, paymentId, key }: GateCall) {
  return { operation, paymentId, key };
}
