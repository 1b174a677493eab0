import { Unavailable } from "@stoa/runtime";
import Stripe from "stripe";
import { CALL_TIMEOUT_MS, type CallFailure, retryAfterOf } from "./gate.ts";

export interface StripeCredentials {
  /** The API's origin: Stripe's own or a stand-in's. */
  readonly apiUrl: string;
  readonly secretKey: string;
}

/** The SDK pointed at `apiUrl`, with its own retries off: the gate decides what may be sent again. */
export function createStripeClient({ apiUrl, secretKey }: StripeCredentials): Stripe {
  const url = new URL(apiUrl);
  const protocol = url.protocol === "http:" ? "http" : "https";
  return new Stripe(secretKey, {
    host: url.hostname,
    port: url.port || (protocol === "http" ? 80 : 443),
    protocol,
    timeout: CALL_TIMEOUT_MS,
    maxNetworkRetries: 0,
    telemetry: false,
    httpClient: Stripe.createFetchHttpClient(fetchOnce),
  });
}

// Told that a connection was closed, the SDK sends the call again even with its retries off; without the error's code it does not.
const fetchOnce: typeof fetch = Object.assign(
  async (...request: Parameters<typeof fetch>) => {
    try {
      return await fetch(...request);
    } catch (error) {
      if (error instanceof Error && error.name === "AbortError") throw error;
      throw new Error("the connection to Stripe failed", { cause: error });
    }
  },
  { preconnect: fetch.preconnect },
);

/** What an error of Stripe's SDK says about the call. Only an answer below 500 proves that nothing happened. */
export function classifyStripeError(error: unknown): CallFailure {
  if (!(error instanceof Stripe.errors.StripeError)) return { outcome: "unknown", status: null, code: null };
  const status = error.statusCode ?? null;
  const code = error.decline_code ?? error.code ?? null;
  if (status === null || status >= 500 || status === 409 || status === 429) {
    return { outcome: "unknown", status, code, retryAfterMs: retryAfterOf(error.headers) };
  }
  return { outcome: error instanceof Stripe.errors.StripeCardError ? "declined" : "rejected", status, code };
}

/** Whether Stripe answers with an error of its own that it has kept under the call's key: the same key finds no other answer for a day. */
export function isKeptError(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeError) || (error.statusCode ?? 0) < 500) return false;
  return error.headers?.["idempotent-replayed"] === "true";
}

/** Whether a call failed by Stripe's answer, or for want of one, and not by a mistake of ours. */
export function isStripeFailure(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeError || error instanceof Unavailable;
}
