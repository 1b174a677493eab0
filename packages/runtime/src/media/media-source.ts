import { patience } from "../patience.ts";
import { isConnectionRefused, Unavailable } from "../resilience.ts";
import { mediaTypeOf } from "./media-types.ts";

/** A file that lies in the shop's media. */
export interface StoredFile {
  readonly body: Blob | ReadableStream<Uint8Array>;
  /** Bytes; null when it is not told. */
  readonly size: number | null;
  /** A strong ETag, quotes included. */
  readonly etag: string;
}

/** Where the shop's files are read. A path is one that `mediaTypeOf` knows; any other is not there. */
export interface MediaSource {
  /** Null for what is not there. @throws when the place cannot be reached. */
  read(path: string): Promise<StoredFile | null>;
}

/** Files on another HTTP server, such as a bucket that is public. `init` is handed to each fetch. */
export function mediaOrigin(baseUrl: string, init: RequestInit = {}): MediaSource {
  const base = baseUrl.replace(/\/*$/, "/");
  return {
    async read(path) {
      if (mediaTypeOf(path) === null) return null;
      return fileIn(await fetchInTime(new URL(path, base), init), path);
    },
  };
}

/** Waits only so long for an answer to begin; its body may then take as long as whoever reads it. @throws Unavailable. */
export async function fetchInTime(url: URL | string, init: RequestInit = {}): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Unavailable("media", "timeout")), patience.media.answerMs);
  try {
    return await fetch(url, { redirect: "error", ...init, signal: late.signal });
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    throw new Unavailable("media", isConnectionRefused(error) ? "refused" : "unreachable");
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A server's answer as a file; null for 404, and for the 403 by which a bucket says so to those who may not list it.
 * @throws Unavailable, or Error for any other refusal, such as of a key that is wrong.
 */
export async function fileIn(answer: Response, path: string): Promise<StoredFile | null> {
  if (answer.ok) {
    const length = answer.headers.get("content-length");
    // Files are named by their content, so the name can stand for it where the server has no better validator.
    const etag = answer.headers.get("etag")?.replace(/^W\//, "") ?? `"${path}"`;
    return { body: answer.body ?? new Blob([]), size: length === null ? null : Number(length), etag };
  }
  const said = await answer.text();
  if (answer.status === 404 || (answer.status === 403 && said.includes("AccessDenied"))) return null;
  throw refusalOf(answer);
}

/** What a server's refusal says: that it is broken or has too much to do now, or that it does not take what was sent. */
export function refusalOf({ status }: Response): Error {
  if (status >= 500 || status === 429) return new Unavailable("media", "unreachable");
  return new Error(`the media store answered ${status}`);
}
