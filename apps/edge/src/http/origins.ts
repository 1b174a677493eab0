import { authPaths, type Endpoint } from "@stoa/contract";
import { problem } from "@stoa/kernel";
import type { EdgeDeps } from "../deps.ts";
import type { Session } from "./session.ts";

const METHODS = "GET, HEAD, POST, PATCH, DELETE";
const REQUEST_HEADERS =
  "authorization, content-type, idempotency-key, if-none-match, last-event-id, traceparent, x-order-token, x-publishable-key, x-request-id";
const ANSWER_HEADERS =
  "age, content-disposition, etag, location, idempotent-replayed, ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after, set-auth-token, traceparent, x-request-id";
const PREFLIGHT_SECONDS = 600;

/** Where the page that calls comes from, and whether that is the shop or one of its storefronts. */
export interface Origin {
  readonly name: string | null;
  readonly isKnown: boolean;
}

/** What no page has asked for. */
export const nowhere: Origin = { name: null, isKnown: false };

/** The configured origins are known at once, those of storefronts with a key of their own by the key ring. */
export function judgeOrigin(
  deps: Pick<EdgeDeps, "keyRing" | "settings">,
  name: string | null,
): Promise<Origin> | Origin {
  if (name === null) return nowhere;
  const { publicUrl, storefrontOrigins } = deps.settings;
  if (name === publicUrl || storefrontOrigins.includes(name)) return { name, isKnown: true };
  return deps.keyRing.hasOrigin(name).then((isKnown) => ({ name, isKnown }));
}

/** CORS for the storefronts; nothing for strangers, whose pages then see no answer. */
export function corsHeaders({ name, isKnown }: Origin): Record<string, string> {
  if (name === null || !isKnown) return {};
  return {
    "access-control-allow-origin": name,
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
export function preflight(origin: Origin, allowed: string): Response {
  const granted = origin.isKnown && {
    "access-control-allow-methods": METHODS,
    "access-control-allow-headers": REQUEST_HEADERS,
    "access-control-max-age": String(PREFLIGHT_SECONDS),
  };
  return new Response(null, { status: 204, headers: { allow: allowed, ...granted } });
}

/** A cookie goes along unasked, so a changing call that rests on one must come from a page of the shop. */
export function assertOwnOrigin(
  { request, origin }: { readonly request: Request; readonly origin: Origin },
  session: Session,
): void {
  if (session.by !== "cookie" || request.method === "GET" || request.method === "HEAD") return;
  const crossSite = request.headers.get("sec-fetch-site") === "cross-site";
  if (origin.name === null ? crossSite : !origin.isKnown) {
    throw problem("forbidden", { detail: "This origin may not call with the session cookie." });
  }
}
