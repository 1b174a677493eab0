import type { AdminConfig } from "../config.ts";
import { internalToken } from "./internal-token.ts";
import { serveFile } from "./static-files.ts";

/** A picture with the form around it; core bounds everything else. */
const BODY_MAX_BYTES = 20_100_000;
/** Beyond this the connection is refused without a word; up to it a body that is too large is told so. */
const LISTENER_BODY_MAX_BYTES = 100_000_000;
const IMAGE_TIMEOUT_MS = 5_000;

/** Nothing but our own files, no inline script, no frame around us. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: http: https:; " +
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
};

/** Headers that only edge and this server may set. A browser that sends them is not believed. */
const OWN_HEADERS = ["authorization", "x-stoa-client-ip", "x-stoa-internal", "x-forwarded-for", "host", "connection"];

export interface ServerDeps {
  readonly config: AdminConfig;
  readonly distDir: string;
}

/** The dashboard's one origin: static files, and `/trpc`, `/auth`, `/uploads` and `/files` passed to core. */
export function createServer({ config, distDir }: ServerDeps) {
  return {
    maxRequestBodySize: LISTENER_BODY_MAX_BYTES,
    idleTimeout: 60,
    async fetch(request: Request, server: Bun.Server<undefined>): Promise<Response> {
      const url = new URL(request.url);
      if (url.pathname === "/healthz") return Response.json({ status: "ok" });
      if (/^\/(trpc|auth|uploads|files)\//.test(url.pathname)) {
        // A subscription is silent for as long as nothing happens.
        if (request.headers.get("accept")?.includes("text/event-stream")) server.timeout(request, 0);
        return passToCore(config, request, server.requestIP(request)?.address ?? null);
      }
      if (url.pathname.startsWith("/media/")) return secured(await passImage(config, request, url));
      return secured(await serveFile(distDir, request, url.pathname));
    },
  };
}

async function passToCore(config: AdminConfig, request: Request, clientIp: string | null): Promise<Response> {
  if (Number(request.headers.get("content-length")) > BODY_MAX_BYTES) return refused("payload_too_large", 413);
  const { pathname, search } = new URL(request.url);
  const headers = new Headers(request.headers);
  for (const name of OWN_HEADERS) headers.delete(name);
  if (config.INTERNAL_TOKEN_SECRET && clientIp !== null) {
    headers.set("x-stoa-client-ip", clientIp);
    headers.set("x-stoa-internal", internalToken(config.INTERNAL_TOKEN_SECRET, Date.now()));
  }
  try {
    const answer = await fetch(new URL(pathname + search, config.CORE_URL), {
      method: request.method,
      headers,
      body: request.body,
      redirect: "manual",
      // The browser has gone: what core streams to nobody is cut off.
      signal: request.signal,
    });
    const passed = new Headers(answer.headers);
    // fetch has taken the encoding off already.
    passed.delete("content-encoding");
    passed.delete("content-length");
    passed.set("cache-control", "private, no-store");
    return secured(new Response(answer.body, { status: answer.status, headers: passed }));
  } catch {
    return refused("service_unavailable", 503, { "retry-after": "5" });
  }
}

const TITLES = { payload_too_large: "Payload too large", service_unavailable: "Service unavailable" };

function refused(code: keyof typeof TITLES, status: number, headers: Record<string, string> = {}): Response {
  return secured(Response.json({ code, status, title: TITLES[code] }, { status, headers }));
}

/** Product images lie at edge. Asked for without anything of the caller's, and shown on this origin. */
async function passImage({ PUBLIC_URL }: AdminConfig, request: Request, { pathname, search }: URL): Promise<Response> {
  if (!PUBLIC_URL || request.method !== "GET") return new Response(null, { status: 404 });
  try {
    const headersOf = { accept: request.headers.get("accept") ?? "*/*" };
    const image = await fetch(new URL(pathname + search, PUBLIC_URL), {
      headers: headersOf,
      signal: AbortSignal.timeout(IMAGE_TIMEOUT_MS),
    });
    const headers = new Headers();
    for (const name of ["content-type", "cache-control", "etag", "vary"]) {
      const value = image.headers.get(name);
      if (value !== null) headers.set(name, value);
    }
    return new Response(image.body, { status: image.status, headers });
  } catch {
    return new Response(null, { status: 503 });
  }
}

function secured(response: Response): Response {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.headers.set(name, value);
  return response;
}
