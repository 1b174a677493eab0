import type { Instant } from "@stoa/kernel";
import type { ImageEnding, MediaStore } from "@stoa/runtime";
import type { CatalogDatabase } from "../database.ts";
import type { ProductContent } from "../documents.ts";
import type { MediaDocument } from "./media-document.ts";

/** What stands before a file's name in its URL, so that edge serves it wherever it lies. */
export const MEDIA_URL_PREFIX = "/media/";

export interface LibraryDeps {
  readonly catalog: CatalogDatabase;
  readonly files: MediaStore;
  readonly now: Instant;
}

export interface NewMedia {
  readonly bytes: Uint8Array;
  readonly ending: ImageEnding;
  readonly size: { readonly width: number; readonly height: number } | null;
}

/** Keeps a picture under the hash of its content, once however often it comes. Answers its row and whether it is new. */
export async function keepMedia(
  { catalog, files, now }: LibraryDeps,
  { bytes, ending, size }: NewMedia,
): Promise<{ readonly media: MediaDocument; readonly isNew: boolean }> {
  const _id = mediaName(bytes, ending);
  // The row first: the sweep, should it be about to take this very file away, then puts it back.
  const before = await catalog.media.findOneAndUpdate(
    { _id },
    { $set: { seenAt: now }, $setOnInsert: { size, bytes: bytes.length, uploadedAt: now } },
    { upsert: true, returnDocument: "before" },
  );
  const isNew = !(await files.has(_id));
  if (isNew) await files.write(_id, bytes);
  return { media: before ?? { _id, size, bytes: bytes.length, uploadedAt: now, seenAt: now }, isNew };
}

export function mediaName(bytes: Uint8Array, ending: ImageEnding): string {
  return `${new Bun.CryptoHasher("sha256").update(bytes).digest("hex").slice(0, 32)}.${ending}`;
}

/** Says that a product is about to name these files: the sweep leaves them alone for a while. */
export async function noteMedia(
  { catalog, now }: Omit<LibraryDeps, "files">,
  content: Pick<ProductContent, "media" | "variants">,
): Promise<void> {
  const names = mediaNames(content);
  if (names.length > 0) await catalog.media.updateMany({ _id: { $in: names } }, { $set: { seenAt: now } });
}

/** Names of the shop's own files that a product shows. */
export function mediaNames({ media, variants }: Pick<ProductContent, "media" | "variants">): string[] {
  const urls = [...media, ...variants.flatMap((variant) => variant.image ?? [])].map(({ url }) => url);
  const own = urls.filter((url) => url.startsWith(MEDIA_URL_PREFIX));
  return [...new Set(own.map((url) => url.slice(MEDIA_URL_PREFIX.length)))];
}
