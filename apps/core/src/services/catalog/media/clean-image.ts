import { problem } from "@stoa/kernel";
import { type ImageEnding, imageEnding } from "@stoa/runtime";
import sharp, { type Sharp } from "sharp";

/** A file of staff. */
export const IMAGE_BYTES_MAX = 20_000_000;
/** All frames together: more than any camera in use, and what a small file that is a bomb unpacks to. */
const PIXELS_MAX = 50_000_000;
/** The longer side of what is kept; no screen shows more. */
const SIDE_MAX = 4_096;
const CLEANING_SECONDS_MAX = 30;

/** A picture that is safe to be shown: upright, in sRGB, with nothing in it but its pixels. */
export interface CleanImage {
  readonly bytes: Uint8Array;
  readonly ending: ImageEnding;
  readonly width: number;
  readonly height: number;
}

/** What was sent is unpacked and packed anew, so that neither a place, a name nor a second file inside of it goes along. */
const packings: Readonly<Record<ImageEnding, (image: Sharp) => Sharp>> = {
  avif: (image) => image.avif({ quality: 75, effort: 3 }),
  gif: (image) => image.gif(),
  jpg: (image) => image.jpeg({ quality: 90, chromaSubsampling: "4:4:4" }),
  png: (image) => image.png(),
  webp: (image) => image.webp({ quality: 90 }),
};

/** @throws problem `validation_failed` for what is no picture, a broken one, or one that is too large to be unpacked. */
export async function cleanImage(sent: Uint8Array): Promise<CleanImage> {
  const ending = imageEnding(sent);
  if (!ending) throw badFile("is no JPEG, PNG, WebP, AVIF or GIF");
  // One thread a picture: how many are unpacked at once is decided by who calls.
  sharp.concurrency(1);
  try {
    const image = sharp(sent, { limitInputPixels: PIXELS_MAX, failOn: "error", animated: true });
    const { width, height, pages = 1 } = await image.metadata();
    if (width * height > PIXELS_MAX) throw new RangeError("too many pixels");
    const upright = pages > 1 ? image : image.autoOrient();
    const sized = upright.resize({ width: SIDE_MAX, height: SIDE_MAX, fit: "inside", withoutEnlargement: true });
    const { data, info } = await packings[ending](sized).timeout({ seconds: CLEANING_SECONDS_MAX }).toBuffer({
      resolveWithObject: true,
    });
    return { bytes: data, ending, width: info.width, height: info.pageHeight ?? info.height };
  } catch {
    throw badFile(`is broken, or has more than ${PIXELS_MAX / 1_000_000} million pixels`);
  }
}

function badFile(message: string) {
  return problem("validation_failed", { errors: [{ path: "file", message }] });
}
