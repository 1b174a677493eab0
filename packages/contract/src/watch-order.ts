import { createParser, type EventSourceMessage } from "eventsource-parser";
import { ApiProblem } from "./client-errors.ts";
import type { AnswerBody } from "./client-types.ts";
import { pause } from "./pause.ts";

export interface WatchInput {
  readonly params: { readonly orderId: string };
  /** `x-order-token` for a guest's order. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

type Headers = Readonly<Record<string, string>>;
type Order = AnswerBody<"orders.get">;

/** Until the shop has said how long to wait. */
const RETRY_MS = 1_000;
const RETRY_MS_MAX = 30_000;
/** Three of the shop's heartbeats: a connection that says nothing for so long is none. */
const SILENCE_MS = 45_000;

/** See `Client.watchOrder`. */
export async function* watchOrder(
  open: (headers: Headers) => Promise<ReadableStream<Uint8Array>>,
  { headers = {}, signal }: WatchInput,
): AsyncGenerator<Order, never> {
  let seen: Headers = {};
  let retryMs = RETRY_MS;
  for (let failures = 0; ; failures += 1) {
    try {
      const stream = await open({ ...headers, ...seen });
      failures = 0;
      for await (const { id, event, data } of messagesOf(stream, (ms) => (retryMs = ms))) {
        if (id !== undefined) seen = { "last-event-id": id };
        if (event === "order") yield JSON.parse(data) as Order;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof ApiProblem && !isForNow(error)) throw error;
    }
    await pause(Math.min(RETRY_MS_MAX, retryMs * 2 ** Math.min(failures, 10)), signal);
  }
}

/** Whether the same may be had later, as opposed to what will be refused again. */
function isForNow({ status, code }: ApiProblem): boolean {
  return status >= 500 || code === "rate_limited";
}

/** The events of one connection, until it ends or says nothing any more. */
async function* messagesOf(
  stream: ReadableStream<Uint8Array>,
  onRetry: (ms: number) => void,
): AsyncGenerator<EventSourceMessage> {
  const heard: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => heard.push(message), onRetry });
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await unlessSilent(reader.read());
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* heard.splice(0);
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

async function unlessSilent<T>(reading: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the stream is silent")), SILENCE_MS);
  });
  try {
    return await Promise.race([reading, silence]);
  } finally {
    clearTimeout(timer);
  }
}
