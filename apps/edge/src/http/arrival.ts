import { Problem, problem } from "@stoa/kernel";
import { type Logger, requestIdFrom, traceFrom, Unavailable } from "@stoa/runtime/portable";
import type { EdgeDeps, EdgeSettings, ServerLike } from "../deps.ts";
import { clientAddress } from "./client-address.ts";
import { corsHeaders } from "./origins.ts";
import { problemResponse, toProblem } from "./problems.ts";
import { rateLimitHeaders, type Verdict } from "./rate-limit.ts";

const URL_LENGTH_MAX = 8_192;
const HEADERS_SIZE_MAX = 16_384;

/** A request that has been given its id, its trace and its client. */
export interface Arrival {
  readonly request: Request;
  readonly url: URL;
  /** The route's template, for metrics and logs. */
  readonly template: string;
  readonly requestId: string;
  readonly traceparent: string;
  readonly clientAddress: string;
  readonly startedAt: number;
  readonly logger: Logger;
  /** The limit nearest to its end so far. */
  readonly tightest: { verdict: Verdict | null };
}

export function arrive(
  deps: EdgeDeps,
  { request, server }: { readonly request: Request; readonly server: ServerLike | null },
  template: string,
): Arrival {
  const { headers } = request;
  const requestId = requestIdFrom(headers.get("x-request-id"));
  const { traceparent } = traceFrom(headers.get("traceparent"));
  const socketAddress = deps.socketAddress(request, server);
  return {
    request,
    url: new URL(request.url),
    template,
    requestId,
    traceparent,
    clientAddress: clientAddress(socketAddress, headers.get("x-forwarded-for"), deps.settings.trustedProxies),
    startedAt: performance.now(),
    logger: deps.logger,
    tightest: { verdict: null },
  };
}

/** Runs the work and gives its answer, or its refusal, what every answer carries. Never rejects. */
export async function complete(
  deps: EdgeDeps,
  arrival: Arrival,
  work: () => Promise<Response> | Response,
): Promise<Response> {
  let response: Response;
  try {
    assertSize(arrival);
    response = await work();
  } catch (error) {
    const refusal = toProblem(error);
    if (refusal.status >= 500) report(deps, arrival, error);
    response = problemResponse(refusal, arrival.requestId);
  }
  decorate(deps.settings, arrival, response.headers);
  const { method } = arrival.request;
  const durationSeconds = (performance.now() - arrival.startedAt) / 1_000;
  deps.metrics.observeHttp({ route: arrival.template, method, status: response.status, durationSeconds });
  if (method !== "HEAD" || response.body === null) return response;
  await response.body.cancel();
  return new Response(null, { status: response.status, headers: response.headers });
}

function assertSize({ request, url }: Arrival): void {
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

function decorate(settings: EdgeSettings, arrival: Arrival, headers: Headers): void {
  headers.set("x-request-id", arrival.requestId);
  headers.set("traceparent", arrival.traceparent);
  headers.set("x-content-type-options", "nosniff");
  headers.set("x-frame-options", "DENY");
  headers.set("referrer-policy", "no-referrer");
  if (!headers.has("content-security-policy")) {
    headers.set("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  }
  if (settings.publicUrl.startsWith("https:")) headers.set("strict-transport-security", "max-age=31536000");
  if (!headers.has("cache-control")) headers.set("cache-control", "private, no-store");
  const cors = corsHeaders(settings, arrival.request.headers.get("origin"));
  for (const name in cors) headers.set(name, cors[name] ?? "");
  if (!arrival.tightest.verdict) return;
  const limits = rateLimitHeaders(arrival.tightest.verdict);
  for (const name in limits) headers.set(name, limits[name] ?? "");
}
