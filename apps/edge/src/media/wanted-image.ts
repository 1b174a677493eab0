import { problem } from "@stoa/kernel";

/** Widths in which pictures are to be had; any number of them would fill any disk. */
const IMAGE_WIDTHS = [80, 160, 320, 480, 640, 960, 1_280, 1_920] as const;
const formats = ["avif", "webp", "jpeg", "png"] as const;
export type ImageFormat = (typeof formats)[number];

/** A picture in another size or format than it was uploaded in. */
export interface WantedImage {
  readonly width: number | null;
  readonly format: ImageFormat;
  /** Whether the caller's Accept header decided the format. */
  readonly isNegotiated: boolean;
}

/** What each kind of file becomes for those who take nothing newer. Kinds that are absent are sent as they are. */
const plainFormats: Readonly<Record<string, ImageFormat>> = {
  "image/avif": "jpeg",
  "image/jpeg": "jpeg",
  "image/png": "png",
  "image/webp": "jpeg",
};

/**
 * Reads `?w=<width>&format=auto|avif|webp|jpeg|png`; null when the file is wanted as it is, or is of a kind that is not remade:
 * drawings, moving pictures, documents. @throws problem `validation_failed` with what may be asked for.
 */
export function wantedImage(
  query: URLSearchParams,
  { accept, contentType }: { readonly accept: string; readonly contentType: string },
): WantedImage | null {
  const [w, format] = [query.get("w"), query.get("format")];
  if (w === null && format === null) return null;
  const width = w === null ? null : IMAGE_WIDTHS.find((known) => String(known) === w);
  if (width === undefined) throw badMember("w", `must be one of ${IMAGE_WIDTHS.join(", ")}`);
  const plain = plainFormats[contentType];
  if (format === null || format === "auto") {
    return plain === undefined ? null : { width, format: negotiated(accept, plain), isNegotiated: true };
  }
  const chosen = formats.find((known) => known === format);
  if (chosen === undefined) throw badMember("format", `must be auto, ${formats.join(", ")}`);
  return plain === undefined ? null : { width, format: chosen, isNegotiated: false };
}

/** The smallest kind that the caller names; a bare wildcard, as tools send it, names none. */
function negotiated(accept: string, plain: ImageFormat): ImageFormat {
  if (accepts(accept, "image/avif")) return "avif";
  return accepts(accept, "image/webp") ? "webp" : plain;
}

function accepts(accept: string, type: string): boolean {
  return accept.split(",").some((part) => {
    const [name, ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
    return name === type && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}

function badMember(path: string, message: string) {
  return problem("validation_failed", { errors: [{ path, message }] });
}
