import { problem } from "@stoa/kernel";
import { type Turns, Unavailable } from "@stoa/runtime";
import { type CleanImage, cleanImage } from "./clean-image.ts";
import { keepMedia, type LibraryDeps, MEDIA_URL_PREFIX } from "./media-library.ts";

/** What staff hear of a picture they have sent: all that a product needs to show it. */
export interface UploadedImage {
  readonly name: string;
  readonly url: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly bytes: number;
}

/** Cleans what was sent when its turn comes. @throws problem `validation_failed`, `service_unavailable` for one too many. */
export async function cleanInTurn(turns: Turns, sent: Uint8Array): Promise<CleanImage> {
  try {
    return await turns.run(() => cleanImage(sent));
  } catch (error) {
    if (error instanceof Unavailable) throw problem("service_unavailable", { detail: "too many pictures at once" });
    throw error;
  }
}

/** Keeps a clean picture. The same one again is the same file. */
export async function uploadImage(deps: LibraryDeps, image: CleanImage): Promise<UploadedImage> {
  const { bytes, ending, width, height } = image;
  const { media } = await keepMedia(deps, { bytes, ending, size: { width, height } });
  return { name: media._id, url: MEDIA_URL_PREFIX + media._id, size: { width, height }, bytes: bytes.length };
}
