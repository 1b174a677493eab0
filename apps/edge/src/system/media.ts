import { problem } from "@stoa/kernel";
import type { EdgeDeps } from "../deps.ts";
import { matchesEtag } from "../http/etag.ts";

const PREFIX = "/media/";
const PATH = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}(?:\/[A-Za-z0-9][A-Za-z0-9._-]{0,199}){0,5}$/;
const FOREVER = "public, max-age=31536000, immutable";

/** An uploaded file. Its path is a plain one, its type is what its name says, and no browser may make a page of it. */
export async function mediaAnswer(deps: EdgeDeps, request: Request, pathname: string): Promise<Response> {
  const path = pathname.slice(PREFIX.length);
  const file = deps.media && PATH.test(path) && !path.includes("..") ? await deps.media(path) : null;
  if (!file) throw problem("not_found");
  const headers: Record<string, string> = {
    etag: file.etag,
    "cache-control": FOREVER,
    "cross-origin-resource-policy": "cross-origin",
    // A picture may hold scripts when it is an SVG; sandboxed without a source for anything, they stay dead.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  };
  if (matchesEtag(request.headers.get("if-none-match"), file.etag)) return new Response(null, { status: 304, headers });
  headers["content-type"] = file.contentType;
  headers["content-length"] = String(file.size);
  return new Response(file.body, { headers });
}
