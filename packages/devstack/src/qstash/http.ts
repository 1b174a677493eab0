import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { QstashRefusal } from "./errors.ts";
import type { PublishFaults } from "./publish-faults.ts";
import { dlq } from "./routes/dlq.ts";
import { events, keys } from "./routes/log.ts";
import { batch, enqueue, messages, publish } from "./routes/messages.ts";
import { flowControl, queues } from "./routes/queues.ts";
import type { ApiRequest, ApiResponse, Route, Services } from "./routes/request.ts";
import { schedules, topics } from "./routes/schedules.ts";

const REQUEST_BYTES_MAX = 10 * 1_048_576;
const PARALLELISM_MAX = 64;

const ROUTES: Readonly<Record<string, Route>> = {
  publish,
  enqueue,
  batch,
  messages,
  dlq,
  queues,
  flowControl,
  schedules,
  topics,
  events,
  logs: events,
  keys,
  globalParallelism: (request, { broker }) =>
    request.method === "GET"
      ? { status: 200, body: { parallelismMax: PARALLELISM_MAX, parallelismCount: broker.dispatcher.running } }
      : null,
};
const PUBLISHING = ["publish", "enqueue", "batch"];

export interface ApiOptions {
  readonly token: string;
  readonly services: Services;
  readonly publishFaults: PublishFaults;
}

/**
 * The HTTP face of the queue. It is a `node:http` server because a fault must be able to cut a connection, and because the
 * destination is part of the raw request target.
 */
export function createApi(options: ApiOptions): Server {
  return createServer((incoming, outgoing) => {
    handle(incoming, outgoing, options).catch((error: unknown) => answer(outgoing, toResponse(error)));
  });
}

async function handle(incoming: IncomingMessage, outgoing: ServerResponse, options: ApiOptions): Promise<void> {
  const target = incoming.url ?? "/";
  if (target === "/health") return answer(outgoing, { status: 200, body: { status: "ok" } });
  const body = await readBody(incoming);
  const request = readRequest(incoming, target, body);
  if (!authorized(request.headers.get("authorization"), options.token)) {
    throw new QstashRefusal(401, "unauthorized: the token is missing or wrong");
  }
  const family = request.parts[0] ?? "";
  const route = Object.hasOwn(ROUTES, family) ? ROUTES[family] : undefined;
  if (route === undefined) throw notFound(request);
  if (!PUBLISHING.includes(family)) return answer(outgoing, run(route, request, options.services));
  const fate = await options.publishFaults.next();
  let response: ApiResponse | null = null;
  for (let effect = 0; effect < fate.effects; effect += 1) response = run(route, request, options.services);
  if (fate.answer === "cut") {
    incoming.socket.destroy();
  } else if (fate.answer === "true") {
    answer(outgoing, response ?? toResponse(notFound(request)));
  } else {
    const { status, error, retryAfter } = fate.answer;
    if (retryAfter !== undefined) outgoing.setHeader("retry-after", String(retryAfter));
    answer(outgoing, { status, body: { error } });
  }
}

function run(route: Route, request: ApiRequest, services: Services): ApiResponse {
  const response = route(request, services);
  if (response === null) throw notFound(request);
  return response;
}

function readRequest(incoming: IncomingMessage, rawTarget: string, body: Uint8Array): ApiRequest {
  if (!rawTarget.startsWith("/v2/")) throw new QstashRefusal(404, `not found: ${rawTarget.slice(0, 100)}`);
  const target = rawTarget.slice("/v2/".length);
  const [path = "", query = ""] = target.split("?", 2);
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return {
    method: incoming.method ?? "GET",
    target,
    parts: path.split("/").map(decode),
    query: new URLSearchParams(query),
    headers,
    body,
  };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

async function readBody(incoming: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    size += bytes.byteLength;
    if (size > REQUEST_BYTES_MAX) throw new QstashRefusal(413, `request is larger than ${REQUEST_BYTES_MAX} bytes`);
    chunks.push(bytes);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function authorized(header: string | null, token: string): boolean {
  const given = Buffer.from(header ?? "");
  const expected = Buffer.from(`Bearer ${token}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function notFound(request: ApiRequest): QstashRefusal {
  return new QstashRefusal(404, `not found: ${request.method} /v2/${request.parts.join("/").slice(0, 100)}`);
}

function toResponse(error: unknown): ApiResponse {
  if (error instanceof QstashRefusal) return { status: error.status, body: { error: error.message } };
  if (error instanceof SyntaxError) return { status: 400, body: { error: "invalid JSON" } };
  return { status: 500, body: { error: error instanceof Error ? error.message : "internal error" } };
}

function answer(outgoing: ServerResponse, response: ApiResponse): void {
  if (outgoing.headersSent || outgoing.destroyed) return;
  outgoing.statusCode = response.status;
  if (response.body === undefined) {
    outgoing.end();
    return;
  }
  outgoing.setHeader("content-type", "application/json");
  outgoing.end(JSON.stringify(response.body));
}
