import { problem } from "@stoa/kernel";
import { mediaTypeOf } from "@stoa/runtime/portable";
import type { EdgeDeps, EdgeMedia, MediaFile } from "../deps.ts";
import { matchesEtag } from "../http/etag.ts";
import { type WantedImage, wantedImage } from "./wanted-image.ts";

const PREFIX = "/media/";
const FOREVER = "public, max-age=31536000, immutable";
/** For a picture that stands in for one that could not be made. */
const BRIEFLY = "public, max-age=60";

/**
 * A file of the shop's, pictures in the size and format that are asked for. Its type is what its name says, and no browser may make
 * a page of it. @throws problem `not_found`, `validation_failed`.
 */
export async function mediaAnswer(deps: Pick<EdgeDeps, "media">, request: Request, url: URL): Promise<Response> {
  const path = url.pathname.slice(PREFIX.length);
  const contentType = mediaTypeOf(path);
  if (!deps.media || contentType === null) throw problem("not_found");
  const accept = request.headers.get("accept") ?? "";
  const wanted = wantedImage(url.searchParams, { accept, contentType });
  const { file, isAsWanted } = await fileOf(deps.media, path, { wanted, contentType });
  const headers: Record<string, string> = {
    etag: file.etag,
    "cache-control": isAsWanted ? FOREVER : BRIEFLY,
    "cross-origin-resource-policy": "cross-origin",
    // A picture may hold scripts when it is an SVG; sandboxed without a source for anything, they stay dead.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    ...(wanted?.isNegotiated && { vary: "Accept" }),
  };
  if (matchesEtag(request.headers.get("if-none-match"), file.etag)) {
    if (!(file.body instanceof Blob)) await file.body.cancel();
    return new Response(null, { status: 304, headers });
  }
  headers["content-type"] = file.contentType;
  if (file.size !== null) headers["content-length"] = String(file.size);
  return new Response(file.body, { headers });
}

interface Found {
  readonly file: MediaFile;
  readonly isAsWanted: boolean;
}

async function fileOf(
  media: EdgeMedia,
  path: string,
  { wanted, contentType }: { readonly wanted: WantedImage | null; readonly contentType: string },
): Promise<Found> {
  const made = wanted && (await media.image(path, wanted));
  if (made) return { file: made, isAsWanted: true };
  const stored = await media.source.read(path);
  if (!stored) throw problem("not_found");
  return { file: { ...stored, contentType }, isAsWanted: wanted === null };
}
