import type { Clock } from "@stoa/kernel";
import { PUBLISHABLE_KEY_HEADER } from "./api-keys.ts";
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

/** The 204 of what is done and has nothing to tell. */
export function noContent(): Response {
  return new Response(null, { status: 204, headers: { "cache-control": PRIVATE } });
}

/** An answer that shared caches may keep. It stays the same however often it is given. */
export interface PublicBody {
  readonly body: string;
  readonly etag: string;
  readonly freshness: Freshness;
  readonly contentType?: string;
  /** Milliseconds since the epoch. */
  readonly writtenAt?: number | null;
  /** Language of the texts in it. */
  readonly language?: string | undefined;
  /** Another caller may get the same URL in another language. */
  readonly variesByLanguage?: boolean;
  /** The same URL may be answered otherwise to whoever calls with another publishable key. */
  readonly variesByKey?: boolean;
  /** The body as gzip, where this process may pack it. */
  readonly pack?: () => Uint8Array<ArrayBuffer>;
}

export interface Giving {
  /** How long ago it was made. */
  readonly ageMs?: number;
  /** In place of its own, where that is shorter by now. */
  readonly freshness?: Freshness;
  /** Further headers that are the same whenever it is given. */
  readonly fixed?: Readonly<Record<string, string>>;
  /** Headers of this giving alone, the same names each time. */
  readonly own?: Readonly<Record<string, string>>;
}

/**
 * An answer for a request; 304 without a body when the caller has it already. It says how old it is: `Age` since it was made,
 * `Last-Modified` since what it was made of was written.
 */
export function publicAnswer(
  request: Request,
  content: PublicBody,
  { ageMs = 0, freshness = content.freshness, fixed = nothing, own = nothing }: Giving = {},
): Response {
  const { body, etag, pack } = content;
  const isPacked = pack !== undefined && mayPack(content) && acceptsGzip(request.headers.get("accept-encoding"));
  const head = headOf(content, fixed, isPacked);
  // A response copies its head, so what every giving has of its own is written into the one that is kept: to look at the copy costs more.
  for (const name in own) head.set(name, own[name] ?? "");
  const ifNoneMatch = request.headers.get("if-none-match");
  const isKnown = ifNoneMatch !== null && matchesEtag(ifNoneMatch, etag);
  const isHead = request.method === "HEAD";
  const sent = isKnown || isHead ? null : isPacked ? pack() : body;
  const response = new Response(sent, { status: isKnown ? 304 : 200, headers: head });
  if (freshness !== content.freshness) response.headers.set("cache-control", cacheControl(freshness));
  if (ageMs >= 1_000) response.headers.set("age", String(Math.floor(ageMs / 1_000)));
  if (isKnown) for (const name of ["content-type", "content-encoding"]) response.headers.delete(name);
  else if (isHead) response.headers.set("content-length", String(isPacked ? pack().byteLength : bytesOf(body)));
  return response;
}

const nothing: Readonly<Record<string, string>> = {};

function mayPack({ pack, body }: PublicBody): boolean {
  return pack !== undefined && body.length >= COMPRESS_FROM;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}

/** Made once for an answer: putting headers together costs more than all else here. */
const heads = new WeakMap<PublicBody, { plain?: Headers; packed?: Headers }>();

function headOf(content: PublicBody, fixed: Readonly<Record<string, string>>, isPacked: boolean): Headers {
  let known = heads.get(content);
  if (!known) {
    known = {};
    heads.set(content, known);
  }
  const form = isPacked ? "packed" : "plain";
  known[form] ??= newHead(content, fixed, isPacked);
  return known[form];
}

function newHead(content: PublicBody, fixed: Readonly<Record<string, string>>, isPacked: boolean): Headers {
  const { etag, freshness, contentType, writtenAt } = content;
  const headers = new Headers(fixed);
  if (content.language !== undefined) headers.set("content-language", content.language);
  if (content.variesByKey) headers.append("vary", PUBLISHABLE_KEY_HEADER);
  if (content.variesByLanguage) headers.append("vary", "Accept-Language");
  if (mayPack(content)) headers.append("vary", "Accept-Encoding");
  // One validator for two forms of one answer has to be a weak one.
  headers.set("etag", isPacked && !etag.startsWith("W/") ? `W/${etag}` : etag);
  headers.set("cache-control", cacheControl(freshness));
  if (writtenAt != null) headers.set("last-modified", new Date(writtenAt).toUTCString());
  headers.set("content-type", contentType ?? JSON_TYPE);
  if (isPacked) headers.set("content-encoding", "gzip");
  return headers;
}

/** The same, but no cache keeps the answer beyond the moment at which it ceases to be true. */
export function freshUntil(freshness: Freshness, until: number | undefined, clock: Clock): Freshness {
  if (until === undefined) return freshness;
  const leftSeconds = Math.max(0, Math.floor((until - clock.now()) / 1_000));
  const maxAgeSeconds = Math.min(freshness.maxAgeSeconds, leftSeconds);
  return { maxAgeSeconds, staleSeconds: Math.min(freshness.staleSeconds, leftSeconds - maxAgeSeconds) };
}

/** The `Cache-Control` of an answer that shared caches may keep. */
export function cacheControl({ maxAgeSeconds, staleSeconds }: Freshness): string {
  return `public, max-age=${maxAgeSeconds}, stale-while-revalidate=${staleSeconds}`;
}
