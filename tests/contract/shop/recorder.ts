import { type Endpoint, type EndpointId, endpointById, problemsOf } from "@stoa/contract";
import { isProblemCode } from "@stoa/kernel";

/** One answer that was seen, such as `carts.get 404 not_found` or `carts.get 200`. */
export type Pair = string;

export interface Asked {
  /** Path and query. */
  readonly path: string;
  readonly body?: unknown;
  /** Sent as it is. */
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  /** Null where the answer has no JSON. */
  readonly body: Readonly<Record<string, unknown>> | null;
  readonly text: string;
}

/** What the contract says of an endpoint: each status it answers with, and each status with each code. */
export function pairsOf(endpoint: Endpoint): Pair[] {
  const answers = Object.keys(endpoint.answers).map((status) => `${endpoint.id} ${status}`);
  return [...answers, ...problemsOf(endpoint).map((code) => `${endpoint.id} ${code}`)];
}

/** Asks over the wire, holds each answer against the contract, and remembers what was seen. */
export class Recorder {
  readonly seen = new Set<Pair>();
  /** Of those, what the shop itself has answered, with nothing behind it that only plays a part. */
  readonly byShop = new Set<Pair>();

  /** @param shopUrl where the shop itself answers. */
  constructor(readonly shopUrl: () => string) {}

  /** @throws Error for an answer that the contract does not have. */
  async ask(edgeUrl: string, id: EndpointId, asked: Asked): Promise<Answered> {
    const endpoint: Endpoint = endpointById(id);
    const content = asked.raw ?? (asked.body === undefined ? undefined : JSON.stringify(asked.body));
    const response = await fetch(edgeUrl + asked.path, {
      method: endpoint.method,
      redirect: "manual",
      headers: {
        traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01`,
        ...(content === undefined ? {} : { "content-type": "application/json" }),
        ...asked.headers,
      },
      ...(content === undefined ? {} : { body: content }),
    });
    const answered = await readAnswer(response);
    const pair = judge(endpoint, answered);
    this.seen.add(pair);
    if (edgeUrl === this.shopUrl()) this.byShop.add(pair);
    return answered;
  }
}

/** Every call is part of it. */
const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";

async function readAnswer(response: Response): Promise<Answered> {
  const { status, headers } = response;
  const type = headers.get("content-type") ?? "";
  // A stream has no end, but its first words say that it began.
  const text = type === "text/event-stream" ? await firstOf(response) : await response.text();
  return { status, headers, text, body: /\bjson\b/.test(type) ? JSON.parse(text) : null };
}

async function firstOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  await reader?.cancel();
  return new TextDecoder().decode(value);
}

function judge(endpoint: Endpoint, answered: Answered): Pair {
  const { status, headers, body } = answered;
  const wrong = (what: string) =>
    new Error(`${endpoint.id} answered ${status}, ${what}: ${answered.text.slice(0, 500)}`);
  const joinsTrace = headers.get("traceparent")?.startsWith(`00-${TRACE_ID}-`);
  if (!headers.has("x-request-id") || !joinsTrace) throw wrong("without its id or outside of its trace");
  const isShared = /\bpublic\b/.test(headers.get("cache-control") ?? "");
  const definition = endpoint.answers[status];
  const isRefusal = headers.get("content-type") === "application/problem+json";
  if (isShared !== (endpoint.cache === "public" && !isRefusal))
    throw wrong(`with cache-control ${headers.get("cache-control")}`);
  if (isRefusal) return judgeRefusal(endpoint, answered, wrong);
  if (!definition) throw wrong("which the contract does not have");
  if (definition.schema) {
    const parsed = definition.schema.safeParse(body);
    if (!parsed.success) throw wrong(`not as the contract says (${parsed.error.message})`);
  } else if (body !== null && definition.contentType !== "application/json") throw wrong("with a body");
  if (endpoint.cache === "public" && status === 200 && !headers.has("etag")) throw wrong("without an ETag");
  return `${endpoint.id} ${status}`;
}

function judgeRefusal(endpoint: Endpoint, { status, headers, body }: Answered, wrong: (what: string) => Error): Pair {
  const { code, requestId, type, title, detail } = body ?? {};
  if (!isProblemCode(code) || !problemsOf(endpoint).includes(code))
    throw wrong("a code that the contract does not have");
  const texts = [type, title, detail].every((text) => typeof text === "string" && text !== "");
  if (body?.status !== status || requestId !== headers.get("x-request-id") || !texts) throw wrong("as half a problem");
  const says = code === "rate_limited" || code === "service_unavailable";
  if (says && !(Number(headers.get("retry-after")) > 0)) throw wrong("without Retry-After");
  return `${endpoint.id} ${code}`;
}
