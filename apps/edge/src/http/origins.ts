import { authPaths, type Endpoint } from "@stoa/contract";
import { problem } from "@stoa/kernel";
import type { EdgeSettings } from "../deps.ts";
import type { Session } from "./session.ts";

const METHODS = "GET, HEAD, POST, PATCH, DELETE";
const REQUEST_HEADERS =
  "authorization, content-type, idempotency-key, if-none-match, last-event-id, traceparent, x-order-token, x-request-id";
const ANSWER_HEADERS =
  "etag, location, idempotent-replayed, ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after, set-auth-token, x-request-id";
const PREFLIGHT_SECONDS = 600;

function isKnown({ publicUrl, storefrontOrigins }: EdgeSettings, origin: string): boolean {
  return origin === new URL(publicUrl).origin || storefrontOrigins.includes(origin);
}

/** CORS for the configured storefronts; nothing for strangers, whose pages then see no answer. */
export function corsHeaders(settings: EdgeSettings, origin: string | null): Record<string, string> {
  if (settings.storefrontOrigins.length === 0) return {};
  // Shared caches must keep the answers to different origins apart, also the one without CORS.
  const vary = { vary: "Origin" };
  if (origin === null || !isKnown(settings, origin)) return vary;
  return {
    ...vary,
    "access-control-allow-origin": origin,
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": ANSWER_HEADERS,
  };
}

/** The methods of a path for the Allow header, null for a path that is not there. */
export function allowedMethods(endpoints: readonly Endpoint[], pathname: string): string | null {
  const auth = authPaths.map(({ method, path }) => ({ method, path: `/v1/auth${path}` }));
  const methods = new Set<string>();
  for (const { method, path } of [...endpoints, ...auth]) {
    if (new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(pathname))
      methods.add(method);
  }
  if (methods.size === 0) return null;
  if (methods.has("GET")) methods.add("HEAD");
  return [...methods, "OPTIONS"].join(", ");
}

/** The answer to OPTIONS: what the path allows, and for a known origin's preflight that it may. */
export function preflight(settings: EdgeSettings, origin: string | null, allowed: string): Response {
  const cors = corsHeaders(settings, origin);
  const granted = cors["access-control-allow-origin"] && {
    "access-control-allow-methods": METHODS,
    "access-control-allow-headers": REQUEST_HEADERS,
    "access-control-max-age": String(PREFLIGHT_SECONDS),
  };
  return new Response(null, { status: 204, headers: { allow: allowed, ...granted } });
}

/** A cookie goes along unasked, so a changing call that rests on one must come from a page of the shop. */
export function assertOwnOrigin(settings: EdgeSettings, request: Request, session: Session): void {
  if (session.by !== "cookie" || request.method === "GET" || request.method === "HEAD") return;
  const origin = request.headers.get("origin");
  const crossSite = request.headers.get("sec-fetch-site") === "cross-site";
  if (origin === null ? crossSite : !isKnown(settings, origin)) {
    throw problem("forbidden", { detail: "This origin may not call with the session cookie." });
  }
}
