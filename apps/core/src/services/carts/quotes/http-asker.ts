import { type ResilienceEvent, resilient } from "@stoa/runtime";

export interface HttpAskerOptions {
  /** How the provider is called in metrics and logs. */
  readonly name: string;
  /** Where questions are posted to. */
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  readonly observe?: (event: ResilienceEvent) => void;
  /** For one attempt; there are at most two. */
  readonly timeoutMs?: number;
}

/** Posts a question as JSON and answers what came back. @throws when nothing did that is JSON, in time. */
export type HttpAsker = (question: unknown) => Promise<unknown>;

/** A shopper waits for it, so it gets little time; the shop's own terms are better than no answer. */
const TIMEOUT_MS = 1_500;
const BODY_BYTES_MAX = 64 * 1_024;

/** Asks a service over HTTP under time-out, circuit breaker and bulkhead; tried twice, because a question changes nothing. */
export function createHttpAsker({ name, url, token, observe, timeoutMs = TIMEOUT_MS }: HttpAskerOptions): HttpAsker {
  const guard = resilient({
    ...{ name, timeoutMs, retries: 1 },
    breaker: { failures: 5, halfOpenAfterMs: 10_000 },
    bulkhead: { concurrent: 16, queued: 64 },
    ...(observe && { observe }),
  });
  const headers = {
    "content-type": "application/json",
    accept: "application/json",
    ...(token && { authorization: `Bearer ${token}` }),
  };
  return (question) =>
    guard.run(
      async (signal) => {
        const body = JSON.stringify(question);
        const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "error" });
        return JSON.parse(await textOf(response));
      },
      { safe: true },
    );
}

async function textOf(response: Response): Promise<string> {
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`the provider answered ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the rest of the body.
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > BODY_BYTES_MAX) throw new Error("the provider's answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
