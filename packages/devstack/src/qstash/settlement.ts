import type { Attempt } from "./attempt.ts";
import { backoffMs, requestedDelayMs } from "./durations.ts";
import type { Message, Publication } from "./message.ts";
import { evaluateRetryDelay } from "./retry-expression.ts";

export type Outcome =
  | { readonly kind: "delivered" }
  | { readonly kind: "retry"; readonly delayMs: number }
  | { readonly kind: "dead" };

/**
 * What an answer means for the message: 2xx is done, 489 with the header `Upstash-NonRetryable-Error: true` gives up at once,
 * anything else is tried again until the retries are used up. `delayMs` is unscaled.
 */
export function decideOutcome(message: Message, retried: number, attempt: Attempt, nowMs: number): Outcome {
  if (attempt.status >= 200 && attempt.status < 300) return { kind: "delivered" };
  const nonRetryable = attempt.status === 489 && attempt.header["upstash-nonretryable-error"] === "true";
  if (nonRetryable || retried >= message.maxRetries) return { kind: "dead" };
  const asked = requestedDelayMs(attempt.header, nowMs);
  const own = message.retryDelayExpression;
  return {
    kind: "retry",
    delayMs: asked ?? (own === null ? backoffMs(retried + 1) : evaluateRetryDelay(own, retried)),
  };
}

export interface CallbackInput {
  readonly message: Message;
  readonly body: Uint8Array;
  readonly retried: number;
  readonly attempt: Attempt;
  readonly dlqId: string | null;
}

/** The callback after every attempt, or null when none was asked for. */
export function callbackPublication(input: CallbackInput): Publication | null {
  return publication(input.message.callback, "upstash-callback-", input);
}

/** The failure callback, sent once when the message gave up, or null when none was asked for. */
export function failureCallbackPublication(input: CallbackInput): Publication | null {
  return publication(input.message.failureCallback, "upstash-failure-callback-", input);
}

function publication(destination: string | null, prefix: string, input: CallbackInput): Publication | null {
  if (destination === null) return null;
  const headers = new Headers({ "content-type": "application/json" });
  for (const [name, value] of Object.entries(input.message.callbackHeader)) {
    if (name.startsWith(prefix)) headers.set(`upstash-${name.slice(prefix.length)}`, value);
  }
  return {
    destination,
    headers,
    body: new TextEncoder().encode(JSON.stringify(payload(input))),
    queueName: null,
    scheduleId: null,
    topicName: null,
  };
}

function payload({ message, body, retried, attempt, dlqId }: CallbackInput): Record<string, unknown> {
  return {
    status: attempt.status,
    header: listed(attempt.header),
    body: Buffer.from(attempt.body).toString("base64"),
    retried,
    maxRetries: message.maxRetries,
    ...(dlqId === null ? {} : { dlqId }),
    sourceMessageId: message.messageId,
    ...(message.topicName === null ? {} : { topicName: message.topicName }),
    url: message.url,
    method: message.method,
    sourceHeader: listed(message.header),
    sourceBody: Buffer.from(body).toString("base64"),
    notBefore: String(message.notBefore),
    createdAt: String(message.createdAt),
    ...(message.scheduleId === null ? {} : { scheduleId: message.scheduleId }),
    callerIP: message.callerIp,
  };
}

/** Headers in the shape of the API: a list of values by name. */
export function listed(header: Readonly<Record<string, string>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(header).map(([name, value]) => [name, [value]]));
}
