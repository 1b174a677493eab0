import { resolve, sep } from "node:path";
import { type ImageEnding, imageEnding } from "@stoa/runtime";
import { IMAGE_BYTES_MAX } from "../media/clean-image.ts";
import { MEDIA_URL_PREFIX, mediaName } from "../media/media-library.ts";

export interface MediaOptions {
  /** Where relative paths of the file start; nothing outside it is read. Null for none. */
  readonly imagesDir: string | null;
  /** Keeps a picture by its content; answers whether it is new. Null in a dry run. */
  readonly keep: ((bytes: Uint8Array, ending: ImageEnding) => Promise<boolean>) | null;
}

export type MediaOutcome =
  | { readonly kind: "ok"; readonly url: string }
  | { readonly kind: "bad"; readonly message: string };

/** Brings the images of an import into the shop's media, each once; http(s) URLs and what lies there already are kept as they are. */
export class MediaImporter {
  copied = 0;
  readonly #known = new Map<string, Promise<MediaOutcome>>();

  constructor(readonly options: MediaOptions) {}

  /** The URL of an image named in a file. Never throws for an image that is missing or none. */
  resolve(reference: string): Promise<MediaOutcome> {
    if (reference.startsWith(MEDIA_URL_PREFIX)) return Promise.resolve({ kind: "ok", url: reference });
    if (/^https?:\/\/[^\s"<>\\]+$/.test(reference)) return Promise.resolve({ kind: "ok", url: reference });
    const known = this.#known.get(reference) ?? this.#take(reference);
    this.#known.set(reference, known);
    return known;
  }

  async #take(reference: string): Promise<MediaOutcome> {
    if (this.options.imagesDir === null)
      return { kind: "bad", message: `image ${reference} did not come with the file` };
    const root = resolve(this.options.imagesDir);
    const path = resolve(root, reference);
    if (!path.startsWith(root + sep))
      return { kind: "bad", message: `image ${reference} lies outside the images folder` };
    const file = Bun.file(path);
    if (!(await file.exists())) return { kind: "bad", message: `image ${reference} is missing` };
    if (file.size > IMAGE_BYTES_MAX)
      return { kind: "bad", message: `image ${reference} is over ${IMAGE_BYTES_MAX} bytes` };
    const bytes = await file.bytes();
    const ending = imageEnding(bytes);
    if (!ending) return { kind: "bad", message: `image ${reference} is no JPEG, PNG, WebP, AVIF or GIF` };
    if (await this.options.keep?.(bytes, ending)) this.copied += 1;
    return { kind: "ok", url: MEDIA_URL_PREFIX + mediaName(bytes, ending) };
  }
}
