import { createHash } from "node:crypto";
import { type Clock, isId, type MessageId } from "@stoa/kernel";
import { type Logger, patience, within } from "@stoa/runtime";
import type { Client, Receiver } from "@upstash/qstash";
import { z } from "zod";
import type { OutboxRow } from "../platform/outbox/index.ts";
import { sagaRun } from "../platform/saga/index.ts";
import { readRawBody } from "./raw-body.ts";

export const QSTASH_PATH = "/webhooks/qstash/messages";
/** Where QStash tells of a message that it has given up. */
export const QSTASH_FAILURE_PATH = "/webhooks/qstash/failures";
const BODY_MAX_BYTES = 262_144;

/** A message as it travels over QStash. */
export const envelopeSchema = z.object({
  id: z.custom<MessageId>((value) => isId("msg", value)),
  type: z.string().min(1).max(100),
  key: z.string().max(200),
  payload: z.unknown(),
});
export type QueueDelivery = z.infer<typeof envelopeSchema>;

/** Works on a delivery. It may come again, and two may come at once: whoever must count it once uses the inbox. */
export type QueueHandler = (delivery: QueueDelivery) => Promise<void>;

export interface PublisherDeps {
  readonly client: Pick<Client, "batchJSON">;
  readonly webhookBaseUrl: string;
  readonly clock: Clock;
}

/** QStash counts in whole seconds, and rounding up a moment would hold back what is due at once. */
const DELAY_MIN_MS = 500;

/** Publishes outbox rows in one request. The row's id is the deduplication id, so publishing twice delivers once, mostly. */
export function createPublisher({ client, webhookBaseUrl, clock }: PublisherDeps) {
  const url = new URL(QSTASH_PATH, webhookBaseUrl).href;
  const failureCallback = new URL(QSTASH_FAILURE_PATH, webhookBaseUrl).href;
  return async (rows: readonly OutboxRow[]): Promise<void> => {
    const published = client.batchJSON(
      rows.map(({ id, type, key, payload, availableAt }) => ({
        url,
        body: { id, type, key, payload },
        deduplicationId: id,
        // A saga has the sweep; of all else nobody would know that it never arrived.
        ...(type === sagaRun.type ? {} : { failureCallback }),
        ...(availableAt - clock.now() > DELAY_MIN_MS ? { notBefore: Math.ceil(availableAt / 1_000) } : {}),
        retries: 3,
        // Milliseconds before the next try: 2 s, 8 s, 32 s. The sweeps come by in between.
        retryDelay: "2000 * pow(4, retried)",
        timeout: 60,
      })),
    );
    // The client waits for ever; what arrived all the same is told apart by its deduplication id.
    await within(published, { name: "qstash", ms: patience.qstash.publishMs });
  };
}

/** How a message came to be given up. */
export interface GivenUp {
  readonly error: string;
  readonly attempts: number;
}

/** What every door for QStash rests on. */
export interface QstashDoorDeps {
  readonly receiver: Pick<Receiver, "verify">;
  readonly webhookBaseUrl: string;
  readonly deadLetter: (delivery: QueueDelivery, failure: GivenUp) => Promise<void>;
  readonly logger: Logger;
}

export interface QstashWebhookDeps extends QstashDoorDeps {
  readonly handlers: Readonly<Record<string, QueueHandler>>;
  readonly observe: (type: string, outcome: "ok" | "failed" | "unknown", durationSeconds: number) => void;
}

/**
 * The one door for messages: signature over body and URL first, then the handler of the message's type.
 * 2xx takes the message off the queue; 489 sends one that nobody understands to the dead letters.
 */
export function createQstashWebhook(deps: QstashWebhookDeps) {
  return signedDoor(deps, { path: QSTASH_PATH, bytesMax: BODY_MAX_BYTES }, (body) => work(deps, body));
}

/** Hands on what QStash has signed for this very door: a signed delivery for one place must not pass at another. */
export function signedDoor(
  deps: QstashDoorDeps,
  { path, bytesMax }: { readonly path: string; readonly bytesMax: number },
  take: (body: string) => Promise<Response>,
): (request: Request) => Promise<Response> {
  const url = new URL(path, deps.webhookBaseUrl).href;
  return async (request) => {
    const body = await readRawBody(request, bytesMax);
    if (body === null) return new Response(null, { status: 413 });
    if (!(await isSigned(deps, { body, url, signature: request.headers.get("upstash-signature") }))) {
      deps.logger.warn("a delivery with a bad signature was refused", { bodyHash: sha256(body) });
      return new Response(null, { status: 401 });
    }
    return take(body);
  };
}

async function work(deps: QstashWebhookDeps, body: string): Promise<Response> {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1_000;
  const { data: delivery } = envelopeSchema.safeParse(parseJson(body));
  const handler = delivery && Object.hasOwn(deps.handlers, delivery.type) ? deps.handlers[delivery.type] : undefined;
  if (!delivery || !handler) {
    deps.logger.error("a delivery that nobody understands", { bodyHash: sha256(body), type: delivery?.type });
    if (delivery) await deps.deadLetter(delivery, { error: "no handler for this type", attempts: 1 });
    deps.observe("unknown", "unknown", seconds());
    return new Response(null, { status: 489, headers: { "upstash-nonretryable-error": "true" } });
  }
  const { id: messageId, type, key } = delivery;
  try {
    await handler(delivery);
    deps.observe(type, "ok", seconds());
    return new Response(null, { status: 204 });
  } catch (error) {
    deps.observe(type, "failed", seconds());
    deps.logger.error("a delivery failed and will come again", { messageId, type, key, error });
    return new Response(null, { status: 500 });
  }
}

interface SignedBody {
  readonly body: string;
  readonly url: string;
  readonly signature: string | null;
}

async function isSigned(deps: QstashDoorDeps, { body, url, signature }: SignedBody): Promise<boolean> {
  if (signature === null) return false;
  try {
    return await deps.receiver.verify({ body, url, signature, clockTolerance: 5 });
  } catch {
    return false;
  }
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
