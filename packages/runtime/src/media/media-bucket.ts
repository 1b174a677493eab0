import { assertPath } from "./media-folder.ts";
import { fetchInTime, fileIn, refusalOf } from "./media-source.ts";
import type { MediaStore } from "./media-store.ts";
import { mediaTypeOf } from "./media-types.ts";

/** A signature is used at once; the rest is for clocks that differ. */
const SIGNATURE_SECONDS = 300;

export interface BucketPlace {
  readonly bucket: string;
  /** What stands before each path: "" or a folder with its slash. */
  readonly prefix: string;
  readonly endpoint?: string;
  readonly region?: string;
}

/** Reads `s3://bucket/prefix?endpoint=https://…&region=…`. @throws RangeError for anything else. */
export function parseBucketUrl(text: string): BucketPlace {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== "s3:" || url.hostname === "") {
    throw new RangeError("the media URL must be s3://bucket/prefix?endpoint=…&region=…");
  }
  const [endpoint, region] = [url.searchParams.get("endpoint"), url.searchParams.get("region")];
  const folder = url.pathname.replace(/^\/+|\/+$/g, "");
  return {
    bucket: url.hostname,
    prefix: folder === "" ? "" : `${folder}/`,
    ...(endpoint !== null && { endpoint }),
    ...(region !== null && { region }),
  };
}

/** Files in a bucket. Requests are signed here and sent by fetch, whose time-outs are ours. */
export function bucketStore(
  place: BucketPlace & { readonly accessKeyId: string; readonly secretAccessKey: string },
): MediaStore {
  const { prefix, ...options } = place;
  const client = new Bun.S3Client(options);
  const send = (method: "GET" | "HEAD" | "PUT" | "DELETE", path: string, init: RequestInit = {}) => {
    const url = client.presign(prefix + path, { method, expiresIn: SIGNATURE_SECONDS });
    return fetchInTime(url, { ...init, method });
  };
  const done = async (answer: Response) => {
    await answer.body?.cancel();
    if (!answer.ok && answer.status !== 404) throw refusalOf(answer);
  };
  return {
    read: async (path) => (mediaTypeOf(path) === null ? null : fileIn(await send("GET", path), path)),
    has: async (path) => (await fileIn(await send("HEAD", assertPath(path)), path)) !== null,
    async write(path, bytes) {
      const type = mediaTypeOf(assertPath(path)) ?? "application/octet-stream";
      await done(await send("PUT", path, { body: new Blob([bytes.slice()]), headers: { "content-type": type } }));
    },
    delete: async (path) => done(await send("DELETE", assertPath(path))),
  };
}
