import { matchesEtag } from "./etag.ts";

const JSON_TYPE = "application/json";
const PRIVATE = "private, no-store";

/** How long shared caches may keep a kind of answer, and serve it while they ask again. */
export interface Freshness {
  readonly maxAgeSeconds: number;
  readonly staleSeconds: number;
}

/** An answer about a cart, an order or a person: never kept by any cache. */
export function privateJson(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { "content-type": JSON_TYPE, "cache-control": PRIVATE, ...headers },
  });
}

export function noContent(): Response {
  return new Response(null, { status: 204, headers: { "cache-control": PRIVATE } });
}

export interface PublicBody {
  readonly body: string;
  readonly etag: string;
  readonly freshness: Freshness;
  readonly contentType?: string;
}

/** An answer that shared caches may keep; 304 without a body when the caller has it already. */
export function publicAnswer(request: Request, { body, etag, freshness, contentType }: PublicBody): Response {
  const headers: Record<string, string> = { etag, "cache-control": cacheControl(freshness) };
  if (matchesEtag(request.headers.get("if-none-match"), etag)) return new Response(null, { status: 304, headers });
  headers["content-type"] = contentType ?? JSON_TYPE;
  return new Response(body, { headers });
}

export function cacheControl({ maxAgeSeconds, staleSeconds }: Freshness): string {
  return `public, max-age=${maxAgeSeconds}, stale-while-revalidate=${staleSeconds}`;
}
