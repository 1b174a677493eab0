import { realpath } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import type { MediaFile } from "../deps.ts";

/** What the shop serves; any other name is not there. */
const contentTypes: Readonly<Record<string, string>> = {
  ".avif": "image/avif",
  ".gif": "image/gif",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".mp4": "video/mp4",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".webm": "video/webm",
  ".webp": "image/webp",
};

/** Reads files below a folder; never one outside of it, also not by a link. */
export function mediaFolder(folder: string): (path: string) => Promise<MediaFile | null> {
  return async (path) => {
    const contentType = contentTypes[extname(path).toLowerCase()];
    if (contentType === undefined) return null;
    const real = await realPaths(folder, path);
    if (!real?.file.startsWith(real.root + sep)) return null;
    const body = Bun.file(real.file);
    const { size, mtimeMs } = await body.stat();
    return { body, size, contentType, etag: `"${size.toString(36)}-${Math.floor(mtimeMs).toString(36)}"` };
  };
}

async function realPaths(folder: string, path: string): Promise<{ root: string; file: string } | null> {
  try {
    const root = await realpath(folder);
    return { root, file: await realpath(join(root, path)) };
  } catch {
    return null;
  }
}
