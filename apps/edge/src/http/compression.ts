import type { PublicContent } from "./public-read.ts";

/** From this many characters on, what is saved on the way is worth the bytes that compression itself adds. */
export const COMPRESS_FROM = 1_024;

export type Gzip = (text: string) => Uint8Array<ArrayBuffer>;

/** What is held is packed once, when it is first asked for so; the packed bytes go when the answer goes. */
const packed = new WeakMap<PublicContent, Uint8Array<ArrayBuffer>>();

/** The body as gzip. */
export function packOf(content: PublicContent, gzip: Gzip): Uint8Array<ArrayBuffer> {
  const known = packed.get(content);
  if (known) return known;
  const bytes = gzip(content.body);
  packed.set(content, bytes);
  return bytes;
}

/** Clients have few ways to say what they take. */
const judged = new Map<string, boolean>();
const JUDGED_MAX = 100;

/** Whether Accept-Encoding takes gzip: named, or by `*`, and not with `q=0`. */
export function acceptsGzip(acceptEncoding: string | null): boolean {
  if (acceptEncoding === null) return false;
  const known = judged.get(acceptEncoding);
  if (known !== undefined) return known;
  if (judged.size >= JUDGED_MAX) judged.clear();
  const takes = takesGzip(acceptEncoding);
  judged.set(acceptEncoding, takes);
  return takes;
}

function takesGzip(acceptEncoding: string): boolean {
  const weights = new Map(
    acceptEncoding.split(",").map((part) => {
      const [coding = "", ...parameters] = part.split(";").map((piece) => piece.trim().toLowerCase());
      const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
      return [coding, weight === undefined ? 1 : Number(weight)];
    }),
  );
  return (weights.get("gzip") ?? weights.get("*") ?? 0) > 0;
}
