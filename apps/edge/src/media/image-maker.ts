import {
  type Logger,
  type MediaSource,
  type Metrics,
  type StoredFile,
  type Turns,
  Unavailable,
} from "@stoa/runtime/portable";
import sharp from "sharp";
import type { MediaFile } from "../deps.ts";
import type { ImageCache } from "./image-cache.ts";
import type { ImageFormat, WantedImage } from "./wanted-image.ts";

/** Grows when the same picture would be made otherwise: what was made before is then asked for no more. */
const VERSION = 1;
const SOURCE_BYTES_MAX = 40_000_000;
/** More than any camera in use; a small file that unpacks to more is a bomb. */
const PIXELS_MAX = 50_000_000;
const MAKING_SECONDS_MAX = 15;

const settings = {
  avif: { quality: 55, effort: 3 },
  webp: { quality: 80, effort: 4 },
  jpeg: { quality: 82, mozjpeg: true },
  png: { compressionLevel: 9 },
} as const satisfies { readonly [Format in ImageFormat]: object };

export interface ImageMakerOptions {
  readonly source: MediaSource;
  readonly cache: ImageCache;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Who comes when the line is full gets the picture as it was uploaded. */
  readonly turns: Turns;
}

/** Pictures in other sizes and formats, made when they are first asked for and kept on disk. */
export class ImageMaker {
  readonly #making = new Map<string, Promise<Uint8Array | null>>();
  readonly #count: (labels: { readonly outcome: "kept" | "made" | "shed" | "failed" }) => void;
  readonly #measure: (labels: { readonly format: string }, seconds: number) => void;
  readonly #keeps: (labels: Record<never, never>, bytes: number) => void;

  constructor(readonly options: ImageMakerOptions) {
    // One thread a picture: how many work at once is decided here.
    sharp.concurrency(1);
    sharp.cache(false);
    const { metrics } = options;
    this.#count = metrics.counter({
      name: "images_total",
      help: "Pictures by how they came about.",
      labels: ["outcome"],
    });
    this.#measure = metrics.histogram({
      name: "image_making_duration_seconds",
      help: "How long a picture took to be made.",
      labels: ["format"],
    });
    this.#keeps = metrics.gauge({ name: "image_cache_bytes", help: "Pictures kept on disk.", labels: [] });
  }

  /**
   * The picture as it is wanted; null when it cannot be made now (too much to do) or at all (not there, broken, too large): what was
   * uploaded then has to do. Callers that ask for the same one share one making.
   */
  async image(path: string, wanted: WantedImage): Promise<MediaFile | null> {
    const name = nameOf(path, wanted);
    const kept = await this.options.cache.get(name);
    if (kept) this.#count({ outcome: "kept" });
    const body = kept ?? (await this.#shared(name, path, wanted));
    if (body === null) return null;
    const blob = body instanceof Blob ? body : new Blob([body as Uint8Array<ArrayBuffer>]);
    return { body: blob, size: blob.size, contentType: `image/${wanted.format}`, etag: etagOf(path, wanted) };
  }

  #shared(name: string, path: string, wanted: WantedImage): Promise<Uint8Array | null> {
    const shared = this.#making.get(name);
    if (shared) return shared;
    const making = this.options.turns
      .run(() => this.#make(name, path, wanted))
      .catch((error: unknown) => {
        if (!(error instanceof Unavailable)) throw error;
        this.#count({ outcome: "shed" });
        return null;
      })
      .finally(() => this.#making.delete(name));
    this.#making.set(name, making);
    return making;
  }

  async #make(name: string, path: string, wanted: WantedImage): Promise<Uint8Array | null> {
    const { source, cache, logger } = this.options;
    const file = await source.read(path);
    if (!file) return null;
    const startedAt = performance.now();
    try {
      const made = await remake(await bytesOf(file), wanted);
      this.#measure({ format: wanted.format }, (performance.now() - startedAt) / 1_000);
      this.#count({ outcome: "made" });
      await cache.put(name, made);
      this.#keeps({}, cache.size);
      return made;
    } catch (error) {
      this.#count({ outcome: "failed" });
      logger.warn("a picture could not be made", { path, width: wanted.width, format: wanted.format, error });
      return null;
    }
  }
}

/** Never larger than it was uploaded, upright, and without what the camera has written into it. */
async function remake(bytes: Uint8Array, { width, format }: WantedImage): Promise<Uint8Array> {
  const image = sharp(bytes, { limitInputPixels: PIXELS_MAX, failOn: "error" })
    .autoOrient()
    .timeout({ seconds: MAKING_SECONDS_MAX });
  const sized = width === null ? image : image.resize({ width, withoutEnlargement: true });
  const opaque = format === "jpeg" ? sized.flatten({ background: "white" }) : sized;
  return opaque.toFormat(format, settings[format]).toBuffer();
}

async function bytesOf({ body, size }: StoredFile): Promise<Uint8Array> {
  if ((size ?? 0) > SOURCE_BYTES_MAX) throw new RangeError(`${size} bytes are too many`);
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const part of body instanceof Blob ? body.stream() : body) {
    total += part.length;
    if (total > SOURCE_BYTES_MAX) throw new RangeError(`more than ${SOURCE_BYTES_MAX} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** A file never changes under its name, so what is made of it is known by name, size and format alone. */
function etagOf(path: string, { width, format }: WantedImage): string {
  return `"${keyOf(path, width, format)}"`;
}

function nameOf(path: string, { width, format }: WantedImage): string {
  return `${keyOf(path, width, format)}.${format}`;
}

function keyOf(path: string, width: number | null, format: ImageFormat): string {
  return new Bun.CryptoHasher("sha256").update(`${VERSION}|${path}|${width}|${format}`).digest("hex").slice(0, 32);
}
