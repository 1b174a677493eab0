import { DEFAULT_CHANNEL, Problem, problem } from "@stoa/kernel";
import { type Logger, requestIdFrom, traceFrom, Unavailable } from "@stoa/runtime/portable";
import type { EdgeDeps, ServerLike } from "../deps.ts";
import { decorated, fixedHeaders, setFurtherHeaders } from "./answer-headers.ts";
import { type Freshness, type PublicBody, publicAnswer } from "./answers.ts";
import { clientAddress } from "./client-address.ts";
import type { Forwarded } from "./forward.ts";
import { Overloaded } from "./load-shedding.ts";
import { judgeOrigin, nowhere, type Origin } from "./origins.ts";
import { problemResponse, toProblem } from "./problems.ts";
import type { Verdict } from "./rate-limit.ts";
import { urlOf } from "./url.ts";

const URL_LENGTH_MAX = 8_192;
const HEADERS_SIZE_MAX = 16_384;

interface Arriving {
  readonly request: Request;
  readonly server: ServerLike | null;
}

/** A request that has been given its id, its trace and its client. */
export class Arrival {
  readonly startedAt = performance.now();
  readonly request: Request;
  readonly requestId: string;
  /** The `traceparent` that was sent; null for none. */
  readonly sentTrace: string | null;
  readonly logger: Logger;
  /** The limit nearest to its end so far. */
  readonly tightest: { verdict: Verdict | null } = { verdict: null };
  /** Judged before anything else is done with the request. */
  origin: Origin = nowhere;
  /** The sales channel, known once the request's key is. */
  channel: string = DEFAULT_CHANNEL;
  readonly #deps: EdgeDeps;
  readonly #server: ServerLike | null;
  #url: URL | null = null;
  #traceparent: string | null = null;
  #clientAddress: string | null = null;

  constructor(
    deps: EdgeDeps,
    { request, server }: Arriving,
    /** The route's template, for metrics and logs. */
    readonly template: string,
  ) {
    this.request = request;
    this.requestId = requestIdFrom(request.headers.get("x-request-id"));
    this.sentTrace = request.headers.get("traceparent");
    this.logger = deps.logger;
    this.#deps = deps;
    this.#server = server;
  }

  /** Parsed when it is first asked for: an answer that is held is found without it. */
  get url(): URL {
    this.#url ??= urlOf(this.request);
    return this.#url;
  }

  /** Where we stand in the trace that was sent, or in one that begins here. Made when it is first asked for. */
  get traceparent(): string {
    this.#traceparent ??= traceFrom(this.sentTrace).traceparent;
    return this.#traceparent;
  }

  get clientAddress(): string {
    return this.#clientAddress ?? this.askAddress();
  }

  /** Has to be done before anything is waited for: a socket that has closed has no address. */
  askAddress(): string {
    const { trustedProxies } = this.#deps.settings;
    const forwardedFor = trustedProxies === 0 ? null : this.request.headers.get("x-forwarded-for");
    const socketAddress = this.#deps.socketAddress(this.request, this.#server);
    this.#clientAddress = clientAddress(socketAddress, forwardedFor, trustedProxies);
    return this.#clientAddress;
  }

  /** What core is told when the request is passed on. */
  forwarded(): Omit<Forwarded, "body"> {
    const { request, url, requestId, traceparent, clientAddress } = this;
    return { request, url, requestId, traceparent, clientAddress };
  }
}

/** A request whose client's address is known, however long its answer takes. */
export function arrive(deps: EdgeDeps, arriving: Arriving, template: string): Arrival {
  const arrival = new Arrival(deps, arriving, template);
  arrival.askAddress();
  return arrival;
}

/** What answers a request: an answer of its own, or one that is the same for everybody. */
type Made = Response | PublicMade;

export interface PublicMade {
  readonly content: PublicBody;
  /** How long ago it was made. */
  readonly ageMs: number;
  /** How long caches may keep it from now on. */
  readonly freshness: Freshness;
}

/** Runs the work for a request of a bearable size. See `completeUnmeasured`. */
export function complete(
  deps: EdgeDeps,
  arrival: Arrival,
  work: () => Promise<Made> | Made,
): Promise<Response> | Response {
  return completeUnmeasured(deps, arrival, () => {
    assertSize(arrival);
    return work();
  });
}

/**
 * Runs the work and gives its answer, or its refusal, what every answer carries. Never throws and never rejects. Work that needs no
 * waiting is answered without any. Whatever looks at the request has to assert its size first.
 */
export function completeUnmeasured(
  deps: EdgeDeps,
  arrival: Arrival,
  work: () => Promise<Made> | Made,
): Promise<Response> | Response {
  const judged = judgeOrigin(deps, arrival.request.headers.get("origin"));
  if (judged instanceof Promise) {
    return judged.then((origin) => {
      arrival.origin = origin;
      return completeJudged(deps, arrival, work);
    });
  }
  arrival.origin = judged;
  return completeJudged(deps, arrival, work);
}

function completeJudged(
  deps: EdgeDeps,
  arrival: Arrival,
  work: () => Promise<Made> | Made,
): Promise<Response> | Response {
  const refuse = (error: unknown) => finish(deps, arrival, refusalOf(deps, arrival, error));
  try {
    const made = work();
    if (!(made instanceof Promise)) return finish(deps, arrival, made);
    return made.then((late) => finish(deps, arrival, late)).catch(refuse);
  } catch (error) {
    return refuse(error);
  }
}

function finish(deps: EdgeDeps, arrival: Arrival, made: Made): Promise<Response> | Response {
  const response = made instanceof Response ? decorated(deps, made, arrival) : publicResponse(deps, made, arrival);
  setFurtherHeaders(response, deps, arrival);
  const { method } = arrival.request;
  const durationSeconds = (performance.now() - arrival.startedAt) / 1_000;
  deps.metrics.observeHttp({ route: arrival.template, method, status: response.status, durationSeconds });
  return method === "HEAD" && response.body !== null ? withoutBody(response) : response;
}

function publicResponse(deps: EdgeDeps, { content, ageMs, freshness }: PublicMade, arrival: Arrival): Response {
  const own = { "x-request-id": arrival.requestId };
  return publicAnswer(arrival.request, content, { ageMs, freshness, fixed: fixedHeaders(deps.settings), own });
}

/** What GET would answer, its length included, but for the body itself. A stream has no length. */
async function withoutBody({ body, status, headers }: Response): Promise<Response> {
  if (headers.get("content-type") === "text/event-stream" || headers.has("content-length")) {
    body?.cancel().catch(() => undefined);
  } else {
    headers.set("content-length", String((await new Response(body).arrayBuffer()).byteLength));
  }
  return new Response(null, { status, headers });
}

function refusalOf(deps: EdgeDeps, arrival: Arrival, error: unknown): Response {
  const refusal = toProblem(error);
  if (refusal.status >= 500 && !isCounted(error)) report(deps, arrival, error);
  return problemResponse(refusal, arrival.requestId);
}

/** Those turned away without a try are counted; a line for each would be more work than the answer. */
function isCounted(error: unknown): boolean {
  if (error instanceof Overloaded) return true;
  return error instanceof Unavailable && (error.reason === "bulkhead_full" || error.reason === "breaker_open");
}

/** @throws problem for a request that is larger than any of ours. */
export function assertSize({ request, url }: Arrival): void {
  if (request.url.length > URL_LENGTH_MAX) {
    throw problem("validation_failed", { detail: `A URL may have ${URL_LENGTH_MAX} characters.` });
  }
  // Two slashes in a row reach some routers as one; here they reach nothing.
  if (url.pathname.includes("//")) throw problem("not_found");
  let size = 0;
  for (const [name, value] of request.headers) size += name.length + value.length + 4;
  if (size > HEADERS_SIZE_MAX) {
    throw problem("validation_failed", { detail: `Headers may have ${HEADERS_SIZE_MAX} bytes in all.` });
  }
}

/** What is away is a warning, and its client has said so already; what nobody foresaw is an error with its stack. */
function report(deps: EdgeDeps, { requestId, template, request }: Arrival, error: unknown): void {
  const about = { requestId, route: template, method: request.method };
  const foreseen = error instanceof Problem || error instanceof Unavailable;
  if (foreseen) deps.logger.warn("a request could not be served", { ...about, reason: error.message });
  else deps.logger.error("a request failed", { ...about, error });
}
