import { bucketStore, parseBucketUrl } from "./media-bucket.ts";
import { folderStore } from "./media-folder.ts";
import type { MediaSource } from "./media-source.ts";

/** Where the shop keeps its files. Writing what is there already, and deleting what is not, is no mistake. */
export interface MediaStore extends MediaSource {
  has(path: string): Promise<boolean>;
  write(path: string, bytes: Uint8Array): Promise<void>;
  delete(path: string): Promise<void>;
}

export interface MediaPlace {
  /** `s3://bucket/prefix?endpoint=https://…&region=…`; without it, the folder. */
  readonly url?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  readonly folder: string;
}

/** A bucket of any S3-compatible store, or a folder. @throws RangeError for a URL or keys that do not name a bucket. */
export function openMediaStore({ url, accessKeyId, secretAccessKey, folder }: MediaPlace): MediaStore {
  if (url === undefined) return folderStore(folder);
  if (!accessKeyId || !secretAccessKey) throw new RangeError(`${url} needs an access key and its secret`);
  return bucketStore({ ...parseBucketUrl(url), accessKeyId, secretAccessKey });
}
