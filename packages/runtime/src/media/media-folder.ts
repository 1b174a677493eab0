import { mkdir, realpath, rename, rm } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import type { MediaStore } from "./media-store.ts";
import { mediaTypeOf } from "./media-types.ts";

/** Files below a folder; never one outside of it, also not by a link. */
export function folderStore(folder: string): MediaStore {
  return {
    async read(path) {
      if (mediaTypeOf(path) === null) return null;
      const real = await realPaths(folder, path);
      if (!real?.file.startsWith(real.root + sep)) return null;
      const body = Bun.file(real.file);
      const { size, mtimeMs } = await body.stat();
      return { body, size, etag: `"${size.toString(36)}-${Math.floor(mtimeMs).toString(36)}"` };
    },
    has: (path) => Bun.file(join(folder, assertPath(path))).exists(),
    async write(path, bytes) {
      const target = join(folder, assertPath(path));
      await mkdir(dirname(target), { recursive: true });
      // Whoever reads meanwhile sees the whole file or none.
      const draft = `${target}.${crypto.randomUUID()}.part`;
      await Bun.write(draft, bytes);
      await rename(draft, target);
    },
    delete: (path) => rm(join(folder, assertPath(path)), { force: true }),
  };
}

/** @throws RangeError for a path that could leave the folder. */
export function assertPath(path: string): string {
  if (mediaTypeOf(path) === null) throw new RangeError(`${path} is no path of a media file`);
  return path;
}

async function realPaths(folder: string, path: string): Promise<{ root: string; file: string } | null> {
  try {
    const root = await realpath(folder);
    return { root, file: await realpath(join(root, path)) };
  } catch {
    return null;
  }
}
