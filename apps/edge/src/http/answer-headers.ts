import type { EdgeDeps, EdgeSettings } from "../deps.ts";
import type { Arrival } from "./arrival.ts";
import { corsHeaders } from "./origins.ts";
import { rateLimitHeaders } from "./rate-limit.ts";

/** Sets on an answer what every answer carries, but for a policy or a caching of its own. */
export function decorated(deps: EdgeDeps, response: Response, { requestId }: Arrival): Response {
  const { headers } = response;
  const fixed = fixedHeaders(deps.settings);
  for (const name in fixed) {
    if (name === "content-security-policy" && headers.has(name)) continue;
    if (name === "vary") headers.append(name, fixed[name] ?? "");
    else headers.set(name, fixed[name] ?? "");
  }
  if (!headers.has("cache-control")) headers.set("cache-control", "private, no-store");
  headers.set("x-request-id", requestId);
  return response;
}

const everywhere: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  // Shared caches must keep the answers to different origins apart, also the one without CORS.
  vary: "Origin",
};
const everywhereOverTls = { ...everywhere, "strict-transport-security": "max-age=31536000" };

/** What every answer of this shop carries. */
export function fixedHeaders({ publicUrl }: EdgeSettings): Readonly<Record<string, string>> {
  return publicUrl.startsWith("https:") ? everywhereOverTls : everywhere;
}

/** Sets what few answers carry. Those that carry none of it are not looked at: a response makes its headers when it is asked for them. */
export function setFurtherHeaders(response: Response, { departure }: EdgeDeps, arrival: Arrival): void {
  const { origin, tightest, sentTrace } = arrival;
  if (sentTrace !== null) response.headers.set("traceparent", arrival.traceparent);
  if (origin.isKnown) setAll(response.headers, corsHeaders(origin));
  if (tightest.verdict) setAll(response.headers, rateLimitHeaders(tightest.verdict));
  if (!departure?.hasBegun) return;
  departure.noteRequest();
  response.headers.set("connection", "close");
}

function setAll(headers: Headers, values: Readonly<Record<string, string>>): void {
  for (const name in values) headers.set(name, values[name] ?? "");
}
