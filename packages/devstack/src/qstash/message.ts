import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import { parseDuration } from "./durations.ts";
import { QstashRefusal } from "./errors.ts";
import { evaluateRetryDelay } from "./retry-expression.ts";

const MESSAGE_BYTES_MAX = 1_048_576;
const DELAY_MAX_MS = 366 * 86_400_000;
const TIMEOUT_MAX_MS = 900_000;
const RETRIES_DEFAULT = 3;
const RETRIES_MAX = 100;
const NAME_PATTERN = /^[\w.:-]{1,256}$/;

const headerMap = z.record(z.string(), z.string());

/** What one message is, without its body. Stored as JSON, so a field is only ever added with a default. */
export const messageSchema = z.object({
  messageId: z.string(),
  url: z.string(),
  method: z.string(),
  /** Headers the destination gets, names in lower case. */
  header: headerMap,
  /** Headers `upstash-callback-…` and `upstash-failure-callback-…` as they came: they shape the callbacks. */
  callbackHeader: headerMap,
  createdAt: z.number(),
  /** First moment at which it may be delivered, milliseconds since 1970. */
  notBefore: z.number(),
  maxRetries: z.number().int(),
  timeoutMs: z.number(),
  retryDelayExpression: z.string().nullable(),
  callback: z.string().nullable(),
  failureCallback: z.string().nullable(),
  queueName: z.string().nullable(),
  flowControlKey: z.string().nullable(),
  flowControlValue: z.string().nullable(),
  scheduleId: z.string().nullable(),
  topicName: z.string().nullable(),
  label: z.string().nullable(),
  /** Fields hidden from the log, e.g. "body,header[authorization]". */
  redactFields: z.string().nullable(),
  callerIp: z.string(),
});
export type Message = z.infer<typeof messageSchema>;

/** A publish request as the door read it. */
export interface Publication {
  readonly destination: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly queueName: string | null;
  readonly scheduleId: string | null;
  readonly topicName: string | null;
}

export interface ReadContext {
  readonly nowMs: number;
  /** Factor on every wait, 1 in earnest and small in tests. */
  readonly timeScale: number;
}

/** Reads a publication into a message; throws `QstashRefusal` for whatever the headers say wrongly. */
export function readMessage(publication: Publication, { nowMs, timeScale }: ReadContext): Message {
  const { headers, body } = publication;
  if (body.byteLength > MESSAGE_BYTES_MAX) {
    throw new QstashRefusal(413, `message body is larger than ${MESSAGE_BYTES_MAX} bytes`);
  }
  const header = (name: string) => headers.get(`upstash-${name}`);
  const retryDelayExpression = header("retry-delay");
  if (retryDelayExpression !== null) evaluateRetryDelay(retryDelayExpression, 0);
  return {
    messageId: newMessageId(),
    url: destinationUrl(publication.destination, "destination"),
    method: readMethod(header("method")),
    ...readForwarded(headers),
    createdAt: nowMs,
    notBefore: readNotBefore(header("not-before"), header("delay"), { nowMs, timeScale }),
    maxRetries: readRetries(header("retries")),
    timeoutMs: readTimeout(header("timeout")),
    retryDelayExpression,
    callback: optionalUrl(header("callback"), "callback"),
    failureCallback: optionalUrl(header("failure-callback"), "failure callback"),
    queueName: readName(publication.queueName ?? header("queue-name"), "queue name"),
    flowControlKey: readName(header("flow-control-key"), "flow control key"),
    flowControlValue: header("flow-control-value"),
    scheduleId: publication.scheduleId,
    topicName: publication.topicName,
    label: header("label"),
    redactFields: header("redact-fields"),
    callerIp: "127.0.0.1",
  };
}

export function newMessageId(): string {
  return `msg_${randomUUID().replaceAll("-", "")}`;
}

/** What makes two publications the same: the publisher's own id, else (when asked) destination, headers and content. */
export function deduplicationKey(publication: Publication, message: Message): string | null {
  const own = publication.headers.get("upstash-deduplication-id");
  if (own !== null) return `id:${own}`;
  if (publication.headers.get("upstash-content-based-deduplication") !== "true") return null;
  const content = createHash("sha256").update(JSON.stringify([message.url, message.header]));
  return `content:${content.update(publication.body).digest("hex")}`;
}

/** The address as `fetch` will really ask for it, so that the signature's subject equals what the receiver sees. */
export function destinationUrl(text: string, what: string): string {
  const raw = /^https?%3a/i.test(text) ? decodeURIComponent(text) : text;
  if (!/^https?:\/\//i.test(raw) || !URL.canParse(raw)) {
    throw new QstashRefusal(400, `invalid ${what} url: ${raw.slice(0, 200)}`);
  }
  return new URL(raw).href;
}

/** Names of queues, schedules, topics and flow keys; anything else is refused with 400. */
export function readName(name: string | null, what: string): string | null {
  if (name !== null && !NAME_PATTERN.test(name)) throw new QstashRefusal(400, `invalid ${what}: ${name.slice(0, 100)}`);
  return name;
}

function optionalUrl(text: string | null, what: string): string | null {
  return text === null ? null : destinationUrl(text, what);
}

function readForwarded(headers: Headers): Pick<Message, "header" | "callbackHeader"> {
  const header: Record<string, string> = {};
  const callbackHeader: Record<string, string> = {};
  headers.forEach((value, name) => {
    if (name === "content-type") header[name] = value;
    if (name.startsWith("upstash-forward-")) header[name.slice("upstash-forward-".length)] = value;
    if (/^upstash-(failure-)?callback-/.test(name)) callbackHeader[name] = value;
  });
  return { header, callbackHeader };
}

function readMethod(method: string | null): string {
  const name = (method ?? "POST").toUpperCase();
  if (!["GET", "POST", "PUT", "PATCH", "DELETE"].includes(name))
    throw new QstashRefusal(400, `invalid method: ${name}`);
  return name;
}

function readNotBefore(notBefore: string | null, delay: string | null, context: ReadContext): number {
  const { nowMs, timeScale } = context;
  const waitMs =
    notBefore !== null ? readSeconds(notBefore) - nowMs : delay !== null ? parseDuration(delay, "delay") : 0;
  if (waitMs > DELAY_MAX_MS) throw new QstashRefusal(400, "the delay is longer than a year");
  return Math.ceil(nowMs + Math.max(0, waitMs) * timeScale);
}

function readSeconds(text: string): number {
  if (!/^\d+$/.test(text)) throw new QstashRefusal(400, `invalid not-before: ${text.slice(0, 50)}`);
  return Number(text) * 1_000;
}

function readRetries(text: string | null): number {
  if (text === null) return RETRIES_DEFAULT;
  const retries = Number(text);
  if (!Number.isInteger(retries) || retries < 0 || retries > RETRIES_MAX) {
    throw new QstashRefusal(400, `invalid retries: ${text.slice(0, 50)}`);
  }
  return retries;
}

function readTimeout(text: string | null): number {
  if (text === null) return TIMEOUT_MAX_MS;
  const timeoutMs = parseDuration(text, "timeout");
  return Math.max(1, Math.min(timeoutMs, TIMEOUT_MAX_MS));
}
