import { z } from "zod";
import type { Accepted } from "../broker.ts";
import { QstashRefusal } from "../errors.ts";
import { type Publication, readName } from "../message.ts";
import type { ApiRequest, ApiResponse, Services } from "./request.ts";
import { matchesFilter, messageView, withinDates } from "./view.ts";

const BATCH_MAX = 1_000;
const CANCEL_MAX = 1_000;

const batchSchema = z
  .array(
    z.object({
      destination: z.string(),
      headers: z.record(z.string(), z.string()).nullish(),
      body: z.string().nullish(),
      queue: z.string().nullish(),
    }),
  )
  .max(BATCH_MAX);

interface Outgoing {
  readonly destination: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly queueName: string | null;
}

export function publish(request: ApiRequest, services: Services): ApiResponse | null {
  if (request.method !== "POST") return null;
  const destination = request.target.slice("publish/".length);
  return publishOne({ destination, headers: request.headers, body: request.body, queueName: null }, services);
}

export function enqueue(request: ApiRequest, services: Services): ApiResponse | null {
  const [, name] = request.parts;
  if (request.method !== "POST" || name === undefined) return null;
  const destination = request.target.slice(request.target.indexOf("/", "enqueue/".length) + 1);
  const queueName = readName(name, "queue name");
  return publishOne({ destination, headers: request.headers, body: request.body, queueName }, services);
}

/** All of a batch is accepted or none of it; answers come in its order. */
export function batch(request: ApiRequest, services: Services): ApiResponse | null {
  if (request.method !== "POST") return null;
  const items = batchSchema.safeParse(JSON.parse(Buffer.from(request.body).toString("utf8")));
  if (!items.success) throw new QstashRefusal(400, `invalid batch: ${items.error.issues[0]?.message ?? "not a list"}`);
  const expanded = items.data.map((item) =>
    expand(
      {
        destination: item.destination,
        headers: new Headers(item.headers ?? {}),
        body: new TextEncoder().encode(item.body ?? ""),
        queueName: readName(item.queue ?? null, "queue name"),
      },
      services,
    ),
  );
  const accepted = services.broker.publish(expanded.flatMap((item) => item.publications));
  let taken = 0;
  const answers = expanded.map(({ publications, group }) => {
    const own = accepted.slice(taken, taken + publications.length).map(view);
    taken += publications.length;
    return group ? own : own[0];
  });
  return { status: 201, body: answers };
}

export function messages(request: ApiRequest, { store, broker }: Services): ApiResponse | null {
  const [, id] = request.parts;
  if (request.method === "GET" && id !== undefined) {
    const stored = store.load(id);
    if (stored === null) throw new QstashRefusal(404, `message ${id} not found`);
    return { status: 200, body: messageView(stored.message, stored.body) };
  }
  if (request.method !== "DELETE") return null;
  if (id !== undefined) {
    if (!broker.cancel(id)) throw new QstashRefusal(404, `message ${id} not found`);
    return { status: 200, body: { cancelled: 1 } };
  }
  const limit = Math.min(CANCEL_MAX, Number(request.query.get("count") ?? CANCEL_MAX) || CANCEL_MAX);
  const matching: string[] = [];
  for (const { message } of store.all()) {
    if (matching.length === limit) break;
    if (matchesFilter(message, request.query) && withinDates(message.createdAt, request.query)) {
      matching.push(message.messageId);
    }
  }
  return { status: 200, body: { cancelled: matching.filter((messageId) => broker.cancel(messageId)).length } };
}

function publishOne(outgoing: Outgoing, services: Services): ApiResponse {
  const { publications, group } = expand(outgoing, services);
  const accepted = services.broker.publish(publications);
  if (group) return { status: 201, body: accepted.map(view) };
  const [first] = accepted;
  if (first === undefined) throw new QstashRefusal(400, "nothing to publish");
  return { status: first.deduplicated ? 202 : 201, body: view(first) };
}

/** One publication per endpoint of a group. A queue comes into being with the first message that names it. */
function expand(outgoing: Outgoing, { topics, settings }: Services): { publications: Publication[]; group: boolean } {
  const { headers, body } = outgoing;
  const queueName = outgoing.queueName ?? readName(headers.get("upstash-queue-name"), "queue name");
  if (queueName !== null) settings.ensureQueue(queueName);
  const publications = topics
    .resolve(outgoing.destination)
    .map(({ url, topicName }) => ({ destination: url, headers, body, queueName, scheduleId: null, topicName }));
  return { publications, group: publications.some((publication) => publication.topicName !== null) };
}

function view({ messageId, url, deduplicated }: Accepted): Record<string, unknown> {
  return deduplicated ? { messageId, url, deduplicated } : { messageId, url };
}
