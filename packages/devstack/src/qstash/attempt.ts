import type { FaultAction } from "../faults.ts";
import type { SigningKeys } from "./keys.ts";
import type { Message } from "./message.ts";
import { signDelivery } from "./signature.ts";

const RESPONSE_BYTES_MAX = 1_048_576;

/** What one attempt to deliver brought: status 0 stands for "no answer", and then `error` says why. */
export interface Attempt {
  readonly status: number;
  readonly header: Record<string, string>;
  readonly body: Uint8Array;
  readonly error: string | null;
}

export interface AttemptInput {
  readonly message: Message;
  readonly body: Uint8Array;
  readonly retried: number;
  readonly keys: SigningKeys;
  readonly fault: FaultAction | null;
  readonly signal: AbortSignal;
}

/** Sends the message once (twice under the fault "duplicate") and reads the answer. Never rejects. */
export async function attemptDelivery(input: AttemptInput): Promise<Attempt> {
  const { fault } = input;
  switch (fault?.kind) {
    case "drop":
      return noAnswer("connection reset");
    case "fail":
      return {
        status: fault.status ?? 503,
        header: fault.retryAfterSeconds === undefined ? {} : { "retry-after": String(fault.retryAfterSeconds) },
        body: new TextEncoder().encode(fault.code ?? "failed by an armed fault"),
        error: null,
      };
    case "delay":
      await Bun.sleep(fault.delayMs);
      return await send(input);
    case "duplicate": {
      const [first] = await Promise.all([send(input), send(input)]);
      return first;
    }
    case "loseAnswer":
      await send(input);
      return noAnswer("connection closed before the answer was read");
    default:
      return await send(input);
  }
}

async function send(input: AttemptInput): Promise<Attempt> {
  const { message, body, signal } = input;
  // A controller of its own, because `AbortSignal.timeout` would stay armed for minutes after every quick answer.
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, message.timeoutMs);
  signal.addEventListener("abort", abort, { once: true });
  try {
    const response = await fetch(message.url, {
      method: message.method,
      headers: deliveryHeaders(input),
      ...(message.method === "GET" ? {} : { body }),
      signal: controller.signal,
      redirect: "manual",
    });
    const header: Record<string, string> = {};
    response.headers.forEach((value, name) => {
      header[name] = value;
    });
    return { status: response.status, header, body: await readLimited(response), error: null };
  } catch (error) {
    return noAnswer(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

function deliveryHeaders({ message, body, retried, keys }: AttemptInput): Headers {
  const headers = new Headers(message.header);
  headers.set("User-Agent", "Upstash-QStash");
  headers.set("Upstash-Message-Id", message.messageId);
  headers.set("Upstash-Retried", String(retried));
  headers.set("Upstash-Caller-Ip", message.callerIp);
  if (message.scheduleId !== null) headers.set("Upstash-Schedule-Id", message.scheduleId);
  if (message.queueName !== null) headers.set("Upstash-Queue-Name", message.queueName);
  if (message.topicName !== null) headers.set("Upstash-Topic-Name", message.topicName);
  const signed = message.method === "GET" ? new Uint8Array() : body;
  headers.set("Upstash-Signature", signDelivery(keys.current, message.url, signed, Math.floor(Date.now() / 1_000)));
  return headers;
}

async function readLimited(response: Response): Promise<Uint8Array> {
  if (response.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= RESPONSE_BYTES_MAX) break;
  }
  return new Uint8Array(Buffer.concat(chunks).subarray(0, RESPONSE_BYTES_MAX));
}

function noAnswer(error: string): Attempt {
  return { status: 0, header: {}, body: new Uint8Array(), error };
}
