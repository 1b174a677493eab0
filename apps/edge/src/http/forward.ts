import { type Guards, isConnectionRefused, Unavailable } from "@stoa/runtime/portable";
import type { CoreForward } from "../deps.ts";
import { signInternalToken } from "../internal-token.ts";
import { guest } from "./session.ts";

export const INTERNAL_TOKEN_HEADER = "x-stoa-internal";
export const CLIENT_IP_HEADER = "x-stoa-client-ip";

/** Headers of one connection, and such as only edge itself may set. */
const NOT_FORWARDED = [
  "connection",
  "content-length",
  "expect",
  "forwarded",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
  INTERNAL_TOKEN_HEADER,
  CLIENT_IP_HEADER,
];

export interface ForwardOptions {
  readonly coreUrl: string;
  readonly internalTokenSecret: string;
  readonly timeoutMs: number;
  readonly guards: Guards;
}

/** A request on its way to core's HTTP doors. */
export interface Forwarded {
  readonly request: Request;
  readonly url: URL;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly requestId: string;
  readonly traceparent: string;
  readonly clientAddress: string;
}

/** Sends requests to core as they came: the same method, path, query and bytes; redirects are the client's to follow. */
export function createCoreForward(options: ForwardOptions): CoreForward {
  const guard = options.guards.guard({
    name: "core-http",
    timeoutMs: options.timeoutMs,
    retries: 0,
    breaker: { failures: 10, halfOpenAfterMs: 1_000 },
    bulkhead: { concurrent: 128, queued: 128, waitMs: 500 },
  });
  return async (forwarded) => {
    const request = await requestToCore(options, forwarded);
    return guard.run(async (signal) => fromCore(await reach(request, signal)), { safe: false });
  };
}

async function reach(request: Request, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(request, { redirect: "manual", signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Unavailable("core-http", isConnectionRefused(error) ? "refused" : "unreachable");
  }
}

/** The client's address comes from edge alone, beside the token that proves it is edge who says so. */
async function requestToCore(options: ForwardOptions, forwarded: Forwarded): Promise<Request> {
  const { request, url, body, clientAddress } = forwarded;
  const headers = new Headers(request.headers);
  for (const name of NOT_FORWARDED) headers.delete(name);
  headers.set("x-request-id", forwarded.requestId);
  headers.set("traceparent", forwarded.traceparent);
  headers.set(CLIENT_IP_HEADER, clientAddress);
  const token = await signInternalToken(options.internalTokenSecret, { actor: guest, clientAddress });
  headers.set(INTERNAL_TOKEN_HEADER, token);
  return new Request(new URL(url.pathname + url.search, options.coreUrl).href, {
    method: request.method,
    headers,
    ...(body.byteLength > 0 ? { body } : {}),
  });
}

/** Core's answer with its own headers, but for those of the connection between edge and core. */
async function fromCore(response: Response): Promise<Response> {
  const headers = new Headers(response.headers);
  for (const name of ["connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding"]) {
    headers.delete(name);
  }
  const hasBody = ![204, 304].includes(response.status);
  return new Response(hasBody ? await response.arrayBuffer() : null, { status: response.status, headers });
}
