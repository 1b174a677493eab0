import { mkdir, stat } from "node:fs/promises";
import { resolve, sep } from "node:path";

const IMAGE_BYTES_MAX = 20_000_000;

export interface MediaOptions {
  /** Where relative paths of the file start; nothing outside it is read. */
  readonly imagesDir: string;
  /** Where images are kept, named by their content. */
  readonly mediaDir: string;
  /** What stands before the name of an image in its URL. */
  readonly mediaUrl: string;
  readonly dryRun: boolean;
}

export type MediaOutcome =
  | { readonly kind: "ok"; readonly url: string }
  | { readonly kind: "bad"; readonly message: string };

/** Brings the images of an import into the shop's media, each once; http(s) URLs are kept as they are. */
export class MediaImporter {
  copied = 0;
  readonly #known = new Map<string, Promise<MediaOutcome>>();

  constructor(readonly options: MediaOptions) {}

  /** The URL of an image named in a file. Never throws for an image that is missing or none. */
  resolve(reference: string): Promise<MediaOutcome> {
    if (/^https?:\/\/[^\s"<>\\]+$/.test(reference)) return Promise.resolve({ kind: "ok", url: reference });
    const known = this.#known.get(reference) ?? this.#take(reference);
    this.#known.set(reference, known);
    return known;
  }

  async #take(reference: string): Promise<MediaOutcome> {
    const root = resolve(this.options.imagesDir);
    const path = resolve(root, reference);
    if (!path.startsWith(root + sep))
      return { kind: "bad", message: `image ${reference} lies outside the images folder` };
    const file = Bun.file(path);
    if (!(await file.exists())) return { kind: "bad", message: `image ${reference} is missing` };
    if (file.size > IMAGE_BYTES_MAX)
      return { kind: "bad", message: `image ${reference} is over ${IMAGE_BYTES_MAX} bytes` };
    const bytes = await file.bytes();
    const extension = imageExtension(bytes);
    if (!extension) return { kind: "bad", message: `image ${reference} is no JPEG, PNG, WebP, AVIF or GIF` };
    const name = `${new Bun.CryptoHasher("sha256").update(bytes).digest("hex").slice(0, 32)}.${extension}`;
    await this.#keep(name, bytes);
    return { kind: "ok", url: `${this.options.mediaUrl}/${name}` };
  }

  async #keep(name: string, bytes: Uint8Array): Promise<void> {
    if (this.options.dryRun) return;
    await mkdir(this.options.mediaDir, { recursive: true });
    const target = resolve(this.options.mediaDir, name);
    const present = await stat(target).catch(() => null);
    if (present?.size === bytes.byteLength) return;
    await Bun.write(target, bytes);
    this.copied += 1;
  }
}

/** By the first bytes, never by the name: an SVG or a page would be run by whoever opens it. */
export function imageExtension(bytes: Uint8Array): string | null {
  const ascii = (start: number, end: number) => String.fromCharCode(...bytes.subarray(start, end));
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return "jpg";
  if (ascii(1, 4) === "PNG") return "png";
  if (ascii(0, 4) === "RIFF" && ascii(8, 12) === "WEBP") return "webp";
  if (ascii(0, 4) === "GIF8") return "gif";
  if (ascii(4, 8) === "ftyp" && /^(?:avif|avis)/.test(ascii(8, 12))) return "avif";
  return null;
}
