import type { Clock } from "@stoa/kernel";
import { acceptsGzip, COMPRESS_FROM } from "./compression.ts";
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
  /** Milliseconds since the epoch. */
  readonly writtenAt?: number | null;
  /** How long ago it was made. */
  readonly ageMs?: number;
  /** The body as gzip, where this process may pack it. */
  readonly pack?: () => Uint8Array<ArrayBuffer>;
}

/**
 * An answer that shared caches may keep; 304 without a body when the caller has it already. It says how old it is: `Age` since it was
 * made, `Last-Modified` since what it was made of was written. `headers` are further ones; all are set in one go, because setting them
 * one by one costs more than all else here.
 */
export function publicAnswer(
  request: Request,
  { body, etag, freshness, contentType, writtenAt, ageMs = 0, pack }: PublicBody,
  headers: Record<string, string> = {},
): Response {
  const mayPack = pack !== undefined && body.length >= COMPRESS_FROM;
  const isPacked = mayPack && acceptsGzip(request.headers.get("accept-encoding"));
  if (mayPack) headers.vary = headers.vary ? `${headers.vary}, Accept-Encoding` : "Accept-Encoding";
  // One validator for two forms of one answer has to be a weak one.
  headers.etag = isPacked && !etag.startsWith("W/") ? `W/${etag}` : etag;
  headers["cache-control"] = cacheControl(freshness);
  if (ageMs >= 1_000) headers.age = String(Math.floor(ageMs / 1_000));
  if (writtenAt != null) headers["last-modified"] = httpDate(writtenAt);
  if (matchesEtag(request.headers.get("if-none-match"), etag)) return new Response(null, { status: 304, headers });
  headers["content-type"] = contentType ?? JSON_TYPE;
  if (isPacked) headers["content-encoding"] = "gzip";
  if (request.method === "HEAD") {
    headers["content-length"] = String((isPacked ? pack() : new TextEncoder().encode(body)).byteLength);
    return new Response(null, { headers });
  }
  return new Response(isPacked ? pack() : body, { headers });
}

/** Dates by second, as HTTP writes them; those asked for last are at hand. */
const dates = new Map<number, string>();
const DATES_MAX = 1_000;

function httpDate(at: number): string {
  const second = Math.floor(at / 1_000);
  const known = dates.get(second);
  if (known) return known;
  if (dates.size >= DATES_MAX) dates.clear();
  const date = new Date(second * 1_000).toUTCString();
  dates.set(second, date);
  return date;
}

/** Few, because both numbers are small. */
const shortened = new Map<string, Freshness>();

/** The same, but no cache keeps the answer beyond the moment at which it ceases to be true. */
export function freshUntil(freshness: Freshness, until: number | undefined, clock: Clock): Freshness {
  if (until === undefined) return freshness;
  const leftSeconds = Math.max(0, Math.floor((until - clock.now()) / 1_000));
  const maxAgeSeconds = Math.min(freshness.maxAgeSeconds, leftSeconds);
  const staleSeconds = Math.min(freshness.staleSeconds, leftSeconds - maxAgeSeconds);
  const name = `${maxAgeSeconds} ${staleSeconds}`;
  const known = shortened.get(name) ?? { maxAgeSeconds, staleSeconds };
  shortened.set(name, known);
  return known;
}

const cacheControls = new Map<Freshness, string>();

export function cacheControl(freshness: Freshness): string {
  const known = cacheControls.get(freshness) ?? cacheControlOf(freshness);
  cacheControls.set(freshness, known);
  return known;
}

function cacheControlOf({ maxAgeSeconds, staleSeconds }: Freshness): string {
  return `public, max-age=${maxAgeSeconds}, stale-while-revalidate=${staleSeconds}`;
}
