/** What the shop keeps and serves, by the name's ending; any other name is not there. */
const contentTypes: Readonly<Record<string, string>> = {
  avif: "image/avif",
  gif: "image/gif",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  mp4: "video/mp4",
  pdf: "application/pdf",
  png: "image/png",
  svg: "image/svg+xml",
  webm: "video/webm",
  webp: "image/webp",
};

/** Plain names in at most six folders: nothing that a file system or a URL reads otherwise. */
const PATH = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}(?:\/[A-Za-z0-9][A-Za-z0-9._-]{0,199}){0,5}$/;

/** The content type of a file that the shop may serve; null for a path or a kind of file that it does not. */
export function mediaTypeOf(path: string): string | null {
  if (!PATH.test(path) || path.includes("..")) return null;
  const ending = /\.([a-z0-9]+)$/.exec(path.toLowerCase())?.[1] ?? "";
  return Object.hasOwn(contentTypes, ending) ? (contentTypes[ending] ?? null) : null;
}

export type ImageEnding = "avif" | "gif" | "jpg" | "png" | "webp";

/** By the first bytes, never by the name: an SVG or a page would be run by whoever opens it. */
export function imageEnding(bytes: Uint8Array): ImageEnding | null {
  const ascii = (start: number, end: number) => String.fromCharCode(...bytes.subarray(start, end));
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return "jpg";
  if (ascii(1, 4) === "PNG") return "png";
  if (ascii(0, 4) === "RIFF" && ascii(8, 12) === "WEBP") return "webp";
  if (ascii(0, 4) === "GIF8") return "gif";
  if (ascii(4, 8) === "ftyp" && /^(?:avif|avis)/.test(ascii(8, 12))) return "avif";
  return null;
}
