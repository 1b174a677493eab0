import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Files on disk up to a number of bytes; the ones that were not asked for longest go first. All of them may be lost. */
export class ImageCache {
  /** Name → bytes, the one used last at the end. */
  readonly #sizes = new Map<string, number>();
  #total = 0;

  private constructor(
    readonly folder: string,
    readonly bytesMax: number,
  ) {}

  /** Takes up what an earlier process has left there, the oldest first. */
  static async open(folder: string, bytesMax: number): Promise<ImageCache> {
    const cache = new ImageCache(folder, bytesMax);
    await mkdir(folder, { recursive: true });
    const names = await readdir(folder);
    const drafts = names.filter((name) => name.endsWith(".part"));
    await Promise.all(drafts.map((name) => rm(join(folder, name), { force: true })));
    const found = await Promise.all(
      names
        .filter((name) => !name.endsWith(".part"))
        .map(async (name) => ({ name, ...(await statOf(join(folder, name))) })),
    );
    for (const { name, size } of found.toSorted((left, right) => left.mtimeMs - right.mtimeMs))
      cache.#count(name, size);
    await cache.#evict();
    return cache;
  }

  /** Bytes kept now. */
  get size(): number {
    return this.#total;
  }

  /** Null when it is not there, or no longer. */
  async get(name: string): Promise<Blob | null> {
    const size = this.#sizes.get(name);
    if (size === undefined) return null;
    const file = Bun.file(join(this.folder, name));
    this.#forget(name);
    if (!(await file.exists())) return null;
    this.#count(name, size);
    return file;
  }

  /** Whoever reads meanwhile finds the whole file or none. What is larger than a tenth of the whole is not kept. */
  async put(name: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length > this.bytesMax / 10) return;
    const target = join(this.folder, name);
    const draft = `${target}.${crypto.randomUUID()}.part`;
    await Bun.write(draft, bytes);
    await rename(draft, target);
    this.#forget(name);
    this.#count(name, bytes.length);
    await this.#evict();
  }

  async #evict(): Promise<void> {
    for (const name of this.#sizes.keys()) {
      if (this.#total <= this.bytesMax) return;
      this.#forget(name);
      await rm(join(this.folder, name), { force: true });
    }
  }

  #count(name: string, size: number): void {
    this.#sizes.set(name, size);
    this.#total += size;
  }

  #forget(name: string): void {
    this.#total -= this.#sizes.get(name) ?? 0;
    this.#sizes.delete(name);
  }
}

async function statOf(path: string): Promise<{ size: number; mtimeMs: number }> {
  const { size, mtimeMs } = await stat(path);
  return { size, mtimeMs };
}
